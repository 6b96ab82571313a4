import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Target } from "../config/target.ts";
import { EX_CANTCREAT, EX_CONFIG, EX_UNAVAILABLE } from "../delivery/exit.ts";
import { LOGGER } from "../delivery/logger.ts";
import { bad, type Finding, ok } from "./finding.ts";
import type { WatchOptions } from "./merge.ts";
import type { Right } from "./privileges.ts";

/** Where logger(1) finds this machine's syslog. */
const SOCKET = "/dev/log";

/** Whether the watch will be able to read or write a path that exists. */
export type May = (right: Right, path: string) => boolean;

/** By this process's own rights. */
export const mayItself: May = (right, path) => {
	try {
		accessSync(path, right === "-r" ? constants.R_OK : constants.W_OK);
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

/** Where alerts go, and the packets behind them. */
export function checkSinks(
	{ syslog, sinks, fallback, evidence, user }: WatchOptions,
	may: May,
): Finding[] {
	const files = sinks.map((sink) =>
		sink.type === "file"
			? checkFile("file", sink.path, user, may)
			: checkTarget(sink.target, user, may),
	);
	return [
		checkTarget(syslog, user, may),
		...files,
		checkFile("fallback", fallback, user, may),
		...(evidence === undefined
			? []
			: [checkFile("evidence", evidence, user, may)]),
	];
}
