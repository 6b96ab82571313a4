import type { NameProtocol, Tool } from "../alert/alert.ts";
import { u16 } from "../wire/bytes.ts";
import { decodeDns, type NameMessage, type NameRecord } from "../wire/dns.ts";
import { decodeNbns } from "../wire/nbns.ts";
import { Kind, type Packet } from "../wire/packet.ts";
import { createAsked, type Question, wireName } from "./asked.ts";
import { sightOf } from "./attempt.ts";
import { OWN_ADDRESSES } from "./params.ts";
import {
	createPoisoners,
	type Origin,
	type VerdictWorld,
} from "./poisoners.ts";
import { heard, type Names } from "./report.ts";

/** Where answers come from: RFC 4795 section 2, RFC 1002 section 4.2, RFC 6762 section 6. */
const PORTS: readonly (readonly [port: number, protocol: NameProtocol])[] = [
	[5355, "llmnr"],
	[137, "nbns"],
	[5353, "mdns"],
];
const QR = 0x8000;
/** Opcode and rcode: both 0 in an answer that gives something. */
const OPCODE_RCODE = 0x780f;
/** Records that tell that there is nothing (RFC 6762 section 6.1), or nothing of a name (RFC 6891). */
const EMPTY: readonly string[] = ["NSEC", "OPT", "SOA"];

/** A datagram that may answer a question for a name, captured or received. */
export interface Answer extends Origin {
	payload: Uint8Array;
}

/** Judges answers to questions for names that nobody has. */
export interface Poison {
	/** A question was sent: what answers it in time is a hit. */
	asked(question: Question): void;
	/** A datagram came in answer to a question, perhaps. */
	answer(answer: Answer): void;
	/** The same of a captured packet. */
	packet(p: Packet, bytes: Uint8Array, now: number): void;
	/** How many questions are remembered. */
	known(): number;
}

export interface PoisonWorld extends VerdictWorld {
	names: Names;
	/** Names that nobody has, whoever asks (`[poison] names`); lower case, one label. */
	canaries: readonly string[];
	/** An address is this host's; those that asked are known anyway. */
	isOwn?(ip: string): boolean;
}

const protocolOf = (port: number): NameProtocol | undefined =>
	PORTS.find(([known]) => known === port)?.[1];

/** `wpad` of `wpad.local` and `wpad<20>`. */
const labelOf = (name: string) => name.replace(/(?:\.local|<[\da-f]{2}>)$/, "");

/** By what the tools' sources send (FACTS 2). Responder and Inveigh give 30 s alike, but Inveigh points back. */
function toolOf(
	protocol: NameProtocol,
	{ id, flags, compressed }: NameMessage,
	{ ttl, flush }: NameRecord,
): Tool | undefined {
	if (ttl === 60) return "pretender";
	switch (protocol) {
		case "llmnr":
			if (flags !== 0x8000 || ttl !== 30) return undefined;
			return compressed ? "inveigh" : "responder";
		case "nbns":
			if (ttl === 165) return "inveigh";
			return flags === 0x8500 && ttl === 300_000 ? "responder" : undefined;
		case "mdns":
			return flags === 0x8400 && id === 0 && ttl === 120 && !flush
				? "responder"
				: undefined;
	}
}

/** The records of a message that give something for a name: none where it says no, or nothing. */
const given = ({ flags, records }: NameMessage): NameRecord[] =>
	(flags & QR) !== 0 && (flags & OPCODE_RCODE) === 0
		? records.filter(({ type }) => !EMPTY.includes(type))
		: [];

/** A header that is there says so; what is shorter may be an answer. */
const isQuery = (bytes: Uint8Array, at: number, end: number) =>
	end - at > 2 && ((bytes[at + 2] as number) & 0x80) === 0;

/** The judge of `poison`: a hit is an answer for a name nobody has, by id and name, to one of our questions or anybody's. */
export function createPoison(world: PoisonWorld): Poison {
	const asked = createAsked();
	const poisoners = createPoisoners(world);
	const canaries = new Set(world.canaries);
	const ours = new Set<string>();
	const isOurs = (ip: string) => ours.has(ip) || world.isOwn?.(ip) === true;

	/** The question that a message answers, by its name and, where the protocol has one, its id. */
	function questionOf(
		{ protocol, time }: Answer,
		message: NameMessage,
	): Question | undefined {
		if (protocol === "mdns") {
			for (const name of message.names) {
				const [question] = asked.withName(name, time);
				if (question) return question;
			}
			return undefined;
		}
		return asked
			.withId(protocol, message.id, time)
			.find((question) => message.names.includes(wireName(question)));
	}

	function hit(
		answer: Answer,
		message: NameMessage,
		name: string,
		question: Question | undefined,
	): void {
		const { payload: _, ...origin } = answer;
		const records = given(message);
		const fits = (record: NameRecord) => labelOf(record.name) === name;
		const record = records.find(fits) ?? records[0];
		poisoners.hear({
			answer: origin,
			name,
			askedOn: question?.interface,
			address: record?.address,
			ttl: record?.ttl,
			tool: record && toolOf(answer.protocol, message, record),
			malformed: message.malformed,
		});
	}

	/** An answer by id that nobody can read; mDNS has no ids. */
	function broken(answer: Answer, message: NameMessage): void {
		const { protocol, time, to } = answer;
		if (protocol === "mdns" || (message.flags & OPCODE_RCODE) !== 0) return;
		const question = asked
			.withId(protocol, message.id, time)
			.find(({ from }) => from === to);
		if (question) hit(answer, message, question.name, question);
	}

	function judge(answer: Answer): void {
		const { payload } = answer;
		if (isOurs(answer.ip) || isQuery(payload, 0, payload.length)) return;
		const decode = answer.protocol === "nbns" ? decodeNbns : decodeDns;
		const message = decode(payload);
		if (given(message).length === 0) {
			if (message.malformed) broken(answer, message);
			return;
		}
		const question = questionOf(answer, message);
		const canary = message.names.map(labelOf).find((at) => canaries.has(at));
		if (question) hit(answer, message, question.name, question);
		else if (canary !== undefined) hit(answer, message, canary, undefined);
		else if (message.malformed) broken(answer, message);
	}

	/** Whether an answer could be a hit: all that most packets cost. */
	function isAwaited(protocol: NameProtocol, id: number, now: number): boolean {
		if (canaries.size > 0) return true;
		return protocol === "mdns"
			? asked.awaitsName(now)
			: asked.withId(protocol, id, now).length > 0;
	}

	return {
		asked(question) {
			if (ours.size < OWN_ADDRESSES) ours.add(question.from);
			asked.add(question);
			poisoners.asked(question);
		},
		answer: judge,
		packet(p: Packet, bytes, now) {
			if (p.kind !== Kind.Udp) return;
			const protocol = protocolOf(p.sport);
			if (!protocol || p.end - p.payload < 2) return;
			if (isQuery(bytes, p.payload, p.end)) return;
			if (!isAwaited(protocol, u16(bytes, p.payload), now)) return;
			const sight = sightOf(p);
			const { interface: name = "", vlan } = heard(sight, world.names);
			judge({
				protocol,
				version: p.version === 6 ? 6 : 4,
				interface: name,
				vlan,
				ip: sight.source.ip,
				mac: sight.source.mac,
				port: p.sport,
				to: sight.destination,
				payload: bytes.subarray(p.payload, p.end),
				time: now,
			});
		},
		known: () => asked.size(),
	};
}
