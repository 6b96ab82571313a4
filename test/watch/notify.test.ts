import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import type { Popup } from "../../src/delivery/desktop.ts";
import { createPace, notifier, runNotify } from "../../src/watch/notify.ts";
import { waitFor } from "../system/wait.ts";

const popup = (body: string, urgency: Popup["urgency"] = "normal"): Popup => ({
	summary: "s",
	body,
	urgency,
});

/** A path short enough for a socket, wherever the checkout is. */
function socketFor(t: Test): string {
	const folder = mkdtempSync(join(tmpdir(), "notify-"));
	t.teardown(() => rmSync(folder, { recursive: true }));
	return join(folder, "sock");
}

/** A daemon's socket: who connected, and what they said. */
async function daemon(t: Test, path: string) {
	const sockets: Socket[] = [];
	let said = "";
	const server: Server = createServer((socket) => {
		sockets.push(socket);
		socket.on("error", () => {});
		socket.on("data", (chunk) => {
			said += chunk;
		});
	});
	server.listen(path);
	await once(server, "listening");
	const close = () => {
		server.close();
		for (const socket of sockets) socket.destroy();
	};
	t.teardown(close);
	const tell = (message: object) =>
		sockets.at(-1)?.write(`${JSON.stringify(message)}\n`);
	return { sockets, said: () => said, tell, close };
}

/** An agent, what it showed and complained of. */
function agent(t: Test, path: string, answer?: string) {
	const shown: Popup[] = [];
	const complaints: string[] = [];
	let stop = () => {};
	const stopped = new Promise<void>((resolve) => {
		stop = resolve;
	});
	t.teardown(stop);
	const ended = runNotify(path, {
		stopped,
		paceMs: 10,
		complain: (sentence) => complaints.push(sentence),
		async show(each) {
			shown.push(each);
			return answer;
		},
	});
	return { shown, complaints, stop, ended };
}

t.test("subscribes and shows", async (t) => {
	const path = socketFor(t);
	const { sockets, said, tell } = await daemon(t, path);
	const { shown, complaints, stop, ended } = agent(t, path);
	await waitFor("a subscriber", () => said() !== "");
	t.equal(said(), '{"subscribe":"desktop"}\n');
	tell({ subscribed: "desktop" });
	tell({ popup: popup("a", "critical") });
	sockets[0]?.write("nonsense\n{}\n");
	await waitFor("a popup", () => shown.length === 1);
	t.strictSame(shown, [popup("a", "critical")]);
	stop();
	t.equal(await ended, 0);
	t.strictSame(complaints, []);
});

t.test("waits for a daemon, and for its return", async (t) => {
	const path = socketFor(t);
	const { shown, complaints, stop, ended } = agent(t, path);
	await waitFor("a complaint", () => complaints.length === 1);
	t.equal(
		complaints[0],
		`${path}: no such file or directory: waiting for a tocsin that has a desktop sink`,
	);
	const first = await daemon(t, path);
	await waitFor("a subscriber", () => first.said() !== "", 5000);
	first.close();
	const second = await daemon(t, path);
	await waitFor("it again", () => second.said() !== "", 5000);
	second.tell({ popup: popup("b") });
	await waitFor("a popup", () => shown.length === 1);
	stop();
	t.equal(await ended, 0);
	t.equal(complaints.length, 2);
	t.match(complaints[1], /sock: it closed the connection: waiting for/);
});

t.test("a refusal ends it", async (t) => {
	const path = socketFor(t);
	const { said, tell } = await daemon(t, path);
	const { complaints, ended } = agent(t, path);
	await waitFor("a subscriber", () => said() !== "");
	tell({ error: "user 7 is not among the users of a desktop sink" });
	t.equal(await ended, 77);
	t.strictSame(complaints, [
		`${path}: user 7 is not among the users of a desktop sink`,
	]);
});

t.test("a popup that fails is told once", async (t) => {
	const path = socketFor(t);
	const { said, tell } = await daemon(t, path);
	const { shown, complaints } = agent(t, path, "busctl: exit 1");
	await waitFor("a subscriber", () => said() !== "");
	for (const n of [1, 2]) {
		tell({ popup: popup(String(n)) });
		await waitFor("a popup", () => shown.length === n);
		await sleep(20);
	}
	t.strictSame(complaints, ["can't show a popup: busctl: exit 1"]);
});

t.test("a daemon that floods", async (t) => {
	const path = socketFor(t);
	const { sockets, said } = await daemon(t, path);
	const { complaints } = agent(t, path);
	await waitFor("a subscriber", () => said() !== "");
	sockets[0]?.write("x".repeat(100_000));
	await waitFor("a complaint", () => complaints.length === 1);
	t.match(complaints[0], /a line is too long/);
});

t.test("one popup in a while, the rest is counted", async (t) => {
	const shown: Popup[] = [];
	const pace = createPace(async (each) => shown.push(each), 50);
	pace(popup("1"));
	pace(popup("2"));
	await waitFor("the second", () => shown.length === 2);
	for (let i = 3; i < 100; i++) pace(popup(String(i)));
	pace(popup("urgent", "critical"));
	pace(popup("last"));
	t.equal(shown.length, 2);
	await waitFor("the rest", () => shown.length === 3);
	t.strictSame(shown, [
		popup("1"),
		popup("2"),
		{ summary: "99 more alerts", body: "urgent", urgency: "critical" },
	]);
	await sleep(120);
	t.equal(shown.length, 3);
});

t.test("without a program for it there are no popups", async (t) => {
	t.equal(notifier("/nonexistent/a", "/nonexistent/b"), undefined);
	t.type(notifier("/nonexistent/a", "/bin/true"), "function");
});
