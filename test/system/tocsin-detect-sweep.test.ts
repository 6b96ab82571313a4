import t from "tap";
import { enterSandbox } from "./harness.ts";
import { NEIGHBOURS, PORT_SWEEPS, SWEEPS } from "./scans.ts";
import { addVictim, proveAll } from "./tocsin-detect.ts";

enterSandbox(import.meta.url);

const victim = await addVictim();

t.test("who of 16 is there", (t) =>
	proveAll(t, SWEEPS, victim, { at: victim }),
);

t.test("neighbours", (t) => proveAll(t, NEIGHBOURS, victim, { at: victim }));

t.test("one port of 16 addresses of this host", (t) =>
	proveAll(t, PORT_SWEEPS, victim, { at: victim }),
);

t.test("one port of 16 other hosts of the segment", (t) =>
	proveAll(t, PORT_SWEEPS, victim, {
		at: undefined,
		// by name: /sys shows the machine's interfaces, not which are the bridge's ports
		args: [
			"-i",
			"lan0",
			"--segment",
			"--home",
			"10.78.0.0/24",
			"--home",
			"2001:db8:78::/64",
		],
	}),
);
