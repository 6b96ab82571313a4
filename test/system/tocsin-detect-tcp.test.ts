import t from "tap";
import { enterSandbox } from "./harness.ts";
import { TCP } from "./scans.ts";
import { addVictim, proveAll } from "./tocsin-detect.ts";

enterSandbox(import.meta.url);

const victim = await addVictim();

for (const version of [4, 6] as const)
	t.test(`TCP scans over IPv${version}`, (t) => {
		const cases = TCP.filter((each) => each.version === version);
		return proveAll(t, cases, victim, { at: victim });
	});
