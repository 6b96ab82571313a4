import { setTimeout as sleep } from "node:timers/promises";
import type { Alert } from "../alert/alert.ts";
import type { Cidr } from "../config/cidr.ts";
import { EX_OK, EX_UNAVAILABLE } from "../delivery/exit.ts";
import { jsonEntry, plainEntry } from "../delivery/format.ts";
import { databaseIn } from "../delivery/kept.ts";
import { openReader, type Reader } from "../delivery/reader.ts";
import type { Entry } from "../delivery/sink.ts";
import type { Filter } from "../delivery/store.ts";

/** What `tocsin alerts` was asked for. */
export interface AlertsOptions {
	/** The directory for what tocsin remembers. */
	state: string;
	/** ms back from now; undefined: all. */
	since?: number | undefined;
	/** Undefined or empty: all. */
	kinds?: readonly Alert["kind"][] | undefined;
	network?: Cidr | undefined;
	json: boolean;
	follow: boolean;
}

export interface AlertsWorld {
	version: string;
	/** Standard output is a terminal that wants colour. */
	colour: boolean;
	/** Resolves when somebody wants us to leave; only `follow` waits for it. */
	stopped: Promise<void>;
	/** ms since the epoch; by default Date.now. */
	now?(): number;
}

/** The newest that are shown; more are a job for --json and a --since. */
const MOST = 10_000;
/** Read and written at a time. */
const PAGE = 500;
/** ms between two looks: at once, to a person. */
const POLL = 500;

const RESET = "\x1b[0m";
/** By syslog level, ECMA-48 section 8.3.117: red, yellow, and faint for what only informs. */
const COLOURS: Record<string, string> = {
	emerg: "\x1b[31m",
	alert: "\x1b[31m",
	crit: "\x1b[31m",
	err: "\x1b[31m",
	warning: "\x1b[33m",
	info: "\x1b[2m",
	debug: "\x1b[2m",
};

/** An entry as a line; what a hand other than ours wrote into the database is no command to a terminal. */
function renderer(
	{ json }: AlertsOptions,
	{ version, colour }: AlertsWorld,
): (entry: Entry) => string {
	if (json) return (entry) => jsonEntry(entry, version);
	return (entry) => {
		const text = plainEntry(entry)
			.slice(0, -1)
			.replace(/[^ -~]/g, "?");
		const paint = colour ? COLOURS[entry.level] : undefined;
		return paint ? `${paint}${text}${RESET}\n` : `${text}\n`;
	};
}

/** Prints what is new since the last call; a sentence where it can't be read. */
interface Printer {
	next(): Promise<string | undefined>;
	/** Whether there is a history. */
	isThere(): boolean;
	close(): void;
}

function createPrinter(
	path: string,
	filter: Filter,
	put: (entries: Entry[]) => unknown,
	complain: (sentence: string) => void,
): Printer {
	let reader: Reader | undefined;
	/** Undefined until something was read. */
	let after: number | undefined;

	function close(): void {
		reader?.close();
		reader = undefined;
		after = undefined;
	}

	/** Opens it, and goes to where the newest that are shown begin. */
	async function open(): Promise<string | undefined> {
		const opened = await openReader(path);
		if (typeof opened !== "object") return opened;
		reader = opened;
		const hidden = reader.beforeTail(filter, MOST);
		if (typeof hidden === "string") return hidden;
		if (hidden === 0) return undefined;
		after = hidden;
		complain(
			`only the last ${MOST} alerts are shown: ask for fewer with --since, --kind or --source`,
		);
		return undefined;
	}

	async function print(reader: Reader): Promise<string | undefined> {
		const end = reader.last();
		if (typeof end === "string") return end;
		for (;;) {
			const page = reader.alerts({ ...filter, after, limit: PAGE });
			if (typeof page === "string") return page;
			if (page.length > 0) await put(page.map(({ entry }) => entry));
			after = page.at(-1)?.seq ?? after;
			if (page.length < PAGE) break;
		}
		after = Math.max(end, after ?? 0); // what doesn't fit is not looked at again
		return undefined;
	}

	return {
		async next() {
			if (reader && !reader.isCurrent()) close();
			const trouble = reader ? undefined : await open();
			return trouble ?? (reader && print(reader));
		},
		isThere: () => reader !== undefined,
		close,
	};
}

/** Prints the history, the newest last; resolves to the exit code. `write` is waited for. */
export async function runAlerts(
	options: AlertsOptions,
	write: (text: string) => unknown,
	complain: (sentence: string) => void,
	world: AlertsWorld,
): Promise<number> {
	const { state, since, kinds, network, follow } = options;
	const { stopped, now = Date.now } = world;
	const path = databaseIn(state);
	const render = renderer(options, world);
	const from = since === undefined ? undefined : now() - since;
	const printer = createPrinter(
		path,
		{ since: from, kinds, network },
		(entries) => write(entries.map(render).join("")),
		complain,
	);
	let isLeaving = !follow;
	stopped.then(() => {
		isLeaving = true;
	});
	let trouble = await printer.next();
	if (trouble === undefined && !printer.isThere())
		complain(`no alerts yet: there is no history in ${path}`);
	while (trouble === undefined && !isLeaving) {
		await Promise.race([sleep(POLL), stopped]);
		trouble = await printer.next();
	}
	printer.close();
	if (trouble === undefined) return EX_OK;
	complain(trouble);
	return EX_UNAVAILABLE;
}
