import { readFileSync } from "node:fs";
import t from "tap";
import {
	enterSandbox,
	must,
	type Peer,
	peer,
	startInetd,
	startSocketActivate,
	startXinetd,
	waitFor,
} from "./harness.ts";
import {
	alertLine,
	exitRecorder,
	inetdLine,
	KLAXON,
	startLog,
	touch,
	XINETD_LOG,
	xinetdService,
} from "./klaxon.ts";

enterSandbox(import.meta.url);

/** A super-server with klaxon on port 512, one process a connection. */
interface Server {
	name: string;
	start(): Promise<Peer>;
	/** The exit codes so far of the connections to 512, else of those to RECORDED. */
	codes(server: Peer): string[];
	isRecording?: true;
	pairs: (typeof PAIRS)[number][];
}

/** Where clients come from and go to. IPv4 ones reach some super-servers over an IPv6 socket. */
const PAIRS = [
	["127.0.0.9", "127.0.0.2"],
	["::1", "::1"],
	["fe80::77%lo", "fe80::77%lo"],
] as const;
const RECORDED = 7009;

const log = await startLog();
const recorder = exitRecorder();
await must(peer("ip"), "address add fe80::77/64 dev lo nodad".split(" "));

const all = (text: string, pattern: RegExp) =>
	[...text.matchAll(pattern)].map(([, code = ""]) => code);

const inetd = (kind: "openbsd" | "inetutils", proto: string): Server => ({
	name: `${kind}-inetd ${proto}`,
	pairs: [...PAIRS],
	codes: recorder.codes,
	isRecording: true,
	start: () =>
		startInetd(
			kind,
			inetdLine("exec", "-n rexec", { proto }) +
				inetdLine(RECORDED, "-n", { program: recorder.path }),
		),
});

const activated = (name: string, args: string[]): Server => ({
	name: `systemd-socket-activate ${name}`,
	pairs: [...PAIRS],
	start: () =>
		startSocketActivate([
			...["-l", "512", "--accept", ...args],
			...[KLAXON, "-n", "rexec"],
		]),
	codes: ({ output }) => all(output(), /Child \d+ died with code (\d+)/g),
});

const servers: Server[] = [
	inetd("openbsd", "tcp"),
	// It sleeps for a second after each.
	{ ...inetd("inetutils", "tcp6"), pairs: [PAIRS[0], PAIRS[1]] },
	{
		name: "xinetd",
		pairs: [...PAIRS],
		start: () =>
			startXinetd(xinetdService("trap", 512, "-n rexec", { flags: "IPv6" })),
		codes: () =>
			all(readFileSync(XINETD_LOG, "utf8"), /EXIT: trap status=(\d+)/g),
	},
	activated("--accept --inetd", ["--inetd"]),
	activated("--accept", []),
];

for (const { name, start, codes, pairs, isRecording } of servers)
	t.test(name, async (t) => {
		const server = await start();
		t.teardown(() => server.stop());
		const before = codes(server).length;
		for (const [from, to] of pairs) {
			const { from: end, said } = await touch(to, 512, { from });
			t.equal(said, "", "the peer reads nothing");
			const lines = await log.drain();
			t.equal(lines.length, 1, "one alert");
			const sent = { facility: "auth", severity: "notice" };
			t.match(lines[0], { ...sent, tag: /^klaxon\[\d+\]:$/ });
			const [address = "", zone] = from.split("%");
			const facts = {
				from: { address, port: end.port },
				to: { address: to.replace(/%.*/, ""), port: 512 },
				zone,
			};
			t.equal(lines[0]?.message, alertLine({ ...facts, service: "rexec" }));
		}
		if (isRecording) await touch(pairs[0]?.[1] ?? "", RECORDED);
		const told = () => codes(server).slice(before);
		const wanted = isRecording ? ["0"] : pairs.map(() => "0");
		await waitFor("exit codes", () => told().length >= wanted.length);
		t.strictSame(told(), wanted, "exit codes");
		await log.drain();
	});
