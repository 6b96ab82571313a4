/**
 * make bench: speed and size of dist/klaxon and dist/tocsin as a Markdown table. Speeds are ratios to a reference of
 * the same run; exits 1 when one is not what it must be. Runs in a sandbox (see
 * test/system/sandbox.ts), which leaves nothing behind.
 */
import { enterSandbox } from "../test/system/harness.ts";
import { burst } from "./bench/burst.ts";
import { delivery } from "./bench/delivery.ts";
import { handover } from "./bench/handover.ts";
import { idle } from "./bench/idle.ts";
import { lures } from "./bench/lures.ts";
import { nowait } from "./bench/nowait.ts";
import { replayCost } from "./bench/replay.ts";
import { resets, scan } from "./bench/resets.ts";
import { sequential } from "./bench/sequential.ts";
import { size } from "./bench/size.ts";
import { store } from "./bench/store.ts";
import { markdown, type Row } from "./bench/table.ts";
import { copyKlaxon } from "./bench/trap.ts";
import { watch } from "./bench/watch.ts";

enterSandbox(import.meta.url);
copyKlaxon();

const rows: Row[] = [];
for (const measure of [
	nowait,
	sequential,
	burst,
	resets,
	scan,
	size,
	idle,
	replayCost,
	watch,
	lures,
	store,
	delivery,
	handover,
]) {
	const start = performance.now();
	try {
		rows.push(...(await measure()));
	} catch (error) {
		const measured = `failed: ${(error as Error).message}`;
		rows.push({ what: measure.name, measured, target: "a figure", met: false });
	}
	const seconds = Math.round((performance.now() - start) / 1000);
	process.stderr.write(`bench: ${measure.name} took ${seconds} s\n`);
}
process.stdout.write(markdown(rows));
process.exit(rows.some(({ met }) => met === false) ? 1 : 0);
