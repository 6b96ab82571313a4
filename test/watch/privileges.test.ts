import t from "tap";
import {
	hasNetRawAlone,
	isMapped,
	mayAs,
	obstacleFor,
	setprivArgs,
} from "../../src/watch/privileges.ts";

const status = (effective: string) =>
	`Name:\tnode\nCapInh:\t0000000000002000\nCapEff:\t${effective}\nNoNewPrivs:\t1\n`;

t.test("CAP_NET_RAW and nothing else", async (t) => {
	t.ok(hasNetRawAlone(status("0000000000002000")));
	t.notOk(hasNetRawAlone(status("0000000000000000")));
	t.notOk(hasNetRawAlone(status("0000000000003000")), "CAP_NET_ADMIN as well");
	t.notOk(hasNetRawAlone(status("000001ffffffffff")));
	t.notOk(hasNetRawAlone(""));
});

t.test("which IDs a user namespace knows", async (t) => {
	const all = "         0          0 4294967295\n";
	t.ok(isMapped(65_534, all));
	const itself = "         0       1000          1\n";
	t.ok(isMapped(0, itself));
	t.notOk(isMapped(65_534, itself));
	const container = "0 100000 65536\n65536 1000 1\n";
	t.ok(isMapped(65_535, container));
	t.ok(isMapped(65_536, container));
	t.notOk(isMapped(65_537, container));
	t.notOk(isMapped(0, ""));
});

t.test("what setpriv is told", async (t) => {
	const rights = [
		"--inh-caps=-all,+net_raw",
		"--ambient-caps=-all,+net_raw",
		"--bounding-set=-all,+net_raw",
		"--no-new-privs",
		"--",
	];
	t.strictSame(setprivArgs({ uid: 7, gid: 8 }), [
		"--reuid=7",
		"--regid=8",
		"--clear-groups",
		...rights,
	]);
	t.strictSame(setprivArgs(undefined), rights);
});

t.test("nobody whom we could become", async (t) => {
	t.equal(
		obstacleFor("no-such-user"),
		"unknown user 'no-such-user': it is not in /etc/passwd",
	);
	t.equal(
		obstacleFor("root"),
		"user 'root' is root: tocsin never stays root, name another with --user",
	);
	t.equal(mayAs("no-such-user", "-w", "/tmp"), false);
});
