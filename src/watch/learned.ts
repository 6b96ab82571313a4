import { iso } from "../alert/iso.ts";
import { logfmt } from "../alert/logfmt.ts";
import { printable } from "../alert/printable.ts";
import { EX_CANTCREAT, EX_DATAERR, EX_OK } from "../delivery/exit.ts";
import type { KnownServer } from "../detect/known.ts";
import { loadLearned, saveLearned } from "./state.ts";

/** Characters of an interface or a fact; the file may have been written by anybody who may write there. */
const MAX_FIELD = 200;

/** A server as a line: what it is, where, and what it tells its clients. */
function line(server: KnownServer): string {
	const { kind, ip, mac, id, vlan, facts, first } = server;
	const attributes = [
		["if", server.interface || undefined],
		["vlan", vlan >= 0 ? vlan : undefined],
		["mac", mac],
		["id", id === ip ? undefined : id],
		...Object.entries(facts),
		["since", iso(first)],
	] as const;
	const text = attributes.flatMap(([key, value]) =>
		value === undefined
			? []
			: [logfmt([key, printable(String(value), MAX_FIELD)])],
	);
	return [kind, printable(ip, MAX_FIELD), ...text].join(" ");
}

const isMeant = ({ ip, mac, id }: KnownServer, words: readonly string[]) =>
	words.length === 0 ||
	words.some((word) => [ip, mac, id].includes(word.toLowerCase()));

/**
 * Lists the servers and routers that were learned, or forgets them: all, or those with an address, MAC or
 * id among `words`. A watch that runs sees it within seconds. The exit code.
 */
export function runLearned(
	state: string,
	{ forget, words }: { forget: boolean; words: readonly string[] },
	write: (text: string) => void,
	complain: (sentence: string) => void,
): number {
	const servers = loadLearned(state);
	if (typeof servers === "string" && !(forget && words.length === 0)) {
		complain(servers);
		return EX_DATAERR;
	}
	const all = typeof servers === "string" ? [] : servers;
	if (!forget) {
		if (all.length === 0) write("nothing was learned yet\n");
		for (const server of all) write(`${line(server)}\n`);
		return EX_OK;
	}
	const rest = all.filter((server) => !isMeant(server, words));
	if (words.length > 0 && rest.length === all.length) {
		complain(`nothing to forget: no server has ${words.join(" or ")}`);
		return EX_DATAERR;
	}
	const trouble = saveLearned(state, rest);
	if (trouble !== undefined) {
		complain(trouble);
		return EX_CANTCREAT;
	}
	write(`forgot ${all.length - rest.length} of ${all.length}\n`);
	return EX_OK;
}
