/** Invented names: of the right shape, and never the same. */
import fc from "fast-check";
import t from "tap";
import { chromeName, siteName } from "../../src/lure/names.ts";
import { createDice } from "./dice.ts";

const LABEL = /^[a-z\d](?:[a-z\d-]*[a-z\d])?$/;

t.test("as Chrome asks: 7 to 15 letters", async (t) => {
	const random = createDice(1);
	const names = Array.from({ length: 5000 }, () => chromeName(random));
	t.same(
		names.filter((name) => !/^[a-z]{7,15}$/.test(name)),
		[],
	);
	t.equal(new Set(names).size, 5000, "all different");
	t.equal(new Set(names.map(({ length }) => length)).size, 9, "every length");
});

t.test("as the site's hosts are called", async (t) => {
	const random = createDice(2);
	const site = { prefixes: ["ber-ws", "muc-"], hostname: "ignored" };
	const names = Array.from({ length: 5000 }, () => siteName(random, site));
	t.same(
		names.filter((name) => !/^(?:ber-ws|muc-)/.test(name)),
		[],
	);
	t.same(
		names.filter((name) => name.length > 15 || !LABEL.test(name)),
		[],
	);
	t.ok(new Set(names).size > 4990, "hardly one twice");
});

t.test("as hosts are called where nobody says how", async (t) => {
	const random = createDice(3);
	const site = { prefixes: [], hostname: "Helios07.example.net" };
	const names = Array.from({ length: 5000 }, () => siteName(random, site));
	t.same(
		names.filter((name) => name.length > 15 || !LABEL.test(name)),
		[],
	);
	t.ok(new Set(names).size > 4990, "hardly one twice");
	const own = names.filter((name) => name.startsWith("helios")).length;
	t.ok(own > 1000 && own < 2500, `${own} like this host`);
	t.ok(
		names.some((name) => name.includes("-")),
		"with hyphens",
	);
	t.ok(
		names.some((name) => !name.includes("-")),
		"and without",
	);
	t.same(
		names.filter((name) => /^(?:srv|pc|ws|helios)-?\d+$/.test(name)),
		[],
		"never a number alone behind the word",
	);
});

t.test("any prefix, hostname and dice", async () => {
	fc.assert(
		fc.property(
			fc.array(fc.stringMatching(/^[a-z\d][a-z\d-]{0,9}$/), { maxLength: 3 }),
			fc.string(),
			fc.integer(),
			(prefixes, hostname, seed) => {
				const name = siteName(createDice(seed), { prefixes, hostname });
				return name.length <= 15 && LABEL.test(name);
			},
		),
		{ numRuns: 2000 },
	);
});
