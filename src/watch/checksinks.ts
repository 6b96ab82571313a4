import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { readSecret, type Secret } from "../config/secret.ts";
import type { SinkConfig } from "../config/sinktypes.ts";
import type { Target } from "../config/target.ts";
import {
	EX_CANTCREAT,
	EX_CONFIG,
	EX_NOPERM,
	EX_UNAVAILABLE,
} from "../delivery/exit.ts";
import { JOURNAL } from "../delivery/journal.ts";
import { LOGGER } from "../delivery/logger.ts";
import { bad, type Finding, ok } from "./finding.ts";
import type { WatchOptions } from "./merge.ts";
import type { Right } from "./privileges.ts";

/** Where logger(1) finds this machine's syslog. */
const SOCKET = "/dev/log";

/** Whether the watch will be able to read, write or execute a path that exists. */
export type May = (right: Right, path: string) => boolean;

const RIGHTS = {
	"-r": constants.R_OK,
	"-w": constants.W_OK,
	"-x": constants.X_OK,
};

/** By this process's own rights. */
export const mayItself: May = (right, path) => {
	try {
		accessSync(path, RIGHTS[right]);
		return true;
	} catch {
		return false;
	}
};

/** A file that will be appended to, and made where it isn't there. */
export function checkFile(
	what: string,
	path: string,
	user: string,
	may: May,
): Finding {
	const folder = dirname(path);
	const no = (why: string) => bad(`${what} ${path}`, EX_CANTCREAT, why);
	if (existsSync(path)) {
		if (!statSync(path).isFile()) return no("is no file");
		return may("-w", path)
			? ok(`${what} ${path}: can be written`)
			: no(`${user} can't write it: chown ${user} ${path}`);
	}
	if (!existsSync(folder)) return no(`${folder} doesn't exist: make it`);
	return may("-w", folder)
		? ok(`${what} ${path}: will be made`)
		: no(`${user} can't make it: install -o ${user} -m 640 /dev/null ${path}`);
}

function checkLocal(): Finding {
	const what = "syslog of this machine";
	if (!existsSync(LOGGER))
		return bad(
			what,
			EX_UNAVAILABLE,
			`${LOGGER} is missing: install bsdutils or util-linux`,
		);
	return existsSync(SOCKET) && statSync(SOCKET).isSocket()
		? ok(`${what}: ${SOCKET} is there`)
		: bad(
				what,
				EX_UNAVAILABLE,
				`nobody listens at ${SOCKET}: start a syslog daemon`,
			);
}

/** A way out; a remote one is not tried, its certificates are looked at. */
function checkTarget(target: Target, user: string, may: May): Finding {
	if (target.via === "stdout") return ok("standard output");
	if (target.via === "local") return checkLocal();
	const { via, host, port } = target;
	const what = `syslog ${via}://${host}:${port}`;
	const files = target.via === "tls" ? Object.values(target.tls) : [];
	const unreadable = files.find((file) => !may("-r", file));
	return unreadable === undefined
		? ok(`${what}: will be tried when there is something to tell`)
		: bad(what, EX_CONFIG, `${user} can't read ${unreadable}`);
}

/** A file that must be read, a secret's among them; nothing where there is none, or it can be. */
function unreadable(
	path: string | undefined,
	user: string,
	may: May,
): string | undefined {
	if (path === undefined || may("-r", path)) return undefined;
	return existsSync(path)
		? `${user} can't read ${path}: chown ${user} ${path}`
		: `${path} doesn't exist`;
}

/** What is wrong with a secret, as far as it can be told before the watch begins. */
function checkSecret(
	secret: Secret | undefined,
	user: string,
	may: May,
): string | undefined {
	// systemd gives a service its credentials and its environment when it starts
	if (!secret || secret.from === "env" || secret.from === "credential")
		return undefined;
	const text = readSecret(secret);
	if ("error" in text) return text.error;
	return secret.from === "file"
		? unreadable(secret.path, user, may)
		: undefined;
}

/** A program that is run: an absolute path. */
const checkProgram = (path: string, user: string, may: May) =>
	may("-x", path)
		? undefined
		: existsSync(path)
			? `${user} can't execute ${path}`
			: `${path} doesn't exist`;

/** What a sink needs beside what is tried when there is something to tell. */
function checkNeeds(
	sink: SinkConfig,
	user: string,
	may: May,
): string | undefined {
	switch (sink.type) {
		case "mail": {
			const { server } = sink;
			return server.via === "sendmail"
				? checkProgram(server.path, user, may)
				: (checkSecret(server.password, user, may) ??
						unreadable(server.ca, user, may));
		}
		case "webhook":
			return (
				checkSecret(sink.url, user, may) ??
				checkSecret(sink.token, user, may) ??
				unreadable(sink.ca, user, may)
			);
		case "exec":
			return checkProgram(sink.argv[0] ?? "", user, may);
		case "journal":
			return existsSync(JOURNAL)
				? undefined
				: `nobody listens at ${JOURNAL}: journald isn't running`;
		default:
			return undefined;
	}
}

function checkSink(sink: SinkConfig, user: string, may: May): Finding {
	if (sink.type === "file") return checkFile("file", sink.path, user, may);
	if (sink.type === "syslog") return checkTarget(sink.target, user, may);
	const what = `${sink.type} '${sink.name}'`;
	const why = checkNeeds(sink, user, may);
	return why === undefined
		? ok(`${what}: tried by tocsin test-alert`)
		: bad(what, EX_CONFIG, why);
}

/** Where alerts go, and the packets behind them. */
export function checkSinks(
	{ syslog, sinks, fallback, evidence, user }: WatchOptions,
	may: May,
): Finding[] {
	return [
		checkTarget(syslog, user, may),
		...sinks.map((sink) => checkSink(sink, user, may)),
		checkFile("fallback", fallback, user, may),
		...(evidence === undefined
			? []
			: [checkFile("evidence", evidence, user, may)]),
	];
}

/** The configuration itself: the watch reads it as its user, again on SIGHUP. */
export function checkConfigFile(
	file: string | undefined,
	user: string,
	may: May,
): Finding[] {
	if (file === undefined) return [];
	const why = unreadable(file, user, may);
	const what = `configuration ${file}`;
	return [why === undefined ? ok(what) : bad(what, EX_NOPERM, why)];
}
