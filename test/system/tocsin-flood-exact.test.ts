/** Floods with packet time: few lines, exact totals. */
import t from "tap";
import { alertLine } from "../../src/alert/render.ts";
import { busiestMinute, packetsIn, run, SHAPES } from "./tocsin-flood.ts";

/** Issue 3. */
const LINES_A_MINUTE = 20;

for (const [name, shape] of Object.entries(SHAPES))
	t.test(`${name}: at most 20 lines a minute, exact totals`, async (t) => {
		const alerts = run(shape);
		t.equal(packetsIn(alerts), shape.count, "all packets, each once");
		const lines = busiestMinute(alerts);
		t.ok(lines <= LINES_A_MINUTE, `${lines} lines in a minute`);
		t.ok(alerts.some(({ kind }) => kind !== "sweep"));
		if (!t.passing())
			for (const alert of alerts.slice(0, 60)) t.comment(alertLine(alert));
	});
