import type { NameProtocol } from "../alert/alert.ts";
import type { LureInterface } from "./lure.ts";
import type { Random } from "./names.ts";
import { GROUP, PORT, type Question } from "./question.ts";

/** The suffixes that Windows asks for, of a workstation and of a file server. */
const SUFFIXES = [0x00, 0x20];

/** Which questions are wanted. */
export type Wants = (protocol: NameProtocol, version: 4 | 6) => boolean;

type About = Pick<Question, "protocol" | "version" | "from" | "to" | "sport">;

/** A question as it stands before it is sent: without id and time. */
const questionOf = (
	face: LureInterface,
	name: string,
	type: Question["type"],
	about: About,
): Question => ({ ...about, interface: face.name, name, type, id: 0, time: 0 });

/** To each network's broadcast address, which its hosts alone listen to. */
const netbios = (face: LureInterface, name: string): Question[] =>
	face.ipv4.flatMap(({ address: from, broadcast: to }) => {
		const protocol = "nbns" as const;
		const about = { protocol, version: 4 as const, from, to, sport: PORT.nbns };
		return SUFFIXES.map((suffix) => ({
			...questionOf(face, name, "NB", about),
			suffix,
		}));
	});

/**
 * What is asked for a name on an interface by the protocols and versions that it has and `wants`: by multicast
 * from any one of its addresses. `isThorough` asks for both types of address over IPv6, not for either.
 */
export function composeQuestions(
	random: Random,
	face: LureInterface,
	name: string,
	wants: Wants,
	isThorough: boolean,
	ports: () => number,
): Question[] {
	const all = wants("nbns", 4) ? netbios(face, name) : [];
	const [four, six] = [face.ipv4.map(({ address }) => address), face.ipv6];

	function ask(
		protocol: "llmnr" | "mdns",
		version: 4 | 6,
		types: readonly ("A" | "AAAA")[],
	): void {
		const addresses = version === 4 ? four : six;
		const from = addresses[random(addresses.length)];
		if (from === undefined || !wants(protocol, version)) return;
		const to = GROUP[protocol][version];
		for (const type of types) {
			// RFC 6762 section 5: a full querier asks from 5353, a simple one from any port.
			const isFull = protocol === "mdns" && random(2) === 0;
			const sport = isFull ? PORT.mdns : ports();
			const about = { protocol, version, from, to, sport };
			all.push(questionOf(face, name, type, about));
		}
	}

	for (const protocol of ["llmnr", "mdns"] as const) {
		ask(protocol, 4, ["A"]);
		const either = random(2) === 0 ? (["A"] as const) : (["AAAA"] as const);
		ask(protocol, 6, isThorough ? ["A", "AAAA"] : either);
	}
	return all;
}
