import { mkdirSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import type { KnownServer } from "../../src/detect/known.ts";
import { runLearned } from "../../src/watch/learned.ts";
import { loadLearned, saveLearned } from "../../src/watch/state.ts";

const DHCP: KnownServer = {
	kind: "dhcp",
	interface: "eth0",
	vlan: -1,
	ip: "192.0.2.1",
	mac: "02:00:00:00:00:01",
	id: "192.0.2.1",
	facts: { dns: "192.0.2.53,192.0.2.54", router: "192.0.2.1" },
	first: Date.UTC(2026, 10, 23, 4),
};
const DHCP6: KnownServer = {
	kind: "dhcp6",
	interface: "eth0.10",
	vlan: 10,
	ip: "fe80::2",
	mac: "02:00:00:00:00:02",
	id: "00030001020000000002",
	facts: {},
	first: Date.UTC(2026, 10, 23, 4, 1),
};
const ROUTER: KnownServer = {
	kind: "ra",
	interface: "",
	vlan: -1,
	ip: "fe80::3",
	facts: { flags: "", route: "yes" },
	first: Date.UTC(2026, 10, 23, 4, 2, 3, 456),
};
const ALL = [DHCP, DHCP6, ROUTER];

/** What `tocsin learned` prints and complains of. */
function learned(state: string, ...argv: string[]) {
	const [forget, ...words] = argv;
	const [lines, complaints]: [string[], string[]] = [[], []];
	const code = runLearned(
		state,
		{ forget: forget === "--forget", words },
		(text) => lines.push(text),
		(sentence) => complaints.push(sentence),
	);
	return { code, text: lines.join(""), complaints };
}

let count = 0;
const top = t.testdir();
function directory(servers?: readonly KnownServer[]): string {
	const state = `${top}/${count++}`;
	mkdirSync(state);
	if (servers) saveLearned(state, servers);
	return state;
}

t.test("the lines", async (t) => {
	t.strictSame(learned(directory(ALL)), {
		code: 0,
		text: `dhcp 192.0.2.1 if=eth0 mac=02:00:00:00:00:01 dns=192.0.2.53,192.0.2.54 router=192.0.2.1 since=2026-11-23T04:00:00.000Z
dhcp6 fe80::2 if=eth0.10 vlan=10 mac=02:00:00:00:00:02 id=00030001020000000002 since=2026-11-23T04:01:00.000Z
ra fe80::3 flags="" route=yes since=2026-11-23T04:02:03.456Z
`,
		complaints: [],
	});
});

t.test("nothing was learned yet", async (t) => {
	for (const state of ["/nonexistent", directory(), directory([])])
		t.strictSame(learned(state), {
			code: 0,
			text: "nothing was learned yet\n",
			complaints: [],
		});
});

t.test("forget all", async (t) => {
	const state = directory(ALL);
	t.strictSame(learned(state, "--forget"), {
		code: 0,
		text: "forgot 3 of 3\n",
		complaints: [],
	});
	t.strictSame(loadLearned(state), []);
	t.match(learned(state, "--forget"), { code: 0, text: "forgot 0 of 0\n" });
	t.match(learned(state), { text: "nothing was learned yet\n" });
});

t.test("forget by address, MAC address or id, in any case", async (t) => {
	const cases: [words: string, rest: KnownServer[]][] = [
		["192.0.2.1", [DHCP6, ROUTER]],
		["FE80::3", [DHCP, DHCP6]],
		["02:00:00:00:00:02", [DHCP, ROUTER]],
		["00030001020000000002", [DHCP, ROUTER]],
		["192.0.2.1 fe80::2", [ROUTER]],
		["fe80::3 192.0.2.99", [DHCP, DHCP6]],
	];
	for (const [words, rest] of cases) {
		const state = directory(ALL);
		t.strictSame(
			learned(state, "--forget", ...words.split(" ")),
			{ code: 0, text: `forgot ${3 - rest.length} of 3\n`, complaints: [] },
			words,
		);
		t.strictSame(loadLearned(state), rest);
	}
});

t.test("nothing to forget", async (t) => {
	const state = directory(ALL);
	t.strictSame(learned(state, "--forget", "192.0.2.99", "eth0"), {
		code: 65,
		text: "",
		complaints: ["nothing to forget: no server has 192.0.2.99 or eth0"],
	});
	t.strictSame(loadLearned(state), ALL);
	t.match(learned(directory(), "--forget", "192.0.2.1"), {
		code: 65,
		complaints: ["nothing to forget: no server has 192.0.2.1"],
	});
});

t.test("a damaged file: said, and forgotten as a whole", async (t) => {
	const state = directory();
	writeFileSync(`${state}/learned.json`, "{");
	const complaints = [
		`${state}/learned.json is cut off or damaged: remove it, and tocsin will learn anew`,
	];
	t.strictSame(learned(state), { code: 65, text: "", complaints });
	t.strictSame(learned(state, "--forget", "192.0.2.1"), {
		code: 65,
		text: "",
		complaints,
	});
	t.strictSame(learned(state, "--forget"), {
		code: 0,
		text: "forgot 0 of 0\n",
		complaints: [],
	});
	t.strictSame(loadLearned(state), []);
});

t.test("what can't be written is said", async (t) => {
	const state = directory(ALL);
	mkdirSync(`${state}/learned.json.new`);
	const { code, text, complaints } = learned(state, "--forget");
	t.match(
		{ code, text, complaints },
		{
			code: 73,
			text: "",
			complaints: [/^can't keep what was learned: EISDIR/],
		},
	);
	t.strictSame(loadLearned(state), ALL);
});

t.test("a hostile file's lines", async (t) => {
	const state = directory([
		{
			...ROUTER,
			interface: "\u001b[2J",
			ip: "a\nra b",
			mac: '"x" y=1',
			id: "é\u202e",
			facts: { dns: "x".repeat(1000) },
			first: 1e300,
		},
	]);
	t.equal(
		learned(state).text,
		`ra a\\x0ara b if="\\x1b[2J" mac="\\"x\\" y=1" id="\\xc3\\xa9\\xe2\\x80\\xae" dns=${"x".repeat(197)}... since=+275760-09-13T00:00:00.000Z\n`,
	);
});

t.test("whatever the file holds, lines are printable and bounded", async () => {
	const state = directory();
	const text = fc.oneof(
		fc.string({ unit: "binary", maxLength: 300 }),
		fc.string({ unit: fc.constantFrom('"', "\\", "\n", "\u001b", " ", "=") }),
	);
	const name = fc.oneof(text, fc.stringMatching(/^[a-z]{1,9}$/));
	const server = fc.record(
		{
			kind: fc.constantFrom("dhcp", "dhcp6", "ra"),
			interface: text,
			vlan: fc.double({ noNaN: true, noDefaultInfinity: true }),
			ip: text,
			mac: text,
			id: text,
			facts: fc.dictionary(name, text, { maxKeys: 4 }),
			first: fc.double({ noNaN: true, noDefaultInfinity: true }),
		},
		{ requiredKeys: ["kind", "interface", "vlan", "ip", "facts", "first"] },
	);
	fc.assert(
		fc.property(fc.array(server, { maxLength: 3 }), (servers) => {
			saveLearned(state, servers as KnownServer[]);
			const { code, text, complaints } = learned(state);
			if (code !== 0) return text === "" && complaints.length === 1;
			const lines = text.split("\n").slice(0, -1);
			return (
				lines.length === Math.max(1, servers.length) &&
				lines.every((line) => /^[ -~]{1,2500}$/.test(line))
			);
		}),
		{ numRuns: 500 },
	);
});
