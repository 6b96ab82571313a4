import { networkInterfaces } from "node:os";
import { chooseInterfaces } from "../capture/devices.ts";
import { kernelFilter } from "../capture/filter.ts";
import type { Interface, Libpcap } from "../capture/libpcap.ts";
import { wantsInterface } from "../config/interfaces.ts";
import { toRanges } from "../config/portset.ts";
import {
	EX_NOPERM,
	EX_OK,
	EX_OSERR,
	EX_UNAVAILABLE,
} from "../delivery/exit.ts";
import { isKnownLink } from "../wire/link.ts";
import type { WatchOptions } from "./merge.ts";
import { NO_RIGHT } from "./watch.ts";

/** One thing that was checked; `problem` says what would not work, and the exit code for it. */
export interface Finding {
	what: string;
	problem?: { code: number; why: string };
}

const ok = (what: string): Finding => ({ what });
const bad = (what: string, code: number, why: string): Finding => ({
	what,
	problem: { code, why },
});

/** Opens an interface as the watch would, filter included, and closes it again. */
function checkInterface(
	lib: Libpcap,
	options: WatchOptions,
	{ name, isUp }: Interface,
): Finding {
	const what = `interface ${name}`;
	if (!isUp) return ok(`${what}: down, will be watched when it comes up`);
	const handle = lib.open(name, {
		promiscuous: options.scope === "segment",
		ring: 1 << 20,
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

/** What a watch with these options would do here, and what of it would not work. */
export function checkWatch(
	options: WatchOptions,
	lib: Libpcap | string,
): Finding[] {
	const findings = [
		ok(
			`ports: ${count(options.tcp)} of TCP, ${count(options.udp)} of UDP are watched, scope ${options.scope}`,
		),
	];
	if (typeof lib === "string")
		return [...findings, bad("libpcap", EX_UNAVAILABLE, noLibpcap(lib))];
	findings.push(ok(lib.version));
	const all = lib.interfaces();
	if (typeof all === "string")
		return [...findings, bad("interfaces", EX_OSERR, all)];
	const isNamed = options.interfaces.some(
		(pattern) => !pattern.startsWith("!"),
	);
	const chosen = chooseInterfaces(
		all,
		(name) => wantsInterface(options.interfaces, name),
		isNamed,
	);
	if (chosen.length === 0)
		findings.push(
			bad("interfaces", EX_OSERR, "none is there, or none matches (-i)"),
		);
	const addresses = Object.values(networkInterfaces()).flat().length;
	findings.push(ok(`addresses: ${addresses} of this host's own`));
	for (const device of chosen)
		findings.push(checkInterface(lib, options, device));
	return findings;
}

/** The sentence for a machine without libpcap; `why` is the loader's. */
export const noLibpcap = (why: string): string =>
	`libpcap is missing: install the package libpcap0.8 (Debian, Ubuntu) or libpcap (${why.split("\n")[0]})`;

/** Prints the findings; the exit code of the first problem. */
export function report(
	findings: Finding[],
	write: (line: string) => void,
): number {
	for (const { what, problem } of findings)
		write(problem ? `NO  ${what}: ${problem.why}\n` : `ok  ${what}\n`);
	return findings.find(({ problem }) => problem)?.problem?.code ?? EX_OK;
}
