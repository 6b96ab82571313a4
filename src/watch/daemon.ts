import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { Libpcap } from "../capture/handle.ts";
import { EX_CONFIG } from "../delivery/exit.ts";
import { ignoredText } from "../delivery/rules.ts";
import { allowedOf, uidsOf } from "../handover/allowed.ts";
import { type Control, openControl } from "../handover/server.ts";
import { clearAmbient } from "../runtime/ambient.ts";
import { type Dispatch, type DispatchWorld, openDispatch } from "./dispatch.ts";
import type { WatchOptions } from "./merge.ts";
import type { Status } from "./status.ts";
import { runWatch, type Sight } from "./watch.ts";

/** Errors of a configuration that are told; all stand in what `tocsin check` says. */
const MAX_TOLD = 3;

/** What a daemon needs of the world. */
export interface DaemonWorld {
	lib: Libpcap;
	version: string;
	/** Resolves when somebody wants us to leave. */
	stopped: Promise<void>;
	/** Calls back whenever somebody wants the configuration read again. */
	onReload(reload: () => void): void;
	/** The options anew, or what is wrong with the configuration. */
	read(): WatchOptions | string[];
	/** Says a sentence on standard error. */
	say(sentence: string): void;
	/** Tells a bug before it ends us. */
	onBug(tell: (sentence: string) => Promise<number>): void;
}

type Broadcast = DispatchWorld["broadcast"];

/** What is running, as far as it is there yet. */
interface Running {
	dispatch: Dispatch;
	sight?: Sight;
	control?: Control | undefined;
	metrics?: Server | undefined;
	/** When the two above are there, or can't be. */
	opened?: Promise<void>;
}

const NOTHING = { received: 0, dropped: 0 };

/** Sinks that wait on disk, and those that don't. */
function sinkStates(
	{ courier, desk }: Dispatch,
	{ sinks }: WatchOptions,
): Status["sinks"] {
	const typeOf = (name: string) =>
		sinks.find((sink) => sink.name === name)?.type ?? "syslog";
	const direct = desk.health().map((health) => ({
		...health,
		name: health.name || "main",
		type: typeOf(health.name),
		queued: 0,
		dead: 0,
	}));
	const outboxed = courier.status().map((sink) => ({
		...sink,
		type: typeOf(sink.name),
		queued: sink.queued ?? 0,
	}));
	return [...direct, ...outboxed];
}

function statusOf(
	{ dispatch, sight, control }: Running,
	options: WatchOptions,
	version: string,
): Status {
	const { received, dropped } = sight?.totals() ?? NOTHING;
	const interfaces = sight?.perInterface() ?? [];
	const { told } = dispatch.desk.tally();
	return {
		version,
		since: Date.now() - Math.round(process.uptime() * 1000),
		uptime: Math.round(process.uptime()),
		blind: interfaces.length === 0,
		interfaces,
		packets: received,
		drops: dropped,
		alerts: told,
		rules: dispatch.desk.acted(),
		sinks: sinkStates(dispatch, options),
		desktops: control?.desktops() ?? 0,
		memory: process.memoryUsage.rss(),
	};
}

/** Tells the desktops of users, everybody's where none is named. */
const toDesktops =
	(control: () => Control | undefined): Broadcast =>
	(users, message) => {
		if (users.length === 0) return control()?.broadcast(message) ?? 0;
		const uids = uidsOf(users, readFileSync("/etc/passwd", "latin1"));
		if (typeof uids === "string") return 0; // told at the start
		return control()?.broadcast(message, (uid) => uids.has(uid)) ?? 0;
	};

/** Opens the socket for klaxons and people; without it all else goes on. */
async function openSocket(
	{ socket, handover, sinks }: WatchOptions,
	{ desk, history, complain }: Dispatch,
	status: () => Status,
	broadcast: Broadcast,
): Promise<Control | undefined> {
	const passwd = readFileSync("/etc/passwd", "latin1");
	const users = sinks.flatMap((sink) =>
		sink.type === "desktop" ? sink.users : [],
	);
	const [mayHandOver, hasDesktop] = [
		uidsOf(handover, passwd),
		uidsOf(users, passwd),
	];
	for (const trouble of [mayHandOver, hasDesktop])
		if (typeof trouble === "string") complain(trouble);
	const nobody = new Set([-1]); // an empty one would be everybody
	const control = await openControl({
		path: socket,
		now: Date.now,
		allowed: allowedOf(
			process.getuid?.() ?? -1,
			typeof mayHandOver === "string" ? nobody : mayHandOver,
			typeof hasDesktop === "string" ? nobody : hasDesktop,
		),
		onAlerts(received) {
			for (const { alert, id } of received) desk.takeOver(alert, id);
			history.flush(); // where the disk takes nothing they wait in memory, which is told
			return undefined;
		},
		status,
		onPopup: (popup, users) => broadcast(users, { popup }),
	});
	if (typeof control !== "string") return control;
	complain(`klaxons and 'tocsin status' find no socket: ${control}`);
	return undefined;
}

/** Reads the configuration again, one time after another; a bad one changes nothing, and that is told. */
function createReload(
	{ replace, complain }: Dispatch,
	read: DaemonWorld["read"],
	taken: (options: WatchOptions) => void,
): () => void {
	const refuse = (why: string) =>
		complain(`the configuration is refused, the old one stays: ${why}`);

	async function reload(): Promise<void> {
		const options = read();
		if (Array.isArray(options)) {
			options.slice(0, MAX_TOLD).forEach(refuse);
			return;
		}
		const why = await replace(options);
		if (why !== undefined) refuse(why);
		else taken(options);
	}

	let last = Promise.resolve();
	return () => {
		last = last.then(reload);
	};
}

/** Watches and tells until somebody stops it; the exit code. */
export async function runDaemon(
	first: WatchOptions,
	world: DaemonWorld,
): Promise<number> {
	const { lib, version, stopped, say } = world;
	clearAmbient(); // programs that are run for an alert need no right to capture
	let options = first;
	const broadcast = toDesktops(() => running.control);
	const opened = await openDispatch(first, {
		version,
		say,
		broadcast,
	});
	if (typeof opened === "string") {
		say(opened);
		return EX_CONFIG;
	}
	const dispatch = opened;
	const { desk, complain, tell } = dispatch;
	const running: Running = { dispatch };
	const status = () => statusOf(running, options, version);
	world.onBug((sentence) => {
		tell(sentence);
		return dispatch.finish();
	});

	/** Opens what others reach us by. */
	async function open(): Promise<void> {
		running.control = await openSocket(first, dispatch, status, broadcast);
		const { listen } = first.status;
		if (!listen) return;
		const { openMetrics } = await import("./prometheus.ts"); // 3 MB of node:http
		const metrics = await openMetrics(listen, status);
		if (typeof metrics === "string") complain(metrics);
		else running.metrics = metrics;
	}

	const code = await runWatch(first, {
		lib,
		stopped,
		emit: desk.take,
		complain: tell,
		watching(sight) {
			running.sight = sight;
			dispatch.begin();
			running.opened = open();
			const taken = (next: WatchOptions) => {
				options = next;
			};
			world.onReload(createReload(dispatch, world.read, taken));
		},
		settle() {
			desk.settle();
			return ignoredText(desk.acted());
		},
	});
	await running.opened;
	running.metrics?.close();
	await running.control?.close();
	const delivered = await dispatch.finish();
	return code || delivered;
}
