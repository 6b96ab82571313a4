import type { Alert } from "../alert/alert.ts";
import { type AnswersOptions, createAnswers } from "../detect/answers.ts";
import { createDetector, type Detector } from "../detect/detector.ts";
import type { DetectorOptions } from "../detect/options.ts";
import type { WatchOptions } from "./merge.ts";

/** A detector as the options want it. */
export function detectorOf(
	options: WatchOptions,
	world: Pick<DetectorOptions, "seed" | "names" | "isBound"> &
		Pick<AnswersOptions, "known" | "lure" | "dhcpAsked">,
	emit: (alert: Alert) => void,
): Detector {
	const { known, lure, dhcpAsked, ...rest } = world;
	const { names } = rest;
	const { scope, tcp, udp, protocols, to, home, ipOptions } = options;
	return createDetector({
		scope,
		tcp,
		udp,
		protocols,
		to,
		home,
		ipOptions,
		...rest,
		answers: (agenda) =>
			createAnswers(
				{
					lures: options,
					known,
					names,
					dhcpAsked,
					...(lure && { lure }),
					emit,
				},
				agenda,
			),
		emit,
	});
}
