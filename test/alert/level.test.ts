import t from "tap";
import { levelOf, severityOf } from "../../src/alert/level.ts";
import { DROPS, PING, PROBE, SCAN, SWEEP } from "./samples.ts";

t.test("what somebody did is a notice", async (t) => {
	for (const alert of [PROBE, SCAN, SWEEP, PING]) {
		t.equal(levelOf(alert), "notice");
		t.equal(severityOf(alert), 5);
	}
});

t.test(
	"a watch that sees less is a warning, one that sees is news",
	async (t) => {
		const bad = [
			"drops",
			"blind",
			"down",
			"vanished",
			"state-pressure",
		] as const;
		for (const state of bad) {
			t.equal(levelOf({ ...DROPS, state }), "warning");
			t.equal(severityOf({ ...DROPS, state }), 4);
		}
		for (const state of ["start", "stop", "up", "appeared"] as const) {
			t.equal(levelOf({ ...DROPS, state }), "info");
			t.equal(severityOf({ ...DROPS, state }), 6);
		}
	},
);
