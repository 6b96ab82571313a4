import type { NameProtocol } from "../alert/alert.ts";
import { nbName } from "../wire/nbns.ts";
import { ANSWER_WINDOW, ASKED_NAMES } from "./params.ts";

/** A question for a name that was invented: one datagram. */
export interface Question {
	protocol: NameProtocol;
	version: 4 | 6;
	/** The interface it leaves by. */
	interface: string;
	/** One label, lower case. */
	name: string;
	type: "A" | "AAAA" | "NB";
	/** The suffix of a NetBIOS name. */
	suffix?: number;
	/** Transaction id; 0 in mDNS. */
	id: number;
	/** Our address and port, and the group or broadcast address that is asked. */
	from: string;
	sport: number;
	to: string;
	/** ms since the epoch. */
	time: number;
}

/** The question's name as its protocol writes it: `wpad`, `wpad.local`, `wpad<20>`. */
export function wireName({ protocol, name, suffix = 0 }: Question): string {
	if (protocol === "mdns") return `${name}.local`;
	return protocol === "nbns" ? nbName(name, suffix) : name;
}

interface Entry {
	question: Question;
	next: Entry | undefined;
}
type Generation = Map<number | string, Entry>;

/** The questions that may still be answered. */
export interface Asked {
	add(question: Question): void;
	/** Those of an id, by LLMNR or NetBIOS. */
	withId(protocol: NameProtocol, id: number, now: number): Question[];
	/** Those of mDNS, by the name as mDNS writes it. */
	withName(name: string, now: number): Question[];
	/** The name of a question of mDNS may be answered. */
	awaitsName(now: number): boolean;
	/** How many are remembered. */
	size(): number;
}

const NBNS_BIT = 0x10000;
const idKey = (protocol: NameProtocol, id: number) =>
	protocol === "nbns" ? NBNS_BIT | id : id;

/** Two generations, the older of which is dropped whole: adding and finding cost the same with ever so many. */
export function createAsked(): Asked {
	let [young, old]: [Generation, Generation] = [new Map(), new Map()];
	let [youngSize, oldSize] = [0, 0];
	let [began, lastName] = [0, 0];

	function turn(now: number): void {
		old = now - began < 2 * ANSWER_WINDOW ? young : new Map();
		oldSize = old.size === 0 ? 0 : youngSize;
		young = new Map();
		youngSize = 0;
		began = now;
	}

	function find(key: number | string, now: number): Question[] {
		const found: Question[] = [];
		for (const generation of [young, old])
			for (let at = generation.get(key); at; at = at.next)
				if (now - at.question.time <= ANSWER_WINDOW) found.push(at.question);
		return found;
	}

	return {
		add(question) {
			const { protocol, id, time } = question;
			if (time - began >= ANSWER_WINDOW) turn(time);
			if (youngSize >= ASKED_NAMES) return;
			if (protocol === "mdns") lastName = time;
			const key =
				protocol === "mdns" ? wireName(question) : idKey(protocol, id);
			young.set(key, { question, next: young.get(key) });
			youngSize++;
		},
		withId: (protocol, id, now) => find(idKey(protocol, id), now),
		withName: (name, now) => find(name, now),
		awaitsName: (now) => now - lastName <= ANSWER_WINDOW,
		size: () => youngSize + oldSize,
	};
}
