/** In a sandbox, where root may give files away. */
import {
	chownSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	writeFileSync,
} from "node:fs";
import fc from "fast-check";
import t from "tap";
import type { KnownServer } from "../../src/detect/known.ts";
import { findUser } from "../../src/trap/privileges.ts";
import {
	learnedAt,
	loadLearned,
	prepareState,
	saveLearned,
} from "../../src/watch/state.ts";
import { enterSandbox, privileged } from "../system/harness.ts";

enterSandbox(import.meta.url);

const SERVER: KnownServer = {
	kind: "dhcp",
	interface: "eth0",
	vlan: -1,
	ip: "192.0.2.1",
	mac: "02:00:00:00:00:01",
	id: "192.0.2.1",
	facts: { dns: "192.0.2.53", router: "192.0.2.1" },
	first: 1_795_305_600_000,
};
const ROUTER: KnownServer = {
	kind: "ra",
	interface: "",
	vlan: 10,
	ip: "fe80::1",
	facts: {},
	first: 0.5,
};

const nobody = findUser("nobody", readFileSync("/etc/passwd", "latin1"));
if (!nobody) throw new Error("nobody is missing");
/** Who owns what was given to nobody. */
const owner = privileged ? nobody : { uid: 0, gid: 0 };
const ownerOf = (path: string) => {
	const { uid, gid } = statSync(path);
	return { uid, gid };
};

let count = 0;
/** A new directory, with a file of what was learned where a text is given. */
function directory(text?: string | Buffer): string {
	const path = `/tmp/state${count++}`;
	mkdirSync(path);
	if (text !== undefined) writeFileSync(`${path}/learned.json`, text);
	return path;
}

const FOREIGN = (dir: string) =>
	`${dir}/learned.json is not what tocsin wrote: remove it, and it will learn anew`;
const DAMAGED = (dir: string) =>
	`${dir}/learned.json is cut off or damaged: remove it, and tocsin will learn anew`;

t.test("nothing was learned yet", async (t) => {
	t.strictSame(loadLearned("/nonexistent"), []);
	t.strictSame(loadLearned(directory()), []);
	t.equal(learnedAt("/nonexistent"), 0);
});

t.test("what was kept comes back", async (t) => {
	const dir = directory();
	t.equal(saveLearned(dir, [SERVER, ROUTER]), undefined);
	t.strictSame(loadLearned(dir), [SERVER, ROUTER]);
	t.ok(Math.abs(learnedAt(dir) - Date.now()) < 60_000);
	t.equal(saveLearned(dir, []), undefined);
	t.strictSame(loadLearned(dir), []);
});

t.test("the file, byte for byte", async (t) => {
	const dir = directory();
	saveLearned(dir, [SERVER]);
	t.equal(
		readFileSync(`${dir}/learned.json`, "utf8"),
		`{
	"version": 1,
	"servers": [
		{
			"kind": "dhcp",
			"interface": "eth0",
			"vlan": -1,
			"ip": "192.0.2.1",
			"mac": "02:00:00:00:00:01",
			"id": "192.0.2.1",
			"facts": {
				"dns": "192.0.2.53",
				"router": "192.0.2.1"
			},
			"first": 1795305600000
		}
	]
}
`,
	);
	t.equal(statSync(`${dir}/learned.json`).mode & 0o777, 0o644);
	t.strictSame(readdirSync(dir), ["learned.json"], "nothing else is left");
});

t.test("all that judges may learn fits", async (t) => {
	const dir = directory();
	const long = "2001:0db8:aaaa:bbbb:cccc:dddd:eeee:ffff/128";
	const networks = new Array<string>(16).fill(long).join();
	const all = new Array<KnownServer>(256).fill({
		...SERVER,
		kind: "dhcp6",
		interface: "abcdefghijklmno",
		ip: "2001:0db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
		id: "ab".repeat(130),
		facts: { rdnss: networks, prefix: networks, lladdr: "02:00:00:00:00:01" },
	});
	t.equal(saveLearned(dir, all), undefined);
	t.strictSame(loadLearned(dir), all);
});

t.test(
	"replaced as a whole: a reader has the old one or the new",
	async (t) => {
		const dir = directory();
		saveLearned(dir, [SERVER]);
		const old = statSync(`${dir}/learned.json`).ino;
		writeFileSync(`${dir}/learned.json.new`, '{"version": 1, "ser');
		t.strictSame(loadLearned(dir), [SERVER], "what a crash left is not read");
		saveLearned(dir, [ROUTER]);
		t.not(statSync(`${dir}/learned.json`).ino, old);
		t.strictSame(loadLearned(dir), [ROUTER]);
		t.strictSame(readdirSync(dir), ["learned.json"]);
	},
);

