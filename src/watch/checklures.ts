import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Libpcap } from "../capture/handle.ts";
import { EX_CANTCREAT, EX_DATAERR } from "../delivery/exit.ts";
import type { May } from "./checksinks.ts";
import { bad, type Finding, ok } from "./finding.ts";
import { lureInterfaces } from "./lures.ts";
import type { WatchOptions } from "./merge.ts";
import { loadLearned } from "./state.ts";

const listed = (list: readonly unknown[] | undefined): string =>
	list === undefined
		? "none listed, the first is learned"
		: `${list.length} listed`;

const often = (every: number): string =>
	every === 0 ? "never asked for" : `asked for every ${every / 1000} s`;

/** What is asked, and from where. */
export function checkLures(
	{ interfaces, poison, dhcp, dhcp6, ra }: WatchOptions,
	lib: Libpcap | string,
): Finding[] {
	const faces = typeof lib === "string" ? [] : lureInterfaces(lib, interfaces);
	const names = faces.flatMap(({ name, mac }) =>
		mac === undefined ? [] : [name],
	);
	const from =
		names.length > 0
			? `from ${names.join(", ")}`
			: "from nowhere: no Ethernet interface is up";
	return [
		ok(`invented names: ${often(poison.every)}, ${from}`),
		ok(`DHCP servers: ${listed(dhcp.servers)}; ${often(dhcp.every)}`),
		ok(`DHCPv6 servers: ${listed(dhcp6.servers)}; ${often(dhcp6.every)}`),
		ok(`routers of IPv6: ${listed(ra.routers)}; ${often(ra.every)}`),
	];
}

/** The directory for what tocsin remembers; root makes it at the start. */
export function checkState(
	state: string | undefined,
	user: string,
	may: May,
): Finding[] {
	if (state === undefined) return [];
	const what = `state ${state}`;
	const no = (why: string) => [bad(what, EX_CANTCREAT, why)];
	if (!existsSync(state))
		return process.getuid?.() === 0 || may("-w", dirname(state))
			? [ok(`${what}: will be made`)]
			: no(`doesn't exist: install -d -o ${user} ${state}`);
	if (!statSync(state).isDirectory()) return no("is no directory");
	const isRoots = process.getuid?.() === 0 && statSync(state).uid === 0;
	if (!isRoots && !may("-w", state))
		return no(`${user} can't write there: chown ${user} ${state}`);
	const learned = loadLearned(state);
	return [
		typeof learned === "string"
			? bad(what, EX_DATAERR, learned)
			: ok(`${what}: ${learned.length} servers and routers learned`),
	];
}
