import t from "tap";
import { enterSandbox } from "./harness.ts";
import { CARRIERS, DECOYS, HIDDEN, SCANNERS } from "./scans.ts";
import { addVictim, proveAll } from "./tocsin-detect.ts";

enterSandbox(import.meta.url);

const victim = await addVictim();

t.test("scans of other carriers than TCP", (t) =>
	proveAll(t, CARRIERS, victim, { at: victim }),
);

t.test("scans that hide", (t) => proveAll(t, HIDDEN, victim, { at: victim }));

t.test("scans amid decoys", (t) => proveAll(t, DECOYS, victim, { at: victim }));

t.test("scanners other than nmap", (t) =>
	proveAll(t, SCANNERS, victim, { at: victim }),
);
