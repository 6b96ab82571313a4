import fc from "fast-check";
import t from "tap";
import {
	addRange,
	allPorts,
	emptyPorts,
	hasPort,
	portsOf,
	toRanges,
	union,
	without,
} from "../../src/config/portset.ts";

t.test("ports and ranges", async (t) => {
	const set = emptyPorts();
	t.equal(set.length, 8192);
	t.same(toRanges(set), []);
	addRange(set, 0);
	addRange(set, 6000, 6063);
	addRange(set, 65535);
	t.same(toRanges(set), [
		[0, 0],
		[6000, 6063],
		[65535, 65535],
	]);
	t.ok(hasPort(set, 0));
	t.notOk(hasPort(set, 1));
	t.notOk(hasPort(set, 5999));
	t.ok(hasPort(set, 6000));
	t.ok(hasPort(set, 6063));
	t.notOk(hasPort(set, 6064));
	t.ok(hasPort(set, 65535));
	t.same(toRanges(allPorts()), [[0, 65535]]);
});

t.test("union and difference leave both sets as they were", async (t) => {
	const [a, b] = [portsOf([1, 2, 3]), portsOf([3, 4])];
	t.same(toRanges(union(a, b)), [[1, 4]]);
	t.same(toRanges(without(a, b)), [[1, 2]]);
	t.same(toRanges(a), [[1, 3]]);
	t.same(toRanges(b), [[3, 4]]);
});

t.test("a set holds what was put in, and its ranges are it", async () => {
	const port = fc.integer({ min: 0, max: 65535 });
	fc.assert(
		fc.property(fc.uniqueArray(port), port, (ports, other) => {
			const set = portsOf(ports);
			const again = emptyPorts();
			for (const [first, last] of toRanges(set)) addRange(again, first, last);
			return (
				ports.every((port) => hasPort(set, port)) &&
				hasPort(set, other) === ports.includes(other) &&
				Buffer.compare(set, again) === 0
			);
		}),
	);
});
