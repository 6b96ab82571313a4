import fc from "fast-check";
import t from "tap";
import { hostList, portList } from "../../src/alert/list.ts";

t.test("ports", async (t) => {
	t.equal(portList([1, 7, 9, 21, 22, 23], 96, 200), "1,7,9,21-23,+90");
	t.equal(portList([1, 7, 9, 21, 22, 23], 6, 200), "1,7,9,21-23");
	t.equal(portList([80, 81], 2, 200), "80,81");
	t.equal(portList([0, 1, 2, 65533, 65534, 65535], 6, 200), "0-2,65533-65535");
	t.equal(portList([], 0, 200), "");
	t.equal(portList([], 7, 200), "+7");
});

t.test("what doesn't fit is counted, no item is split", async (t) => {
	t.equal(portList([1000, 2000, 3000], 3, 14), "1000,2000,3000");
	t.equal(portList([1000, 2000, 3000], 3, 13), "1000,2000,+1");
	t.equal(portList([1000, 2000, 3000], 100, 12), "1000,+99");
	t.equal(portList([1, 20000, 20001, 20002], 4, 12), "1,+3");
	t.equal(portList([10000], 1000, 5), "+1000");
});

t.test("hosts", async (t) => {
	const hosts = ["192.0.2.3", "192.0.2.4"];
	t.equal(hostList(hosts, 12, 200), "192.0.2.3,192.0.2.4,+10");
	t.equal(hostList(hosts, 2, 19), "192.0.2.3,192.0.2.4");
	t.equal(hostList(hosts, 2, 18), "192.0.2.3,+1");
	t.equal(
		hostList(["2001:db8::3", "2001:db8::4"], 3, 200),
		"2001:db8::3,2001:db8::4,+1",
	);
});

t.test("any list: bounded, and the sum is exact", async () => {
	const port = fc.integer({ min: 0, max: 65535 });
	const ports = fc.oneof(
		fc.uniqueArray(port, { maxLength: 300 }),
		fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 300 }),
	);
	fc.assert(
		fc.property(
			ports.map((list) => list.sort((a, b) => a - b)),
			fc.nat(100_000),
			fc.integer({ min: 12, max: 220 }),
			(list, unseen, max) => {
				const total = list.length + unseen;
				const text = portList(list, total, max);
				const named: number[] = [];
				let counted = 0;
				for (const item of text ? text.split(",") : []) {
					const [, first = "", last = first] =
						/^(\d+)(?:-(\d+))?$/.exec(item) ?? [];
					if (item.startsWith("+")) counted = Number(item.slice(1));
					else
						for (let one = Number(first); one <= Number(last); one++)
							named.push(one);
				}
				return (
					text.length <= max &&
					named.length + counted === total &&
					named.every((one, i) => one === list[i])
				);
			},
		),
		{ numRuns: 5000 },
	);
});
