import type { NameProtocol, PoisonAlert, Tool } from "../alert/alert.ts";
import { printable } from "../alert/printable.ts";
import type { Question } from "./asked.ts";
import {
	CONFIRM_WINDOW,
	NAMED_POISON,
	POISON_MEMORY,
	POISON_WAIT,
	POISONERS,
	RECENT_POISON,
} from "./params.ts";
import type { RogueWorld } from "./rogue.ts";

/** Where a datagram that may answer a question for a name came from. */
export interface Origin {
	protocol: NameProtocol;
	version: 4 | 6;
	/** Where it was heard; "" where that has no name. */
	interface: string;
	vlan?: number | undefined;
	/** The sender. */
	ip: string;
	mac?: string | undefined;
	port: number;
	/** Whom it went to. */
	to: string;
	/** ms since the epoch. */
	time: number;
}

/** An answer for a name that nobody has. */
export interface Hit {
	answer: Origin;
	/** The name, one label. */
	name: string;
	/** The interface it was asked on; undefined where somebody else asked. */
	askedOn: string | undefined;
	/** The address handed out, and for how many seconds. */
	address: string | undefined;
	ttl: number | undefined;
	tool: Tool | undefined;
	/** It could not be read to its end. */
	malformed: boolean;
}

export interface VerdictWorld extends Pick<RogueWorld, "agenda" | "ring"> {
	/** Somebody answered once: asks for another name, soon and in the same way. */
	confirm?(
		name: string,
		protocol: NameProtocol,
		version: 4 | 6,
		now: number,
	): void;
	/** A name may exist after all. */
	exists?(name: string): void;
}

/** Who answers, by MAC address, or by IP address where there is none. */
interface Poisoner {
	key: string;
	/** The first answer, and the last one. */
	first: Hit;
	last: Hit;
	/** Distinct names: the first ones, those of the last cycles, and how many in all. */
	names: string[];
	recent: string[];
	nameCount: number;
	protocols: NameProtocol[];
	tool: Tool | undefined;
	malformed: boolean;
	told: "low" | "high" | undefined;
	/** Another name was asked for since it was told. */
	isTested: boolean;
}

/** What is thought of those who answer. */
export interface Poisoners {
	/** Somebody answered for a name that nobody has. */
	hear(hit: Hit): void;
	/** A question was asked. */
	asked(question: Question): void;
}

/** Characters of a name in an alert: LDH names of 15 in ours, whatever was answered in others'. */
const MAX_NAME = 63;

/** Two unrelated names, or one name by two protocols (FACTS 2): no host has what nobody named. */
const isSure = ({ nameCount, protocols }: Poisoner) =>
	nameCount > 1 || protocols.length > 1;

function begin(key: string, hit: Hit): Poisoner {
	return {
		key,
		first: hit,
		last: hit,
		names: [],
		recent: [],
		nameCount: 0,
		protocols: [],
		tool: undefined,
		malformed: false,
		told: undefined,
		isTested: false,
	};
}

/** Adds what a hit tells. Of many names only the first and the latest are compared. */
function note(poisoner: Poisoner, hit: Hit): void {
	const { names, recent, protocols } = poisoner;
	const { name, answer } = hit;
	poisoner.last = hit;
	poisoner.tool ??= hit.tool;
	poisoner.malformed ||= hit.malformed;
	if (!protocols.includes(answer.protocol)) protocols.push(answer.protocol);
	if (names.includes(name) || recent.includes(name)) return;
	poisoner.nameCount++;
	if (names.length < NAMED_POISON) names.push(name);
	else {
		recent.push(name);
		if (recent.length > RECENT_POISON) recent.shift();
	}
}

