import t from "tap";
import { unfold } from "../../src/delivery/unfold.ts";
import { PROBE } from "../alert/samples.ts";
import { CONNECTION, TIME } from "../handover/samples.ts";

const COUNTED = { count: 5, first: TIME + 1, last: TIME + 9 };

t.test("what was counted is an alert with a fold", async (t) => {
	t.same(unfold({ key: "k", alert: CONNECTION, ...COUNTED }, TIME + 10), {
		...CONNECTION,
		time: TIME + 10,
		fold: COUNTED,
	});
	t.same(unfold({ key: "k", alert: PROBE, ...COUNTED }, TIME + 10), PROBE);
});

t.test("of a crowd nobody is accused", async (t) => {
	t.same(unfold({ key: "", alert: CONNECTION, ...COUNTED }, TIME + 10), {
		kind: "connection",
		time: TIME + 10,
		transport: "tcp",
		service: "rexec",
		source: {},
		destination: {},
		fold: COUNTED,
		note: "many sources and ports",
	});
});
