import { parseArgs } from "node:util";
import { parseCidr } from "../config/cidr.ts";
import { parseDuration } from "../config/duration.ts";
import { patternError } from "../config/interfaces.ts";
import { KINDS } from "../config/rules.ts";
import { parseTarget } from "../config/target.ts";
import { USER } from "../config/watch.ts";
import { FACILITIES } from "../delivery/priority.ts";
import {
	type Action,
	COMMANDS,
	type Command,
	chooseCommand,
	defaults,
	type Options,
	setWords,
} from "./command.ts";

/** Sets a value; answers a sentence that says why not. */
type Set = (options: Options, value: string) => string | undefined;

interface Spec {
	type: "boolean" | "string";
	short?: string;
	/** Commands that take it. */
	of: readonly Command[];
	set: Set;
}

const JUDGING: readonly Command[] = ["watch", "replay"];
const WATCHING: readonly Command[] = ["watch"];
const ASKING: readonly Command[] = ["watch", "probe"];
const SENDING: readonly Command[] = ["watch", "test-alert"];
const REMEMBERING: readonly Command[] = [
	"watch",
	"check",
	"probe",
	"learned",
	"alerts",
];
const LISTING: readonly Command[] = ["alerts"];

type Flag =
	| "segment"
	| "tcpOnly"
	| "allExcept"
	| "ipOptions"
	| "json"
	| "forget"
	| "follow";
type Text =
	| "config"
	| "evidence"
	| "user"
	| "tag"
	| "fallback"
	| "state"
	| "socket";

const flag = (key: Flag, of: readonly Command[], short?: string): Spec => ({
	type: "boolean",
	...(short && { short }),
	of,
	set: (options) => {
		options[key] = true;
		return undefined;
	},
});

const text = (
	key: Text,
	of: readonly Command[],
	pattern: RegExp,
	remedy: string,
	short?: string,
): Spec => ({
	type: "string",
	...(short && { short }),
	of,
	set: (options, value) => {
		if (!pattern.test(value)) return `bad ${key} '${value}': ${remedy}`;
		options[key] = value;
		return undefined;
	},
});

const networks = (key: "to" | "home"): Spec => ({
	type: "string",
	of: JUDGING,
	set: (options, value) => {
		const network = parseCidr(value);
		if (typeof network === "string") return network;
		options[key].push(network);
		return undefined;
	},
});

const FILE = [/^.+$/s, "give a file"] as const;
const PATH = [/^\/.+$/s, "give an absolute path"] as const;

const spec: Record<string, Spec> = {
	config: text("config", COMMANDS, ...FILE, "c"),
	interface: {
		type: "string",
		short: "i",
		of: ASKING,
		set: (options, value) => {
			options.interfaces.push(value);
			return patternError(value);
		},
	},
	segment: flag("segment", JUDGING, "s"),
	"tcp-only": flag("tcpOnly", JUDGING, "T"),
	"all-except": flag("allExcept", WATCHING, "A"),
	to: networks("to"),
	home: networks("home"),
	"ip-options": flag("ipOptions", JUDGING),
	evidence: text("evidence", WATCHING, ...FILE, "o"),
	user: text("user", [...ASKING, "test-alert"], USER, "give a user's name"),
	json: flag("json", [...JUDGING, "alerts", "status"]),
	syslog: {
		type: "string",
		of: SENDING,
		set: (options, value) => {
			const target = parseTarget(value);
			if (typeof target === "string") return target;
			options.syslog = target;
			return undefined;
		},
	},
	facility: {
		type: "string",
		of: SENDING,
		set: (options, value) => {
			if (!FACILITIES.includes(value))
				return `unknown facility '${value}': one of ${FACILITIES.join(", ")}`;
			options.facility = value;
			return undefined;
		},
	},
	// RFC 3164 section 4.1.3: alphanumeric, at most 32; the dot, dash and underscore are common.
	tag: text(
		"tag",
		SENDING,
		/^[\w.-]{1,32}$/,
		"letters, digits and . _ - only, at most 32",
	),
	fallback: text("fallback", WATCHING, ...PATH),
	forget: flag("forget", ["learned"]),
	state: text("state", REMEMBERING, ...PATH),
	socket: text("socket", ["watch", "status", "notify", "test-alert"], ...PATH),
	since: {
		type: "string",
		of: LISTING,
		set: (options, value) => {
			const ms = parseDuration(value);
			if (typeof ms === "string") return ms;
			options.since = ms;
			return undefined;
		},
	},
	kind: {
		type: "string",
		of: LISTING,
		set: (options, value) => {
			for (const word of value.split(",")) {
				const kind = KINDS.find((one) => one === word);
				if (kind === undefined)
					return `unknown kind '${word}': one of ${KINDS.join(", ")}`;
				options.kinds.push(kind);
			}
			return undefined;
		},
	},
	source: {
		type: "string",
		of: LISTING,
		set: (options, value) => {
			const network = parseCidr(value);
			if (typeof network === "string") return network;
			options.network = network;
			return undefined;
		},
	},
	follow: flag("follow", LISTING, "f"),
};

/** Options that say what to do instead. */
const INSTEAD = {
	help: { type: "boolean", short: "h" },
	version: { type: "boolean", short: "V" },
} as const;

/** Sets one option, as parseArgs found it. */
function setOption(
	options: Options,
	command: Command,
	name: string,
	raw: string,
	value: string | undefined,
): string | undefined {
	const known = Object.hasOwn(spec, name) ? spec[name] : undefined;
	const takesNone = known?.type === "boolean" || Object.hasOwn(INSTEAD, name);
	if (!known && !takesNone)
		return `unknown option '${raw}': tocsin --help lists the options`;
	if (takesNone && value !== undefined)
		return `option ${raw} takes no value, but got '${value}'`;
	if (!known) return undefined;
	if (!known.of.includes(command))
		return `option ${raw} is for ${known.of.join(" and ")}, not for ${command}`;
	if (known.type === "string" && value === undefined)
		return `option ${raw} needs a value`;
	return known.set(options, value ?? "");
}

/**
 * Reads tocsin's command line. Every error is a sentence that names the offender. Help and version win
 * over whatever else is wrong. `services` is the text of a services(5) file, by default this machine's.
 */
export function parseOptions(
	argv: string[],
	services?: string,
): { action: Action; options: Options; errors: string[] } {
	const options = defaults();
	const chosen = chooseCommand(argv[0], services);
	if (typeof chosen === "string")
		return { action: "watch", options, errors: [chosen] };
	const { command, given } = chosen;
	const { tokens } = parseArgs({
		args: given ? argv.slice(1) : argv,
		options: { ...spec, ...INSTEAD },
		strict: false, // its own errors don't say what to do
		tokens: true,
	});
	const errors: string[] = [];
	const words: string[] = [];
	let instead: Action | undefined;
	for (const token of tokens) {
		if (token.kind === "positional") words.push(token.value);
		if (token.kind !== "option") continue;
		const { name, rawName, value } = token;
		if (name === "help" || name === "version") instead ??= name;
		const error = setOption(options, command, name, rawName, value);
		if (error !== undefined) errors.push(error);
	}
	if (instead) return { action: instead, options, errors: [] };
	errors.push(...setWords(options, command, words, services));
	return { action: command, options, errors };
}
