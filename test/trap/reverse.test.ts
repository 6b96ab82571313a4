import fc from "fast-check";
import t from "tap";
import { type Dns, hostsName, reverseName } from "../../src/trap/reverse.ts";

const never = new Promise<never>(() => {});

/** A DNS of a few records; what it was asked is counted. */
function dnsOf(
	pointers: string[],
	addresses: Record<string, string[]>,
): Dns & { asked: string[]; cancelled: number } {
	const asked: string[] = [];
	const resolve = async (name: string) => {
		asked.push(name);
		const found = addresses[name];
		if (!found) throw new Error("ENOTFOUND");
		return found;
	};
	const dns = {
		asked,
		cancelled: 0,
		reverse: async () => pointers,
		resolve4: resolve,
		resolve6: resolve,
		cancel: () => {
			dns.cancelled++;
		},
	};
	return dns;
}

t.test(
	"a name is told only when its addresses include the peer's",
	async (t) => {
		const dns = dnsOf(["evil.example.net"], {
			"evil.example.net": ["192.0.2.7"],
		});
		t.equal(await reverseName("192.0.2.7", dns), "evil.example.net");
		t.equal(dns.cancelled, 1);
		const liar = dnsOf(["bank.example.com"], {
			"bank.example.com": ["198.51.100.1"],
		});
		t.equal(await reverseName("192.0.2.7", liar), undefined);
		const six = dnsOf(["h.example.net."], {
			"h.example.net.": ["2001:db8::7"],
		});
		t.equal(await reverseName("2001:db8::7", six), "h.example.net");
		const second = dnsOf(["a.example.net", "b.example.net"], {
			"b.example.net": ["192.0.2.7"],
		});
		t.equal(await reverseName("192.0.2.7", second), "b.example.net");
	},
);

t.test("an owner of a reverse zone can't keep us busy", async (t) => {
	const names = Array.from({ length: 1000 }, (_, i) => `h${i}.example.net`);
	const dns = dnsOf(names, {});
	t.equal(await reverseName("192.0.2.7", dns), undefined);
	t.equal(dns.asked.length, 3);
});

t.test("no answer by the deadline is no name", async (t) => {
	const silent = { ...dnsOf([], {}), reverse: () => never };
	const half = { ...dnsOf(["a.example.net"], {}), resolve4: () => never };
	for (const dns of [silent, half]) {
		const begun = performance.now();
		t.equal(await reverseName("192.0.2.7", dns, 50), undefined);
		const took = performance.now() - begun;
		t.ok(took >= 45 && took < 500, `${took} ms`);
	}
	const broken = {
		...dnsOf([], {}),
		reverse: () => Promise.reject(new Error("SERVFAIL")),
	};
	t.equal(await reverseName("192.0.2.7", broken), undefined);
});

t.test("/etc/hosts is this machine's own word", async (t) => {
	const file =
		"127.0.0.1 localhost # loop\n#10.0.0.1 no\n\n::1  ip6-localhost ip6-loopback\n";
	t.equal(hostsName(file, "127.0.0.1"), "localhost");
	t.equal(hostsName(file, "::1"), "ip6-localhost");
	t.equal(hostsName(file, "10.0.0.1"), undefined);
	t.equal(hostsName("", "127.0.0.1"), undefined);
});

t.test(
	"10,000 hostile PTR names: a name that comes through is a host name",
	async (t) => {
		const label = fc.oneof(
			fc.string({ unit: "binary", maxLength: 70 }),
			fc.stringMatching(/^[a-z0-9_-]{1,63}$/),
		);
		const hostile = fc
			.array(label, { minLength: 1, maxLength: 6 })
			.map((l) => l.join("."));
		await fc.assert(
			fc.asyncProperty(hostile, async (name) => {
				const dns = dnsOf([name], { [name]: ["192.0.2.7"] });
				const told = await reverseName("192.0.2.7", dns);
				return (
					told === undefined || (/^[\w.-]+$/.test(told) && told.length <= 255)
				);
			}),
			{ numRuns: 10_000 },
		);
		t.pass("no counterexample");
	},
);
