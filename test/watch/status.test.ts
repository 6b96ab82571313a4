import { once } from "node:events";
import { createServer } from "node:net";
import t from "tap";
import { runStatus, type Status, statusText } from "../../src/watch/status.ts";
import { open, scratch } from "../handover/guest.ts";
import { BUSY, NOW, QUIET } from "./statuses.ts";

const BUSY_TEXT = `tocsin          2.0.0, up 2h since 2026-11-22T00:00:00.000Z, 67 MB
packets         123456, 3 lost
  eth0          123400
  wlan0         56, 3 lost
alerts          12 scan, 3 poison
ignore 1        40 (backup "nightly")
route 2         3
mail ops        12 delivered, 7 waiting for 10m at most, 1 given up, failing for 6m: relay.example.net: connection refused
file /var/log/x 15 delivered
history         15 alerts, 1.5 MB
desktops        2
`;

t.test("for a person", async (t) => {
	const padded = BUSY_TEXT.replace(/^.{15}/gm, "$& ");
	t.equal(statusText(BUSY, NOW), padded.replace(/^(.{15}) {2}/gm, "$1  "));
	t.equal(
		statusText(QUIET, NOW),
		`tocsin    2.0.0, up 1.0s since 2026-11-22T01:59:59.000Z, 1.0 MB
packets   0; BLIND: no interface is heard
alerts    none
desktops  0
`,
	);
});

/** What a run writes and complains of, and its exit code. */
async function status(path: string, json: boolean) {
	const out: string[] = [];
	const code = await runStatus(
		path,
		json,
		(text) => out.push(text),
		(sentence) => out.push(`! ${sentence}`),
		() => NOW,
	);
	return [code, ...out];
}

t.test("a running daemon is asked", async (t) => {
	const { path } = await open(t, { status: () => QUIET });
	t.same(await status(path, false), [0, statusText(QUIET, NOW)]);
	t.same(await status(path, true), [0, `${JSON.stringify(QUIET)}\n`]);
});

t.test("no daemon: 69", async (t) => {
	const folder = scratch(t);
	t.same(await status(`${folder}/none`, false), [
		69,
		`! ${folder}/none: no tocsin runs here`,
	]);
});

t.test("what answers may be anything", async (t) => {
	const path = `${scratch(t)}/sock`;
	let said = "";
	const server = createServer((socket) => {
		socket.on("error", () => {}); // it may leave before it has all
		socket.end(said);
	}).listen(path);
	await once(server, "listening");
	t.teardown(() => server.close());
	const alien = `${path}: what answers is no tocsin of this version`;
	for (const [answer, why] of [
		["", `${path}: closed without an answer`],
		["\n", `${path}: the answer is no JSON`],
		["{}\n", alien],
		["null\n", alien],
		[`${JSON.stringify({ ...QUIET, packets: "1" })}\n`, alien],
		[`${"x".repeat(1 << 21)}\n`, `${path}: the answer is too long`],
	] as const) {
		said = answer;
		t.same(await status(path, false), [69, `! ${why}`]);
	}
	const evil: Status = { ...QUIET, alerts: { "\u001b[2J": 1 } };
	said = `${JSON.stringify({ ...evil, more: 1 })}\n`;
	t.match((await status(path, false))[1], /alerts {4}1 \\x1b\[2J\n/);
	t.match((await status(path, true))[1], /"alerts":{"\\\\x1b\[2J":1}/);
});