t.test("a damaged file", async (t) => {
	for (const text of ["", "{", '{"version": 1, "servers": [', "\0\0\0\0"]) {
		const dir = directory(text);
		t.equal(loadLearned(dir), DAMAGED(dir), JSON.stringify(text));
	}
	const random = directory(Buffer.from([0xff, 0xfe, 0x00, 0x80]));
	t.equal(loadLearned(random), DAMAGED(random));
});

t.test("a file that is too large", async (t) => {
	const dir = directory(`${" ".repeat(1 << 20)}{}`);
	t.equal(loadLearned(dir), `${dir}/learned.json is larger than 1 MiB`);
});

t.test("somebody else's JSON", async (t) => {
	const file = (change: object) =>
		JSON.stringify({ version: 1, servers: [{ ...SERVER, ...change }] });
	t.strictSame(loadLearned(directory(file({}))), [SERVER]);
	const cases = [
		"null",
		"1",
		"[]",
		"{}",
		'{"servers": []}',
		'{"version": 2, "servers": []}',
		'{"version": 1, "servers": {}}',
		'{"version": 1, "servers": [null]}',
		'{"version": 1, "servers": [], "more": 1}',
		file({ kind: "ntp" }),
		file({ ip: 1 }),
		file({ ip: undefined }),
		file({ ip: "x".repeat(301) }),
		file({ vlan: "1" }),
		file({ first: null }),
		file({ first: undefined }),
		file({ more: "" }),
		file({ facts: [] }),
		file({ facts: { dns: 1 } }),
		file({ facts: { dns: "x".repeat(1001) } }),
		file({ facts: { "": "x" } }),
		file({ facts: { "a b": "x" } }),
		file({ facts: { "\u001b[2J": "x" } }),
		JSON.stringify({ version: 1, servers: new Array(257).fill(ROUTER) }),
	];
	for (const text of cases) {
		const dir = directory(text);
		t.equal(loadLearned(dir), FOREIGN(dir), text.slice(0, 100));
	}
});

t.test("any JSON: servers, or a sentence", async () => {
	const dir = directory();
	fc.assert(
		fc.property(
			fc.oneof(
				fc.json(),
				fc.json().map((text) => `{"version": 1, "servers": [${text}]}`),
			),
			(text) => {
				writeFileSync(`${dir}/learned.json`, text);
				return typeof loadLearned(dir) === "string";
			},
		),
		{ numRuns: 300 },
	);
});

t.test("what can't be read or written is said", async (t) => {
	const dir = directory();
	mkdirSync(`${dir}/learned.json`);
	t.match(loadLearned(dir), /^can't read what was learned: EISDIR/);
	t.match(saveLearned(dir, []), /^can't keep what was learned: E/);
	t.match(
		saveLearned("/nonexistent", [SERVER]),
		/^can't keep what was learned: ENOENT: no such file or directory, open '\/nonexistent\/learned\.json\.new'$/,
	);
	const file = `${directory("")}/learned.json`;
	t.match(loadLearned(file), /^can't read what was learned: ENOTDIR/);
	t.match(saveLearned(file, []), /^can't keep what was learned: ENOTDIR/);
	t.match(saveLearned("/proc/self", []), /^can't keep what was learned: E/);
});

t.test("a write that fails leaves what was there", async (t) => {
	const dir = directory();
	saveLearned(dir, [SERVER]);
	mkdirSync(`${dir}/learned.json.new`);
	t.match(saveLearned(dir, []), /^can't keep what was learned: EISDIR/);
	t.strictSame(loadLearned(dir), [SERVER]);
});

t.test("root leaves the file to the directory's owner", async (t) => {
	const dir = directory();
	chownSync(dir, owner.uid, owner.gid);
	saveLearned(dir, [SERVER]);
	t.strictSame(ownerOf(`${dir}/learned.json`), {
		uid: owner.uid,
		gid: owner.gid,
	});
});

t.test("the directory is made, and given to the user", async (t) => {
	const path = `${directory()}/a/b`;
	prepareState(path, "nobody");
	t.equal(statSync(path).mode & 0o777, 0o755);
	t.match(ownerOf(path), owner);
	prepareState(path, "nobody");
	t.match(ownerOf(path), owner, "twice is once");
	prepareState(path, "daemon");
	t.match(
		ownerOf(path),
		privileged ? owner : {},
		"what somebody else has stays his",
	);
});

t.test("a directory that can't be made shows when it is used", async (t) => {
	const file = `${directory("")}/learned.json`;
	prepareState(`${file}/state`, "nobody");
	t.match(saveLearned(`${file}/state`, []), /^can't keep .*ENOTDIR/);
	const path = `${directory()}/state`;
	prepareState(path, "no such user");
	t.ok(existsSync(path));
	t.equal(statSync(path).uid, 0, "and stays root's without a user");
});
