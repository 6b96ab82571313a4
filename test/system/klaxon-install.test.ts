import { existsSync, readdirSync, readFileSync } from "node:fs";
import t from "tap";
import { enterSandbox, must, root, startInetd } from "./harness.ts";
import { alertLine, inetdLine, startLog, touch } from "./klaxon.ts";

enterSandbox(import.meta.url);

const PREFIX = "/tmp/usr";
const PROGRAM = `${PREFIX}/sbin/klaxon`;
const install = (more: NodeJS.ProcessEnv) =>
	must(`${root}/scripts/install.sh`, [], {
		env: { PREFIX, DESTDIR: "", ...more },
	});

t.test(
	"what is installed runs by itself, on a Node that is new enough",
	async (t) => {
		t.match(
			await install({}),
			/^installed \/tmp\/usr\/sbin\/klaxon, run by \//,
		);
		await install({}); // a second time is an upgrade
		const [, node = ""] =
			/node='([^']*)'/.exec(readFileSync(PROGRAM, "utf8")) ?? [];
		t.match(node, /^\/(?!.*node_modules)/);
		t.match(await must(node, ["--version"]), /^v(2[4-9]|[3-9]\d)\./);
		t.match(await must(PROGRAM, ["--version"]), /^klaxon \d/);

		const log = await startLog();
		const conf = inetdLine("tcpmux", "tcpmux", { program: PROGRAM });
		const inetd = await startInetd("openbsd", conf);
		t.teardown(() => Promise.all([inetd.stop(), log.stop()]));
		const { from, to, said } = await touch("127.0.0.1", 1);
		t.equal(said, "");
		const more = 'name="localhost"';
		t.same(await log.messages(), [
			alertLine({ from, to, service: "tcpmux", more }),
		]);
	},
);

t.test("DESTDIR stages, PREFIX is what the program knows", async (t) => {
	await install({ DESTDIR: "/tmp/stage", PREFIX: "/opt/trap" });
	const file = "/tmp/stage/opt/trap/lib/klaxon/klaxon";
	const [, node = ""] = /node='([^']*)'/.exec(readFileSync(file, "utf8")) ?? [];
	t.notMatch(node, /stage/);
	t.equal(existsSync("/opt/trap"), false);
	const make = [
		"-C",
		root,
		"uninstall",
		"DESTDIR=/tmp/stage",
		"PREFIX=/opt/trap",
	];
	await must("make", make);
	t.same(readdirSync("/tmp/stage/opt/trap/lib"), []);
	t.same(readdirSync("/tmp/stage/opt/trap/sbin"), []);
});
