import t from "tap";
import { levelOf, severityOf } from "../../src/alert/level.ts";
import {
	DROPS,
	OFFER,
	PING,
	POISON,
	PROBE,
	ROUTER,
	SCAN,
	SWEEP,
} from "./samples.ts";

t.test("what somebody did is a notice", async (t) => {
	for (const alert of [PROBE, SCAN, SWEEP, PING]) {
		t.equal(levelOf(alert), "notice");
		t.equal(severityOf(alert), 5);
	}
});

t.test(
	"who takes another's place is a warning, once that is sure",
	async (t) => {
		for (const alert of [POISON, OFFER, ROUTER]) {
			t.equal(levelOf(alert), "warning");
			t.equal(severityOf(alert), 4);
		}
		t.equal(levelOf({ ...POISON, confidence: "low" }), "notice");
		t.equal(severityOf({ ...POISON, confidence: "low" }), 5);
		const fold = { count: 1, first: 0, last: 0 };
		t.equal(levelOf({ ...OFFER, fold }), "warning");
	},
);

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
