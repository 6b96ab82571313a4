/** A poisoner of names: answers questions as Responder 3.2 does, with the dodges of FACTS 2 as options. */
import { type Question, wireName } from "../../src/detect/asked.ts";
import { encodeQuestion } from "../../src/lure/question.ts";
import { address, join, number } from "../wire/frames.ts";

export interface Habit {
	/** The address it hands out, and for how long. */
	hands?: string;
	ttl?: number;
	/** The name of the answer as a pointer to the question's. */
	compressed?: boolean;
	flags?: number;
}

/** Flags and TTL by protocol: Responder's (FACTS 2). */
const RESPONDER = {
	llmnr: { flags: 0x8000, ttl: 30 },
	nbns: { flags: 0x8500, ttl: 300_000 },
	mdns: { flags: 0x8400, ttl: 120 },
} as const;

/** The answer to a question, as a datagram's payload. */
export function answerTo(question: Question, habit: Habit = {}): Buffer {
	const { protocol, id, type } = question;
	const usual = RESPONDER[protocol];
	const { flags = usual.flags, ttl = usual.ttl, compressed = false } = habit;
	const { hands = type === "AAAA" ? "fe80::666" : "192.0.2.66" } = habit;
	// what stands behind the header: the name, type and class
	const asked = Buffer.from(encodeQuestion(question).subarray(12));
	const name = compressed ? number(0xc00c, 2) : asked.subarray(0, -4);
	const data = address(hands);
	const nbFlags = protocol === "nbns" ? Buffer.alloc(2) : Buffer.alloc(0);
	const repeats = protocol === "llmnr" || compressed;
	return join(
		[id, 2],
		[flags, 2],
		[repeats ? 1 : 0, 2],
		[1, 2],
		[0, 4],
		repeats ? asked : Buffer.alloc(0),
		name,
		asked.subarray(-4),
		[ttl, 4],
		[nbFlags.length + data.length, 2],
		nbFlags,
		data,
	);
}

/** A poisoner's memory: answers a question, or is silent. */
export type Temper = (question: Question) => Buffer | undefined;

/** Answers a name's question only when it is asked for the `n`th time by the same protocol. */
export function onlyRepeat(n: number, habit: Habit = {}): Temper {
	const heard = new Map<string, number>();
	return (question) => {
		const { protocol, version, type } = question;
		const key = `${protocol} ${version} ${type} ${wireName(question)}`;
		const count = (heard.get(key) ?? 0) + 1;
		heard.set(key, count);
		return count === n ? answerTo(question, habit) : undefined;
	};
}

/** Answers those questions that `picks` picks. */
export const only =
	(picks: (question: Question) => boolean, habit: Habit = {}): Temper =>
	(question) =>
		picks(question) ? answerTo(question, habit) : undefined;
