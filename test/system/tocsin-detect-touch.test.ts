import t from "tap";
import { enterSandbox } from "./harness.ts";
import { DISCOVERY, OS_DETECTION, TOUCHES } from "./scans.ts";
import { addVictim, proveAll } from "./tocsin-detect.ts";

enterSandbox(import.meta.url);

const victim = await addVictim();

t.test("single packets and connections", (t) =>
	proveAll(t, TOUCHES, victim, { at: victim }),
);

t.test("the operating system", (t) =>
	proveAll(t, OS_DETECTION, victim, { at: victim }),
);

t.test("discovery of one host", (t) =>
	proveAll(t, DISCOVERY, victim, { at: victim }),
);
