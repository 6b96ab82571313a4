import t, { type Test } from "tap";
import { mailSink } from "../../src/delivery/mail.ts";
import type { MailLimits } from "../../src/delivery/smtp.ts";
import { SCAN } from "../alert/samples.ts";
import { mailbox, mailTo } from "./mailbox.ts";
import { fake, timed } from "./servers.ts";
import { entryOf, worldOf } from "./world.ts";

const QUICK: MailLimits = { connect: 300, idle: 300, whole: 1500 };
/** Where the server is the one to end it, however slow the machine is. */
const PATIENT: MailLimits = { connect: 60_000, idle: 60_000, whole: 60_000 };
const ENTRIES = [entryOf(SCAN)];

/** Delivers to a server that answers at the given command. */
async function refused(
	t: Test,
	at: "onConnect" | "onMailFrom" | "onRcptTo" | "onData",
	responseCode: number,
): Promise<string | undefined> {
	const no = Object.assign(new Error("go away"), { responseCode });
	const { port } = await mailbox(t, {
		[at]: (...args: unknown[]) => {
			const done = args.at(-1) as (error: Error) => void;
			if (at !== "onData") return done(no);
			(args[0] as NodeJS.ReadableStream).resume().on("end", () => done(no));
		},
	});
	return mailSink(mailTo(port), worldOf(), PATIENT).deliver(ENTRIES);
}

t.test(
	"a refusal at any stage is the reason, in the server's words",
	async (t) => {
		for (const at of ["onConnect", "onMailFrom", "onRcptTo", "onData"] as const)
			for (const code of [421, 451, 550]) {
				const why = await refused(t, at, code);
				t.match(why, `smtp+plain://127.0.0.1:`, at);
				t.match(why, new RegExp(`${code} go away$`), at);
			}
	},
);

t.test("what a server says is printable", async (t) => {
	const { port } = await fake(t, (socket) =>
		socket.write("554 \x1b[31mno\r\n"),
	);
	t.equal(
		await mailSink(mailTo(port), worldOf(), PATIENT).deliver(ENTRIES),
		`smtp+plain://127.0.0.1:${port}: Invalid greeting: 554 \\x1b[31mno`,
	);
});

/** Replies of a server, one for each line it gets; then it does as `last` says. */
const scripted = (t: Test, replies: string[], last: "hang" | "reset") =>
	fake(t, (socket) => {
		const left = [...replies];
		const next = () => {
			const reply = left.shift();
			if (reply !== undefined) socket.write(`${reply}\r\n`);
			else if (last === "reset") socket.resetAndDestroy();
		};
		next();
		socket.on("data", next);
	});

const REPLIES = [
	"220 hello",
	"250 hello",
	"250 from",
	"250 to",
	"250 to",
	"354 go",
];

t.test("a server that hangs or resets at any stage ends in time", async (t) => {
	for (let stage = 0; stage <= REPLIES.length; stage++)
		for (const last of ["hang", "reset"] as const) {
			const { port } = await scripted(t, REPLIES.slice(0, stage), last);
			const sink = mailSink(mailTo(port), worldOf(), QUICK);
			const [ms, why] = await timed(sink.deliver(ENTRIES));
			t.type(why, "string", `${stage} ${last}: ${why}`);
			t.ok(ms < 8000, `${stage} ${last}: ${ms} ms`);
		}
});

t.test("a server that drips or talks without end ends in time", async (t) => {
	const drip = await fake(t, (socket) => {
		socket.write("220 hello\r\n");
		const timer = setInterval(() => socket.write("250-x\r\n"), 50);
		socket.on("close", () => clearInterval(timer));
	});
	const flood = await fake(t, (socket) => {
		const more = () => {
			while (!socket.destroyed && socket.write("250-x\r\n".repeat(1000)));
		};
		socket.on("drain", more);
		more();
	});
	for (const [{ port }, limits, expected] of [
		[drip, { ...PATIENT, whole: 1500 }, "timed out after 1.5 s"],
		[flood, PATIENT, "Server response exceeds maximum allowed size"],
	] as const) {
		const sink = mailSink(mailTo(port), worldOf(), limits);
		const [ms, why] = await timed(sink.deliver(ENTRIES));
		t.equal(why, `smtp+plain://127.0.0.1:${port}: ${expected}`);
		t.ok(ms < 8000);
	}
});

t.test("nobody listens, no such host", async (t) => {
	const gone = await fake(t);
	gone.server.close();
	t.equal(
		await mailSink(mailTo(gone.port), worldOf()).deliver(ENTRIES),
		`smtp+plain://127.0.0.1:${gone.port}: connection refused`,
	);
	const lost = mailTo(25, { host: "klaxon.invalid" });
	t.match(
		await mailSink(lost, worldOf()).deliver(ENTRIES),
		/klaxon\.invalid:25: \S/,
	);
});
