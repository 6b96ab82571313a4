import { parseArgs } from "node:util";
import type { Transport } from "../alert/alert.ts";
import { type Cidr, parseCidr } from "../config/cidr.ts";
import { patternError } from "../config/interfaces.ts";
import { addPorts } from "../config/portlist.ts";
import { emptySets, type PortSets } from "../config/portset.ts";
import { parseTarget, type Target } from "../config/target.ts";
import { USER } from "../config/watch.ts";
import { FACILITIES } from "../delivery/priority.ts";

export const COMMANDS = [
	"watch",
	"replay",
	"check",
	"probe",
	"learned",
] as const;
export type Command = (typeof COMMANDS)[number];
export type Action = Command | "help" | "version";

/** What the command line says; undefined, false or empty leaves it to the configuration. */
export interface Options {
	/** A configuration that must exist; undefined: `CONFIG_FILE`, if it does. */
	config: string | undefined;
	interfaces: string[];
	segment: boolean;
	tcpOnly: boolean;
	/** `ports` are the ones that are not watched. */
	allExcept: boolean;
	ports: PortSets | undefined;
	to: Cidr[];
	home: Cidr[];
	ipOptions: boolean;
	evidence: string | undefined;
	user: string | undefined;
	json: boolean;
	syslog: Target;
	facility: string;
	tag: string;
	fallback: string;
	state: string | undefined;
	/** Capture files to replay; what to ask for; what to forget. */
	words: string[];
	forget: boolean;
}

/** What `probe` can ask for. */
export const PROBES = ["poison", "dhcp", "ra"] as const;
export type ProbeOf = (typeof PROBES)[number];

export const CONFIG_FILE = "/etc/tocsin.toml";

const defaults = (): Options => ({
	config: undefined,
	interfaces: [],
	segment: false,
	tcpOnly: false,
	allExcept: false,
	ports: undefined,
	to: [],
	home: [],
	ipOptions: false,
	evidence: undefined,
	user: undefined,
	json: false,
	syslog: { via: "local" },
	facility: "auth",
	tag: "tocsin",
	fallback: "/var/log/tocsin.log",
	state: undefined,
	words: [],
	forget: false,
});

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
const REMEMBERING: readonly Command[] = ["watch", "check", "probe", "learned"];

type Flag =
	| "segment"
	| "tcpOnly"
	| "allExcept"
	| "ipOptions"
	| "json"
	| "forget";
type Text = "config" | "evidence" | "user" | "tag" | "fallback" | "state";

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
	user: text("user", ASKING, USER, "give a user's name"),
	json: flag("json", JUDGING),
	syslog: {
		type: "string",
		of: WATCHING,
		set: (options, value) => {
			const target = parseTarget(value);
			if (typeof target === "string") return target;
			options.syslog = target;
			return undefined;
		},
	},
	facility: {
		type: "string",
		of: WATCHING,
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
		WATCHING,
		/^[\w.-]{1,32}$/,
		"letters, digits and . _ - only, at most 32",
	),
	fallback: text("fallback", WATCHING, /^\/.+$/s, "give an absolute path"),
	forget: flag("forget", ["learned"]),
	state: text("state", REMEMBERING, /^\/.+$/s, "give an absolute path"),
};

/** Options that say what to do instead. */
const INSTEAD = {
	help: { type: "boolean", short: "h" },
	version: { type: "boolean", short: "V" },
} as const;

export const isProbe = (word: string | undefined): word is ProbeOf =>
	PROBES.some((probe) => probe === word);

const isCommand = (word: string | undefined): word is Command =>
	COMMANDS.some((command) => command === word);

/** Adds `[tcp:|udp:]PORT[,PORT...]`; answers a sentence for each item that can't be used. */
function addWord(
	sets: PortSets,
	word: string,
	services: string | undefined,
): string[] {
	if (isCommand(word))
		return [`'${word}' is a command: it comes first, before the options`];
	return word.split(",").flatMap((item) => {
		const [, own, port = ""] = /^(?:(tcp|udp):)?(.*)$/s.exec(item) ?? [];
		const transports: Transport[] = own ? [own as Transport] : ["tcp", "udp"];
		return addPorts(sets, port, transports, services) ?? [];
	});
}

/** The command that argv names, or `watch` before an option or a port; a sentence for anything else. */
function chooseCommand(
	first: string | undefined,
	services: string | undefined,
): { command: Command; given: boolean } | string {
	if (isCommand(first)) return { command: first, given: true };
	const watched =
		first === undefined ||
		/^(?:-|\d|tcp:|udp:)/.test(first) ||
		addWord(emptySets(), first, services).length === 0;
	return watched
		? { command: "watch", given: false }
		: `unknown command or service '${first}': the commands are ${COMMANDS.join(", ")}; a service is one of /etc/services, else give its port number`;
}

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

/** What stands apart from the options: ports to watch, files to replay. */
function setWords(
	options: Options,
	command: Command,
	words: string[],
	services: string | undefined,
): string[] {
	if (command === "check")
		return words.map((word) => `check takes options only, but got '${word}'`);
	options.words = words;
	if (command === "replay")
		return words.length > 0 ? [] : ["replay needs a capture file: FILE..."];
	if (command === "probe")
		return words.length === 1 && isProbe(words[0])
			? []
			: [
					`probe asks for one of ${PROBES.join(", ")}, not '${words.join(" ")}'`,
				];
	if (command === "learned")
		return words.length > 0 && !options.forget
			? [
					`learned takes options only, but got '${words[0]}': --forget comes before what to forget`,
				]
			: [];
	if (words.length === 0) return [];
	const ports = emptySets();
	options.ports = ports;
	return words.flatMap((word) => addWord(ports, word, services));
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
