import { networkInterfaces, userInfo } from "node:os";
import { ownAddresses } from "../capture/addresses.ts";
import { chooseInterfaces } from "../capture/devices.ts";
import { kernelFilter } from "../capture/filter.ts";
import type { Interface, Libpcap } from "../capture/handle.ts";
import { contains } from "../config/cidr.ts";
import { wantsInterface } from "../config/interfaces.ts";
import { toRanges } from "../config/portset.ts";
import {
	EX_CONFIG,
	EX_NOPERM,
	EX_OSERR,
	EX_UNAVAILABLE,
} from "../delivery/exit.ts";
import { isKnownLink } from "../wire/link.ts";
import { checkLures, checkState } from "./checklures.ts";
import { checkRules } from "./checkrules.ts";
import {
	checkConfigFile,
	checkSinks,
	type May,
	mayItself,
} from "./checksinks.ts";
import { bad, type Finding, ok } from "./finding.ts";
import type { WatchOptions } from "./merge.ts";
import { hasTooManyRights, mayAs, obstacleFor } from "./privileges.ts";
import { NO_RIGHT } from "./watch.ts";

/** Opens an interface as the watch would, filter included, and closes it again. */
function checkInterface(
	lib: Libpcap,
	options: WatchOptions,
	{ name, isUp, isLoopback }: Interface,
): Finding {
	const what = `interface ${name}`;
	if (!isUp) return ok(`${what}: down, will be watched when it comes up`);
	const handle = lib.open(name, {
		promiscuous: options.scope === "segment",
		ring: 1 << 20,
		isOnlyIncoming: isLoopback,
	});
	if ("kind" in handle)
		return handle.kind === "permission"
			? bad(what, EX_NOPERM, NO_RIGHT)
			: bad(what, EX_OSERR, handle.message);
	const error = handle.setFilter(kernelFilter(options, handle.linktype));
	const { linktype } = handle;
	handle.close();
	if (error !== undefined)
		return bad(what, EX_OSERR, `filter refused: ${error}`);
	return isKnownLink(linktype)
		? ok(`${what}: can be watched`)
		: bad(what, EX_OSERR, `link type ${linktype} is none we can read`);
}

const count = (ports: Uint8Array) =>
	toRanges(ports).reduce((sum, [first, last]) => sum + last - first + 1, 0);

/** What is judged: a list that excepts all it names, or other people's addresses, would be a deaf watch. */
function checkScope(options: WatchOptions): Finding[] {
	const { protocols, scope, to } = options;
	const tcp = protocols.includes("tcp") ? count(options.tcp) : 0;
	const udp = protocols.includes("udp") ? count(options.udp) : 0;
	const findings =
		tcp + udp > 0 || !(protocols.includes("tcp") || protocols.includes("udp"))
			? [ok(`ports: ${tcp} of TCP, ${udp} of UDP are watched, scope ${scope}`)]
			: [
					bad(
						"ports",
						EX_CONFIG,
						"none is watched, 'except' takes away all that 'tcp' and 'udp' name: single probes are not told, only scans",
					),
				];
	const own = ownAddresses(networkInterfaces());
	const isOurs = own.some((words) =>
		to.some((network) => contains(network, ...words)),
	);
	findings.push(
		scope === "host" && to.length > 0 && !isOurs
			? bad(
					"to",
					EX_CONFIG,
					'holds none of this host\'s addresses: nothing is judged; set scope = "segment" to judge what goes to others',
				)
			: ok(`addresses: ${own.length} of this host's own`),
	);
	return findings;
}

/** The interfaces that the watch would open. */
function checkInterfaces(options: WatchOptions, lib: Libpcap): Finding[] {
	const all = lib.interfaces();
	if (typeof all === "string") return [bad("interfaces", EX_OSERR, all)];
	const chosen = chooseInterfaces(
		all,
		(name) => wantsInterface(options.interfaces, name),
		options.interfaces.some((pattern) => !pattern.startsWith("!")),
	);
	if (!chosen.some(({ isUp }) => isUp))
		return [bad("interfaces", EX_OSERR, "none is up, or none matches (-i)")];
	return chosen.map((device) => checkInterface(lib, options, device));
}

/** Who the watch would be, and where its words go: judged by that user's rights, not by root's. */
function checkUser(
	options: WatchOptions,
	config: string | undefined,
): Finding[] {
	if (!hasTooManyRights(options.user)) {
		const { username } = userInfo();
		return [
			...checkConfigFile(config, username, mayItself),
			...checkSinks({ ...options, user: username }, mayItself),
			...checkState(options.state, username, mayItself),
		];
	}
	const { user } = options;
	const obstacle = obstacleFor(user);
	const what = `user ${user}`;
	if (obstacle !== undefined) return [bad(what, EX_NOPERM, obstacle)];
	const may: May = (right, path) => mayAs(user, right, path);
	return [
		ok(`${what}: can run this, with CAP_NET_RAW alone`),
		...checkConfigFile(config, user, may),
		...checkSinks(options, may),
		...checkState(options.state, user, may),
	];
}

/** What a watch with these options would do here, and what of it would not work; `config` is its file. */
export function checkWatch(
	options: WatchOptions,
	lib: Libpcap | string,
	config?: string,
): Finding[] {
	const capture =
		typeof lib === "string"
			? [bad("capture", EX_UNAVAILABLE, lib)]
			: [ok(lib.version), ...checkInterfaces(options, lib)];
	return [
		...checkScope(options),
		...capture,
		...checkLures(options, lib),
		...checkRules(options, Date.now()),
		...checkUser(options, config),
	];
}