function alertOf(poisoner: Poisoner, now: number, exists = false): PoisonAlert {
	const { first, last, names, nameCount, protocols, tool } = poisoner;
	const { interface: name, vlan, ip, port, mac, to } = first.answer;
	return {
		kind: "poison",
		time: now,
		...(name === "" ? {} : { interface: name }),
		...(vlan === undefined ? {} : { vlan }),
		carrier: "udp",
		technique: first.answer.protocol,
		confidence: isSure(poisoner) ? "high" : "low",
		source: { ip, port, ...(mac === undefined ? {} : { mac }) },
		destination: { ip: to },
		names: names.map((name) => printable(name, MAX_NAME)),
		nameCount,
		protocols: [...protocols],
		...(last.address === undefined ? {} : { answer: last.address }),
		...(last.ttl === undefined ? {} : { ttl: last.ttl }),
		...(exists ? { exists } : {}),
		...(tool ? { tool } : {}),
		...(poisoner.malformed ? { note: "malformed" } : {}),
	};
}

/**
 * The verdict on who answers. After the first answer it waits for those to the same breath's other
 * questions; what is sure then is told as `high`, what is not as `low`, and then asked once more.
 */
export function createPoisoners(world: VerdictWorld): Poisoners {
	const { agenda, ring, confirm, exists } = world;
	/** The one that was silent longest comes first. */
	const poisoners = new Map<string, Poisoner>();
	/** Those told as `low` that are being asked once more. */
	const doubted = new Set<Poisoner>();

	function tell(poisoner: Poisoner, now: number): void {
		const confidence = isSure(poisoner) ? "high" : "low";
		poisoner.told = confidence;
		ring(`poison ${confidence} ${poisoner.key}`, alertOf(poisoner, now));
		const { askedOn, answer } = poisoner.first;
		if (confidence === "high" || askedOn === undefined || !confirm) return;
		doubted.add(poisoner);
		confirm(askedOn, answer.protocol, answer.version, now);
		agenda.at(now + CONFIRM_WINDOW, (due) => settle(poisoner, due));
	}

	/** Nothing more came from it: the name may be a real one. */
	function settle(poisoner: Poisoner, now: number): void {
		doubted.delete(poisoner);
		const [name] = poisoner.names;
		if (poisoner.told !== "low" || !poisoner.isTested || !name) return;
		ring(`poison exists ${poisoner.key} ${name}`, alertOf(poisoner, now, true));
		exists?.(name);
	}

	/** A place in the table, or undefined when all in it were heard lately. */
	function enter(key: string, hit: Hit): Poisoner | undefined {
		const [oldest] = poisoners.values();
		if (oldest && poisoners.size >= POISONERS) {
			if (hit.answer.time - oldest.last.answer.time < CONFIRM_WINDOW) return;
			poisoners.delete(oldest.key);
		}
		const poisoner = begin(key, hit);
		agenda.at(hit.answer.time + POISON_WAIT, (due) => tell(poisoner, due));
		return poisoner;
	}

	function find(key: string, hit: Hit): Poisoner | undefined {
		const known = poisoners.get(key);
		poisoners.delete(key);
		const idle = known ? hit.answer.time - known.last.answer.time : Infinity;
		return idle < POISON_MEMORY ? known : enter(key, hit);
	}

	return {
		hear(hit) {
			const { answer, askedOn } = hit;
			const key = answer.mac ?? answer.ip;
			const poisoner = find(key, hit);
			if (!poisoner) {
				// Forged by the hundred: `ring` counts what it has no room for.
				const one = begin(key, hit);
				note(one, hit);
				ring(`poison low ${key}`, alertOf(one, answer.time));
				return;
			}
			poisoners.set(key, poisoner);
			note(poisoner, hit);
			if (poisoner.told === undefined) return;
			if (poisoner.told === "low" && isSure(poisoner))
				tell(poisoner, answer.time);
			else if (poisoner.told === "high" || askedOn === undefined)
				ring(`poison ${poisoner.told} ${key}`, alertOf(poisoner, answer.time));
		},
		asked({ protocol, interface: name, name: asked }) {
			for (const poisoner of doubted)
				if (
					poisoner.first.askedOn === name &&
					poisoner.first.answer.protocol === protocol &&
					poisoner.first.name !== asked
				)
					poisoner.isTested = true;
		},
	};
}
