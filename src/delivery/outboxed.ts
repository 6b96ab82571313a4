import type { SinkConfig } from "../config/sinktypes.ts";
import type { Outboxed } from "./courier.ts";
import type { Sink } from "./sink.ts";

/** A configured sink as the courier serves it: a program that may run several times at once is given as much at a time. */
export function outboxed(config: SinkConfig, sink: Sink): Outboxed {
	const { name, batch } = config;
	const times = config.type === "exec" ? config.atOnce : 1;
	return { name, batch: { ...batch, max: batch.max * times }, sink };
}
