import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import t from "tap";
import { alertLine } from "../../src/alert/render.ts";
import type { DesktopSink } from "../../src/config/sinktypes.ts";
import { desktopSink, type Popup } from "../../src/delivery/desktop.ts";
import { openControl } from "../../src/handover/server.ts";
import { notifier, runNotify } from "../../src/watch/notify.ts";
import { parseHeard } from "../../src/watch/popup.ts";
import { OFFER, SCAN } from "../alert/samples.ts";
import { entryOf, TELLER } from "../delivery/world.ts";
import { startDesktop } from "./desktop.ts";
import { enterSandbox, peer, waitFor } from "./harness.ts";

enterSandbox(import.meta.url);

const SOCKET = "/run/tocsin/tocsin.sock";
const CONFIG: DesktopSink = {
	type: "desktop",
	name: "desktop",
	popup: true,
	wall: false,
	users: [],
	batch: { gather: 0, every: 0, max: 1 },
};

const show = (env: Record<string, string>) => {
	Object.assign(process.env, env);
	const by = notifier(peer("busctl"), "/nonexistent");
	if (!by) throw new Error("no busctl");
	return by;
};

t.test("from the sink to a real dunst", async (t) => {
	const desktop = await startDesktop();
	const control = await openControl({
		path: SOCKET,
		now: Date.now,
		allowed: { handover: () => false, subscribe: () => true },
		onAlerts: () => "no",
		status: () => ({}),
		onPopup: () => 0,
	});
	if (typeof control === "string") throw new Error(control);
	let stop = () => {};
	const stopped = new Promise<void>((resolve) => {
		stop = resolve;
	});
	const complaints: string[] = [];
	const agent = runNotify(SOCKET, {
		stopped,
		complain: (sentence) => complaints.push(sentence),
		show: show(desktop.env),
		paceMs: 1,
	});
	await waitFor("a subscriber", () => control.desktops() === 1);
	const sink = desktopSink(CONFIG, {
		teller: TELLER,
		broadcast: (_, message) => control.broadcast(message),
	});

	t.equal(await sink.deliver([entryOf(SCAN), entryOf(OFFER)]), undefined);
	await waitFor("two popups", () => desktop.shown().length === 2);
	t.match(desktop.shown(), [
		{
			app: "tocsin",
			summary: "Port scan (guard)",
			body: alertLine(SCAN),
			urgency: "NORMAL",
		},
		{
			summary: "Rogue DHCP server (guard)",
			urgency: "CRITICAL",
		},
	]);
	stop();
	t.equal(await agent, 0);
	await waitFor("nobody", () => control.desktops() === 0);
	t.equal(await sink.deliver([entryOf(SCAN)]), undefined, "nobody is there");
	await control.close();
	t.strictSame(complaints, []);

	const by = show(desktop.env);
	const hostile: Popup[] = [
		{
			summary: "-h --help $(id) `id`",
			body: '<b>bold</b> <img src="file:///etc/passwd"/> <a href="x">y</a> &amp; & %s %b $(id)',
			urgency: "normal",
		},
		{ summary: "</b><i>", body: "--", urgency: "normal" },
	];
	for (const popup of hostile) t.equal(await by(popup), undefined);
	await waitFor("them", () => desktop.shown().length === 4);
	const [first, second] = desktop.shown().slice(2);
	t.equal(first?.summary, "-h --help $(id) `id`");
	t.equal(
		first?.formatted,
		'<b>-h --help $(id) `id`</b>\n&lt;b&gt;bold&lt;/b&gt; &lt;img src="file:///etc/passwd"/&gt; &lt;a href="x"&gt;y&lt;/a&gt; &amp;amp; &amp; %s %b $(id)',
	);
	t.equal(second?.formatted, "<b>&lt;/b&gt;&lt;i&gt;</b>\n--");

	const any = fc.string({ minLength: 1, unit: "binary-ascii" });
	const check = fc.asyncProperty(any, any, async (summary, body) => {
		const heard = parseHeard(JSON.stringify({ popup: { summary, body } }));
		if (!heard || !("popup" in heard)) return false;
		const before = desktop.shown().length;
		if ((await by(heard.popup)) !== undefined) return false;
		await waitFor("it", () => desktop.shown().length > before);
		const shown = desktop.shown().at(-1);
		return !/<(?!\/?b>)/.test(shown?.formatted ?? "<");
	});
	await t.resolves(fc.assert(check, { numRuns: 20 }));

	await desktop.stop();
	await sleep(10);
	t.match(await by({ ...hostile[0], summary: "x" } as Popup), /busctl: exit 1/);
});
