/** What the programs of a sink may do: what tocsin's user may, and no more. */
import { existsSync, readFileSync } from "node:fs";
import t from "tap";
import {
	configure,
	OUT,
	probe,
	script,
	startDaemon,
	status,
} from "./delivery.ts";
import { enterSandbox, waitFor } from "./harness.ts";

enterSandbox(import.meta.url);

const show = script(
	"/tmp/show",
	`{ cat /proc/self/status; env; ls /proc/self/fd; } >${OUT}/new; mv ${OUT}/new ${OUT}/shown\n`,
);

t.test("a program has no right to capture, and nothing of ours", async (t) => {
	process.env.SECRET_OF_OURS = "x";
	const config = configure(
		"/tmp/rights.toml",
		`[[sink]]\ntype = "exec"\nargv = ["${show}"]\n[[sink]]\ntype = "desktop"\n`,
	);
	const daemon = await startDaemon(config, ["--json"]);
	await probe("127.0.0.9");
	await waitFor("the program", () => existsSync(`${OUT}/shown`));
	const shown = readFileSync(`${OUT}/shown`, "latin1");
	t.match(shown, /^CapPrm:\t0+$/m);
	t.match(shown, /^CapEff:\t0+$/m);
	t.match(shown, /^CapAmb:\t0+$/m);
	t.match(shown, /^NoNewPrivs:\t1$/m);
	t.match(shown, "KLAXON_SOURCE_IP=127.0.0.9");
	t.notMatch(shown, "SECRET_OF_OURS");
	t.match((await status()).packets, Number, "while the watch keeps its own");
	t.equal((await status()).blind, false);
	await daemon.stop("SIGTERM");
	t.equal(await daemon.ended, 0);
});
