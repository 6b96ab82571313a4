import type { Alert } from "../alert/alert.ts";
import {
	createDetector,
	type Detector,
	type DetectorOptions,
} from "../detect/detector.ts";
import type { WatchOptions } from "./merge.ts";

/** A detector as the options want it. */
export function detectorOf(
	options: WatchOptions,
	world: Pick<DetectorOptions, "seed" | "names" | "isBound">,
	emit: (alert: Alert) => void,
): Detector {
	const { scope, tcp, udp, protocols, to, home, ipOptions } = options;
	return createDetector({
		scope,
		tcp,
		udp,
		protocols,
		to,
		home,
		ipOptions,
		...world,
		emit,
	});
}
