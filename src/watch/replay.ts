import { createHash } from "node:crypto";
import { hostname } from "node:os";
import type { Alert } from "../alert/alert.ts";
import { jsonLine } from "../alert/json.ts";
import { alertLine } from "../alert/render.ts";
import { readCapture } from "../capture/file.ts";
import { EX_DATAERR, EX_OK } from "../delivery/exit.ts";
import { createRules } from "../delivery/rules.ts";
import { timestamp } from "../delivery/time.ts";
import type { Detector } from "../detect/detector.ts";
import { createKnown } from "../detect/known.ts";
import { detectorOf } from "./detect.ts";
import { createFeed } from "./feed.ts";
import type { WatchOptions } from "./merge.ts";
import { createNames } from "./names.ts";

/** Constant: a replay's alerts are the same each time. */
const SEED = 0x746f6373;
/** Characters of an event's id: those of a UUID without its dashes. */
const ID = 32;

/** Alerts as lines of text or JSON; an id is made of what it names, so that it too is the same each time. */
function renderer(json: boolean, version: string): (alert: Alert) => string {
	const observer = {
		product: "tocsin",
		version,
		hostname: hostname(),
	} as const;
	let count = 0;
	return (alert) => {
		const line = alertLine(alert);
		if (!json) return `${timestamp(alert.time)} ${line}\n`;
		count++;
		const name = `${count} ${alert.time} ${line}`;
		const hash = createHash("sha256").update(name).digest("hex");
		return `${jsonLine(alert, observer, hash.slice(0, ID))}\n`;
	};
}

/** Runs one file's packets through a detector; the time of the last one, and what is wrong with the file. */
async function readInto(
	detector: Detector,
	file: string,
): Promise<{ last: number; error: string | undefined }> {
	const { record, flush } = createFeed(detector);
	let last = 0;
	const { error } = await readCapture(
		file,
		(bytes, offset, captured, length, time, linktype, iface) => {
			if (time > last) last = time;
			record(bytes, offset, captured, length, time, linktype, iface);
		},
	);
	flush();
	return { last, error };
}

/**
 * Judges capture files one after another with their packets' time as the clock; what is scanned in one
 * and goes on in the next is one scan. Resolves to the exit code; what can't be read is told by `complain`.
 */
export async function runReplay(
	options: WatchOptions,
	version: string,
	write: (text: string) => void,
	complain: (sentence: string) => void,
): Promise<number> {
	const render = renderer(options.json, version);
	const names = createNames(() => undefined);
	const isBound = () => undefined;
	const { ignores } = createRules({
		ignore: options.ignore,
		limit: [],
		route: [],
	});
	const detector = detectorOf(
		options,
		{ seed: SEED, names, isBound, known: createKnown([], () => {}) },
		(alert) => {
			if (!ignores(alert)) write(render(alert));
		},
	);
	detector.setHomeAsOwn(options.scope === "host" ? options.home : []);
	let code = EX_OK;
	let end = 0;
	for (const file of options.files) {
		const { last, error } = await readInto(detector, file);
		end = Math.max(end, last);
		if (error === undefined) continue;
		complain(error);
		code = EX_DATAERR;
	}
	detector.finish(end);
	return code;
}
