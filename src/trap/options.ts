import { parseTarget, type Target } from "../config/target.ts";
import { FACILITIES, LEVELS } from "../delivery/priority.ts";
import { type Listen, MAX_LISTEN, parseListen } from "./listen.ts";

export interface Options {
	/** The trap's name as the line shows it; by default the port's service name. */
	service: string | undefined;
	/** ms for the peer's ident server; undefined when it is not asked. */
	identMs: number | undefined;
	numeric: boolean;
	listen: Listen[];
	/** ms without an encounter after which wait mode ends; 0 is never. */
	idleMs: number;
	/** Bytes of what the peer sends first that are logged. */
	readBytes: number;
	banner: string | undefined;
	classic: boolean;
	json: boolean;
	syslog: Target;
	facility: string;
	level: string;
	tag: string;
	config: string | undefined;
	fallback: string;
	user: string;
	action: "run" | "help" | "version";
}

export const DEFAULTS: Options = {
	service: undefined,
	identMs: undefined,
	numeric: false,
	listen: [],
	idleMs: 60_000,
	readBytes: 0,
	banner: undefined,
	classic: false,
	json: false,
	syslog: { via: "local" },
	facility: "auth",
	level: "notice",
	tag: "klaxon",
	config: undefined,
	fallback: "/var/log/klaxon.log",
	user: "nobody",
	action: "run",
};

/** The original's LOG_DATA kept 1,500 bytes, an Ethernet frame's worth. */
const MAX_READ = 1500;
/** The original's ident deadline. */
const IDENT_SECONDS = "3";

/** Sets a value; answers [] or a sentence that says why not. */
type Set = (options: Options, value: string) => string[];

interface Spec {
	short?: string;
	/** Takes no value. */
	flag?: true;
	/** The value of an option that may stand alone. */
	alone?: string;
	set: Set;
}

const spec: Record<string, Spec> = {
	ident: {
		short: "i",
		alone: IDENT_SECONDS,
		set: (o, v) =>
			number("--ident", v, 0.1, 60, (n) => {
				o.identMs = n * 1000;
			}),
	},
	numeric: flag("n", (o) => {
		o.numeric = true;
	}),
	listen: { short: "l", set: addListen },
	idle: {
		set: (o, v) =>
			number("--idle", v, 0, 86_400, (n) => {
				o.idleMs = n * 1000;
			}),
	},
	read: {
		set: (o, v) =>
			number("--read", v, 0, MAX_READ, (n) => {
				o.readBytes = Math.floor(n);
			}),
	},
	banner: {
		set: (o, v) => {
			o.banner = v;
			return [];
		},
	},
	classic: flag(undefined, (o) => {
		o.classic = true;
	}),
	json: flag(undefined, (o) => {
		o.json = true;
	}),
	syslog: {
		set: (o, v) => {
			const target = parseTarget(v);
			if (typeof target === "string") return [target];
			o.syslog = target;
			return [];
		},
	},
	facility: { set: oneOf("facility", FACILITIES) },
	level: { set: oneOf("level", LEVELS) },
	// RFC 3164 section 4.1.3: alphanumeric, at most 32; the dot, dash and underscore are common.
	tag: { set: matching("tag", /^[\w.-]{1,32}$/) },
	config: { short: "c", set: matching("config", /^.+$/s) },
	fallback: { set: matching("fallback", /^\/.+$/s) },
	user: { set: matching("user", /^[\w][\w.-]*\$?$/) },
	version: flag("V", (o) => {
		o.action = "version";
	}),
	help: flag("h", (o) => {
		o.action = "help";
	}),
};

function flag(
	short: string | undefined,
	set: (options: Options) => void,
): Spec {
	const entry: Spec = {
		flag: true,
		set: (options) => {
			set(options);
			return [];
		},
	};
	return short ? { short, ...entry } : entry;
}

function number(
	name: string,
	text: string,
	min: number,
	max: number,
	set: (n: number) => void,
): string[] {
	const n = Number(text);
	if (text.trim() === "" || !(n >= min && n <= max))
		return [`bad value '${text}' for ${name}: a number from ${min} to ${max}`];
	set(n);
	return [];
}

