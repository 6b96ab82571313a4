import type { Alert, Transport } from "../alert/alert.ts";
import type { Cidr } from "../config/cidr.ts";
import { addPorts } from "../config/portlist.ts";
import { emptySets, type PortSets } from "../config/portset.ts";
import type { Target } from "../config/target.ts";

export const COMMANDS = [
	"watch",
	"replay",
	"check",
	"probe",
	"learned",
	"alerts",
	"status",
	"notify",
	"test-alert",
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
	/** The local socket. */
	socket: string | undefined;
	/** Which alerts of the past are listed: `since` is in ms before now. */
	since: number | undefined;
	kinds: Alert["kind"][];
	network: Cidr | undefined;
	follow: boolean;
}

/** What `probe` can ask for. */
export const PROBES = ["poison", "dhcp", "ra"] as const;
export type ProbeOf = (typeof PROBES)[number];

export const CONFIG_FILE = "/etc/tocsin.toml";

/** What a command line says that says nothing. */
export const defaults = (): Options => ({
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
	socket: undefined,
	since: undefined,
	kinds: [],
	network: undefined,
	follow: false,
});

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
export function chooseCommand(
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

/** Commands that nothing stands behind but options. */
const OPTIONS_ONLY: readonly Command[] = [
	"check",
	"alerts",
	"status",
	"notify",
	"test-alert",
];

/** What stands apart from the options: ports to watch, files to replay. */
export function setWords(
	options: Options,
	command: Command,
	words: string[],
	services: string | undefined,
): string[] {
	if (OPTIONS_ONLY.includes(command))
		return words.map(
			(word) => `${command} takes options only, but got '${word}'`,
		);
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
