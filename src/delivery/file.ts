import type { FileSink } from "../config/sinktypes.ts";
import { appender } from "./append.ts";
import { cefLine } from "./cef.ts";
import { eventOf, type Teller } from "./event.ts";
import { plainEntry } from "./format.ts";
import { rotate } from "./rotate.ts";
import type { Entry, Sink } from "./sink.ts";
import { compileTemplate, render } from "./template.ts";

/** Bytes that a file may have that isn't, or can't be, rotated. */
const MAX_UNROTATED = 1 << 30;

export interface FileWay extends Sink {
	/** Opens the file anew: SIGHUP, after logrotate(8) has moved it. */
	reopen(): void;
}

/** How an entry is written, or what is wrong with the template. */
function formatter(
	{ format, template }: FileSink,
	teller: Teller,
): ((entry: Entry) => string) | string {
	if (format === "json")
		return (entry) => `${JSON.stringify(eventOf(entry, teller))}\n`;
	if (format === "cef") return (entry) => `${cefLine(entry, teller)}\n`;
	if (template === undefined) return plainEntry;
	const compiled = compileTemplate(template);
	if (typeof compiled === "string") return compiled;
	return (entry) =>
		`${render(compiled, [entry], teller).replace(/\n+$/, "")}\n`;
}

/**
 * A file of ECS JSON, CEF or text lines, opened at once so that it outlives root. Rotated when it has its size; where
 * that can't be (a folder that isn't ours) it grows on, up to 1 GiB, which is told once. One that was moved or removed is opened anew.
 */
export function fileSink(
	config: FileSink,
	teller: Teller,
	complain: (sentence: string) => void = () => {},
): FileWay {
	const { path, size, keep } = config;
	const file = appender(path, MAX_UNROTATED);
	const format = formatter(config, teller);
	file.open(); // what is wrong shows again at the first alert, which then goes to the fallback file

	let isStuck = false;
	/** What others did to the file, and what its size asks for. */
	function tend(more: number): void {
		if (!file.isInPlace()) file.close();
		const now = file.size();
		if (size === 0 || now === 0 || now + more <= size) return;
		const why = rotate(path, keep);
		if (why === undefined) file.close();
		else if (!isStuck)
			complain(
				`can't rotate ${path}: ${why}: give tocsin's user its folder, or set size = 0`,
			);
		isStuck = why !== undefined;
	}

	return {
		async deliver(entries) {
			if (typeof format === "string") return `${path}: ${format}`;
			const text = entries.map(format).join("");
			const unrotated = tend(text.length);
			const why = file.append(text);
			return why && unrotated
				? `${why}; it can't be rotated: ${unrotated}`
				: why;
		},
		close: async () => {
			file.close();
			return undefined;
		},
		reopen() {
			file.close();
			file.open();
		},
	};
}