function oneOf(key: "facility" | "level", names: string[]): Set {
	return (options, value) => {
		if (!names.includes(value))
			return [`unknown ${key} '${value}': one of ${names.join(", ")}`];
		options[key] = value;
		return [];
	};
}

function matching(
	key: "tag" | "config" | "fallback" | "user",
	pattern: RegExp,
): Set {
	return (options, value) => {
		if (!pattern.test(value))
			return [
				`bad ${key} '${value}'${key === "fallback" ? ": give an absolute path" : ""}`,
			];
		options[key] = value;
		return [];
	};
}

function addListen(options: Options, value: string): string[] {
	const sockets = parseListen(value);
	if (typeof sockets === "string") return [sockets];
	options.listen.push(...sockets);
	return options.listen.length > MAX_LISTEN
		? [`too many ports at '${value}': at most ${MAX_LISTEN}`]
		: [];
}

function setService(options: Options, value: string): string[] {
	if (options.service !== undefined)
		return [`one SERVICE is enough: '${value}' is too much`];
	const port = Number(value);
	if (/^\d+$/.test(value) && (port < 1 || port > 65535))
		return [`bad port '${value}': ports are 1 to 65535`];
	if (!/^\w[\w.+-]{0,63}$/.test(value))
		return [
			`bad service '${value}': letters, digits and . _ + - only, at most 64`,
		];
	options.service = value;
	return [];
}

/** An option as it stands in argv; a long one may carry its value behind `=`, a short one at once. */
interface Written {
	name: string;
	raw: string;
	value: string | undefined;
}

const LONG = new Map(
	Object.entries(spec).map(([name, { short }]) => [short ?? "", name]),
);

/** Takes one argument apart; short flags may be grouped (`-ni`). */
function takeApart(arg: string): Written[] {
	const [, long, inline] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
	if (long) return [{ name: long, raw: `--${long}`, value: inline }];
	const letter = arg[1] ?? "";
	const rest = arg.slice(2);
	const name = LONG.get(letter) ?? letter;
	const raw = `-${letter}`;
	if (rest === "") return [{ name, raw, value: undefined }];
	const flagOrIdent =
		spec[name]?.flag || (name === "ident" && !/^=?[\d.]/.test(rest));
	return flagOrIdent
		? [{ name, raw, value: undefined }, ...takeApart(`-${rest}`)]
		: [{ name, raw, value: rest.replace(/^=/, "") }];
}

/**
 * Reads klaxon's command line. Every error is a sentence that names the offender; the options hold
 * what could be read, so that a trap with a typo in its line still rings. Our own reader because
 * util.parseArgs has no optional value (`--ident[=SECONDS]`) and takes a tenth of our time to start.
 */
export function parseOptions(argv: string[]): {
	options: Options;
	errors: string[];
} {
	const options: Options = { ...DEFAULTS, listen: [] };
	const errors: string[] = [];
	const args = [...argv];
	let onlyService = false;
	for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
		if (arg === "--" && !onlyService) onlyService = true;
		else if (onlyService || !/^-./.test(arg))
			errors.push(...setService(options, arg));
		else
			for (const written of takeApart(arg))
				errors.push(...setOption(options, written, args));
	}
	return { options, errors };
}

/** Sets an option, taking its value from the next argument where it brought none; [] or an error. */
function setOption(
	options: Options,
	{ name, raw, value }: Written,
	next: string[],
): string[] {
	const known = Object.hasOwn(spec, name) ? spec[name] : undefined;
	if (!known)
		return [`unknown option '${raw}': klaxon --help lists the options`];
	if (known.flag && value !== undefined)
		return [`option ${raw} takes no value, but got '${value}'`];
	const given = value ?? known.alone ?? (known.flag ? "" : next.shift());
	if (given === undefined) return [`option ${raw} needs a value`];
	return known.set(options, given);
}
