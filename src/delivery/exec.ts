import type { ExecSink } from "../config/sinktypes.ts";
import { runCommand } from "./child.ts";
import { eventOf, type Teller } from "./event.ts";
import type { Entry, Sink } from "./sink.ts";
import { compileTemplate, render, type Template } from "./template.ts";
import { variables } from "./variables.ts";

/** Characters of an argument; execve(2) allows 131,072 bytes. */
const MAX_ARGUMENT = 4096;

/** Nothing of ours goes on to a program; TZ keeps its times local. */
const environment = (): Record<string, string> => ({
	PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
	LANG: "C",
	...(process.env.TZ === undefined ? {} : { TZ: process.env.TZ }),
});

/** The arguments as templates, or what is wrong with the first bad one. */
function compileAll(texts: readonly string[]): Template[] | string {
	const templates: Template[] = [];
	for (const text of texts) {
		const template = compileTemplate(text);
		if (typeof template === "string") return template;
		templates.push(template);
	}
	return templates;
}

/**
 * One argument, whatever is put into it. Where a placeholder begins it, no `-` does: a program would take
 * it for an option.
 */
function argument(template: Template, entries: Entry[], teller: Teller) {
	const text = render(template, entries, teller).slice(0, MAX_ARGUMENT);
	const isShaped = template.texts[0] === "" && template.names.length > 0;
	return isShaped && text.startsWith("-") ? `\\x2d${text.slice(1)}` : text;
}

/** Parts of at most `max`, in order. */
function parts(entries: readonly Entry[], max: number): Entry[][] {
	const all: Entry[][] = [];
	for (let i = 0; i < entries.length; i += max)
		all.push(entries.slice(i, i + max));
	return all;
}

/**
 * A program that is run once for each `batch.max` alerts, several at once where it is given more. Its arguments and
 * its environment (`KLAXON_SOURCE_IP` and the like, `KLAXON_ALERTS` for how many) tell of the first alert, its
 * standard input of all: ECS JSON, one a line. It has to exit 0 within its timeout. When some of several runs
 * failed, only those are run again.
 */
export function execSink(config: ExecSink, teller: Teller): Sink {
	const { argv, timeout, batch } = config;
	const [program = "", ...texts] = argv;
	const templates = compileAll(texts);
	/** First ids of the parts that were taken, of entries that come again. */
	const taken = new Set<string>();

	const run = (entries: Entry[], [first]: Entry[], args: Template[]) =>
		runCommand({
			program,
			args: args.map((each) => argument(each, entries, teller)),
			env: {
				...environment(),
				...(first && Object.fromEntries(variables(first, teller))),
				KLAXON_ALERTS: String(entries.length),
			},
			input: entries
				.map((entry) => `${JSON.stringify(eventOf(entry, teller))}\n`)
				.join(""),
			timeout,
		});

	async function runOnce(entries: Entry[], args: Template[]) {
		const id = entries[0]?.id ?? "";
		if (taken.has(id)) return undefined;
		const why = await run(entries, entries, args);
		if (why === undefined && id !== "") taken.add(id);
		return why;
	}

	return {
		async deliver(entries) {
			if (typeof templates === "string") return `${program}: ${templates}`;
			const runs = parts(entries, batch.max);
			const whys = await Promise.all(
				runs.map((part) => runOnce(part, templates)),
			);
			const failed = whys.filter((why) => why !== undefined);
			if (failed.length === 0) taken.clear();
			const times = failed.length > 1 ? ` (${failed.length} runs)` : "";
			return failed[0] && `${failed[0]}${times}`;
		},
		close: async () => undefined,
	};
}
