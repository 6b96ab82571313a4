/** In a sandbox: its DNS is dnsmasq, or nobody. */
import t from "tap";
import { createWpad, searchDomains } from "../../src/watch/wpad.ts";
import { enterSandbox, startDnsmasq, useResolver } from "../system/harness.ts";

enterSandbox(import.meta.url);

const MINUTES = 60_000;

t.test("the domains to search", async (t) => {
	const cases: [text: string, domains: string[]][] = [
		["", []],
		["nameserver 192.0.2.53\n", []],
		["search example.org\n", ["example.org"]],
		["domain example.org", ["example.org"]],
		[
			"search\texample.org  sub.example.net \n",
			["example.org", "sub.example.net"],
		],
		["search a\ndomain b\n", ["b"]],
		["domain b\nsearch a c\noptions ndots:2\n", ["a", "c"]],
		["# search a\n;domain b\n  search c\nresearch d\n", []],
		["search a b c d e f g h", ["a", "b", "c", "d", "e", "f"]],
		["search .", ["."]],
		["search ok bad/name $(x) b\u00e9 \u001b[2J fine", ["ok", "fine"]],
		["search\n", []],
		["search   \nnameserver 192.0.2.53\n", []],
	];
	for (const [text, domains] of cases)
		t.strictSame(searchDomains(text), domains, JSON.stringify(text));
});

t.test(
	"without a DNS there is no wpad; asked again after ten minutes",
	async (t) => {
		useResolver("127.0.0.1");
		let now = 1_795_305_600_000;
		let asked = 0;
		const hasWpad = createWpad(
			() => now,
			() => {
				asked++;
				return ["example.org"];
			},
		);
		t.equal(asked, 0, "nothing is asked before somebody wants to know");
		t.equal(await hasWpad(), false);
		t.equal(asked, 1);
		now += 10 * MINUTES;
		t.equal(await hasWpad(), false);
		t.equal(asked, 1, "the answer is still good");
		now += 1;
		t.equal(await hasWpad(), false);
		t.equal(asked, 2);
	},
);

t.test("a DNS that has one", async (t) => {
	await startDnsmasq({ hosts: { "wpad.example.org": "192.0.2.80" } });
	const ask = (...domains: string[]) =>
		createWpad(
			() => 0,
			() => domains,
		)();
	t.equal(await ask("example.org"), true);
	t.equal(
		await ask("example.net", "example.org"),
		true,
		"by the second domain",
	);
	t.equal(await ask("example.net"), false);
	t.equal(await ask(), false);
	t.equal(await ask("a..b", "-", "example.org"), true, "names that are none");
});
