import t from "tap";
import { alertLine } from "../../src/alert/render.ts";
import type { DesktopSink } from "../../src/config/sinktypes.ts";
import type { Command } from "../../src/delivery/child.ts";
import { desktopSink } from "../../src/delivery/desktop.ts";
import { OFFER, PROBE, SCAN } from "../alert/samples.ts";
import { entryOf, TELLER } from "./world.ts";

const CONFIG: DesktopSink = {
	type: "desktop",
	name: "desktop",
	popup: true,
	wall: true,
	users: [],
	batch: { gather: 0, every: 0, max: 1 },
};

function sinkOf(
	config: Partial<DesktopSink> = {},
	said: Record<string, string> = {},
	obstacle?: string,
) {
	const told: unknown[] = [];
	const runs: Command[] = [];
	const sink = desktopSink(
		{ ...CONFIG, ...config },
		{
			teller: TELLER,
			broadcast: (users, message) => told.push([users, message.popup]),
			wall: {
				obstacle: () => obstacle,
				async run(command) {
					runs.push(command);
					return said[command.args[0] ?? ""];
				},
			},
		},
	);
	return { ...sink, told, runs };
}

t.test("an alert is popped up and written to terminals", async (t) => {
	const sink = sinkOf();
	t.equal(await sink.deliver([entryOf(SCAN), entryOf(OFFER)]), undefined);
	t.strictSame(sink.told, [
		[
			[],
			{
				summary: "Port scan (guard)",
				body: alertLine(SCAN),
				urgency: "normal",
			},
		],
		[
			[],
			{
				summary: "Rogue DHCP server (guard)",
				body: alertLine(OFFER),
				urgency: "critical",
			},
		],
	]);
	t.strictSame(
		sink.runs.map(({ program, args, input }) => ({ program, args, input })),
		[
			{
				program: "/usr/bin/wall",
				args: ["-t", "5"],
				input: `${alertLine(SCAN)}\n${alertLine(OFFER)}\n`,
			},
		],
	);
});

t.test("either, and for some users", async (t) => {
	const popup = sinkOf({
		wall: false,
		users: ["joe"],
		template: "{source.ip}",
	});
	await popup.deliver([entryOf(PROBE)]);
	t.match(popup.told, [[["joe"], { body: "192.0.2.7" }]]);
	t.strictSame(popup.runs, []);
	const wall = sinkOf(
		{ popup: false, users: ["joe", "ann", "bob"] },
		{
			joe: "/usr/bin/write: exit 1: write: joe is not logged in",
			bob: "/usr/bin/write: exit 1: write: bob has messages disabled",
		},
	);
	t.equal(await wall.deliver([entryOf(PROBE)]), undefined);
	t.strictSame(wall.told, []);
	t.strictSame(
		wall.runs.map(({ program, args }) => [program, ...args]),
		["joe", "ann", "bob"].map((user) => ["/usr/bin/write", user]),
	);
	const broken = sinkOf({ users: ["joe"] }, { joe: "/usr/bin/write: exit 2" });
	t.equal(await broken.deliver([entryOf(PROBE)]), "/usr/bin/write: exit 2");
});

t.test("a flood is summed up", async (t) => {
	const sink = sinkOf();
	await sink.deliver(Array.from({ length: 1000 }, () => entryOf(PROBE)));
	t.equal(sink.told.length, 11);
	t.match(sink.told[10], [[], { summary: "990 more alerts (guard)" }]);
	const lines = sink.runs[0]?.input.split("\n") ?? [];
	t.equal(lines.length, 12);
	t.equal(lines[10], "(and 990 more alerts)");
});

t.test(
	"what keeps wall from writing is told, popups come anyway",
	async (t) => {
		const sink = sinkOf({}, {}, "not in group tty");
		t.equal(
			await sink.deliver([entryOf(PROBE)]),
			"/usr/bin/wall: not in group tty",
		);
		t.equal(sink.told.length, 1);
		t.match(
			await sinkOf({ template: "{x}" }).deliver([]),
			/^desktop: unknown placeholder/,
		);
	},
);
