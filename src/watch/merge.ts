import type { Config } from "../config/config.ts";
import type { LureConfig } from "../config/lures.ts";
import { allPorts, emptySets, union, without } from "../config/portset.ts";
import type { Target } from "../config/target.ts";
import type { WatchConfig } from "../config/watch.ts";
import type { Command, Options } from "./command.ts";

/** All a watch or a replay is told: the configuration, and over it the command line. */
export interface WatchOptions
	extends WatchConfig,
		LureConfig,
		Pick<
			Config,
			"sinks" | "ignore" | "limit" | "route" | "handover" | "status" | "history"
		> {
	/** Capture files to replay. */
	files: string[];
	json: boolean;
	syslog: Target;
	facility: string;
	tag: string;
	fallback: string;
	/** The directory for what tocsin remembers; undefined: nothing is kept. */
	state: string | undefined;
	/** The local socket. */
	socket: string;
}

/** Watched ports and exceptions; an exception wins over every list, the command line's too. */
function mergePorts(
	{ ports, allExcept }: Options,
	watch: WatchConfig,
): Pick<WatchConfig, "tcp" | "udp" | "except"> {
	const named = ports ?? emptySets();
	const except = allExcept
		? {
				tcp: union(watch.except.tcp, named.tcp),
				udp: union(watch.except.udp, named.udp),
			}
		: watch.except;
	const all = allExcept ? { tcp: allPorts(), udp: allPorts() } : undefined;
	const { tcp, udp } = all ?? ports ?? watch;
	return {
		tcp: without(tcp, except.tcp),
		udp: without(udp, except.udp),
		except,
	};
}

/**
 * Puts the command line over the configuration. `tcp` and `udp` come out without the exceptions. A file
 * has no addresses of its own: a replay judges the whole segment until some are called ours. And what
 * it finds is history: it goes to standard output, and neither wakes anybody nor becomes evidence anew.
 */
export function mergeOptions(
	command: Command,
	options: Options,
	{ watch, sinks, lures, state, socket, ...rest }: Config,
): WatchOptions {
	const { words, json, facility, tag, fallback } = options;
	const replay = command === "replay";
	const home = options.home.length > 0 ? options.home : watch.home;
	const whole = options.segment || (replay && home.length === 0);
	return {
		interfaces:
			options.interfaces.length > 0 ? options.interfaces : watch.interfaces,
		scope: whole ? "segment" : watch.scope,
		...mergePorts(options, watch),
		protocols: options.tcpOnly ? ["tcp"] : watch.protocols,
		to: options.to.length > 0 ? options.to : watch.to,
		home,
		ipOptions: options.ipOptions || watch.ipOptions,
		evidence: replay ? undefined : (options.evidence ?? watch.evidence),
		evidenceSize: watch.evidenceSize,
		user: options.user ?? watch.user,
		files: replay ? words : [],
		json,
		syslog: replay ? { via: "stdout" } : options.syslog,
		facility,
		tag,
		fallback,
		sinks: replay ? [] : sinks,
		...lures,
		...rest,
		state: replay ? undefined : (options.state ?? state),
		socket: options.socket ?? socket,
	};
}
