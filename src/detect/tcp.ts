import type { Technique, Tool } from "../alert/alert.ts";
import { ACK, FIN, type Packet, RST, SYN } from "../wire/packet.ts";
import { Class, TECHNIQUES } from "./class.ts";
import type { Judge } from "./judge.ts";
import {
	EPHEMERAL,
	HANDSHAKE_WINDOW,
	PRIVILEGED,
	SERVED_WINDOW,
} from "./params.ts";
import { createRecent, type Recent } from "./recent.ts";
import {
	impossibleFlags,
	isCraftedSegment,
	isCraftedSynAck,
	isStackSyn,
	TOOLS,
	toolOfTcp,
} from "./technique.ts";

/** Handshakes under way, as powers of two. */
const TRIED_BITS = 12;
const ASKED_BITS = 12;
const LOOSE_BITS = 12;

/**
 * What is known of a handshake or a loose segment: bits of its value. Above them stands the tool that a
 * handshake's SYN looked like, or a segment's technique.
 */
const COUNTED = 1;
const ANSWERED = 2;
const CRAFTED = 4;
const HARMLESS = 8;
const TECHNIQUE_SHIFT = 8;
const TOOL_SHIFT = 8;

const handshake = HANDSHAKE_WINDOW / 100;
/** A connection's entry, which its bare ACKs renew. */
const connection = SERVED_WINDOW / 100;

/**
 * Judges TCP. A kernel's filter need not hand over established traffic (segments with ACK and none of
 * SYN, FIN, RST): nothing here depends on it.
 */
export function createTcp(judge: Judge): (p: Packet) => void {
	/** SYNs of others, our own, and segments out of nowhere. */
	const tried = createRecent(TRIED_BITS);
	const asked = createRecent(ASKED_BITS);
	const loose = createRecent(LOOSE_BITS);
	const { answering, attempts, flowKey, flowKeyBack, ports } = judge;

	const stateOf = (technique: Technique, bits: number) =>
		(TECHNIQUES.indexOf(technique) << TECHNIQUE_SHIFT) | bits;
	const techniqueOf = (value: number): Technique =>
		TECHNIQUES[value >> TECHNIQUE_SHIFT] ?? "syn";

	const synOf = (value: number): Technique =>
		(value & CRAFTED) !== 0 ? "syn" : "connect";

	/** The packet's source tried its destination's port. */
	function attempt(
		p: Packet,
		technique: Technique,
		tool: Tool | undefined,
		certain: boolean,
	): void {
		const a = judge.attemptOf(p, Class.Tcp, p.dport, technique);
		a.tool = tool;
		a.certain = certain;
		attempts.attempt(a, certain || ports.isWatched(Class.Tcp, p.dport));
	}

	function onSyn(p: Packet): void {
		if (judge.isOurErrand) {
			asked.put(flowKey(p), judge.tenths);
			return;
		}
		if (!judge.isJudged) return;
		const place = tried.put(flowKey(p), judge.tenths);
		const before = tried.value(place);
		const crafted = !isStackSyn(p.options);
		const tool = toolOfTcp(p);
		let bits = (before & ANSWERED) | (crafted ? CRAFTED : 0);
		if (tool) bits |= TOOLS.indexOf(tool) << TOOL_SHIFT;
		const technique = synOf(bits);
		if (!ports.isServed(Class.Tcp, judge.destination, p.dport, judge.tenths)) {
			bits |= COUNTED;
			attempt(p, technique, tool, tool !== undefined);
		}
		tried.setValue(place, bits);
	}

	/** The source serves its port; whoever asked, did so rightly. */
	function onSynAck(p: Packet): void {
		const place = tried.find(flowKeyBack(p), judge.tenths, handshake);
		if (place >= 0) {
			const value = tried.value(place);
			tried.setValue(place, (value & ~COUNTED) | ANSWERED);
			ports.serve(Class.Tcp, judge.source, p.sport, judge.tenths);
			const a = answering(p, Class.Tcp, p.sport, synOf(value));
			if ((value & COUNTED) !== 0) attempts.answered(a);
			if ((value & (ANSWERED | CRAFTED)) === 0) judge.onService(a);
			return;
		}
		if (asked.find(flowKeyBack(p), judge.tenths, handshake) >= 0) return;
		if (judge.isSourceJudged)
			ports.serve(Class.Tcp, judge.source, p.sport, judge.tenths);
		if (judge.isJudged && !judge.isOurErrand)
			stray(p, "syn-ack", isCraftedSynAck(p) && p.sport >= PRIVILEGED);
	}

	/** A segment that belongs to no handshake we know: counted when no stack sends it so. */
	function stray(p: Packet, technique: Technique, crafted: boolean): void {
		const place = loose.put(flowKey(p), judge.tenths);
		loose.setValue(place, stateOf(technique, crafted ? COUNTED : HARMLESS));
		if (crafted) attempt(p, technique, toolOfTcp(p), true);
	}

	function renew(table: Recent, key: number): boolean {
		const isKnown = table.find(key, judge.tenths, connection) >= 0;
		if (isKnown) table.put(key, judge.tenths);
		return isKnown;
	}

	/** A segment of who began: the handshake is over, and a reset breaks off nothing. */
	function complete(p: Packet): boolean {
		const place = tried.find(flowKey(p), judge.tenths, connection);
		if (place < 0) return false;
		tried.setValue(place, tried.value(place) & ~CRAFTED);
		return renew(tried, flowKey(p));
	}

	/** A segment of a connection whose beginning we saw, from either end. */
	const isOngoing = (p: Packet) =>
		complete(p) || renew(tried, flowKeyBack(p)) || renew(asked, flowKeyBack(p));

	/** Established, closing or late: only what is crafted is worth a thought. */
	function onSegment(p: Packet): void {
		const isFin = (p.flags & FIN) !== 0;
		const crafted = isCraftedSegment(p);
		// who closes a connection had one: late data and new clients look for a service
		if (isFin && !crafted && judge.isSourceJudged && p.sport < EPHEMERAL)
			ports.serve(Class.Tcp, judge.source, p.sport, judge.tenths);
		if (judge.isOurErrand || !judge.isJudged) return;
		// the kernel's filter keeps the rest to itself, so nothing may come of it
		if ((!crafted && !isFin) || isOngoing(p)) return;
		const technique = isFin ? "maimon" : "ack";
		// small stacks send such segments as well, but with no scanner's window
		if (crafted && toolOfTcp(p) !== undefined) stray(p, technique, true);
		else if (crafted || isFin) {
			const place = loose.put(flowKey(p), judge.tenths);
			loose.setValue(place, stateOf(technique, crafted ? CRAFTED : 0));
		}
	}

	/** A reset by the one who began: before the handshake was complete, it was never meant to be. */
	function onBreak(p: Packet, place: number): void {
		const value = tried.value(place);
		tried.remove(place);
		// a stack does so where its program has lost patience (RFC 8305's happy eyeballs)
		const isHalfOpen = (value & (ANSWERED | CRAFTED)) === (ANSWERED | CRAFTED);
		if (!isHalfOpen || (p.flags & ACK) !== 0) return;
		const a = judge.attemptOf(p, Class.Tcp, p.dport, "syn");
		a.tool = TOOLS[value >> TOOL_SHIFT];
		a.certain = true;
		attempts.attempt(a, true);
	}

	/**
	 * RFC 9293 section 3.10.7.1: a port nobody listens on answers an ACK with a RST that bears none. So
	 * the probe is seen by its answer, without a look at every ACK of every download. A restarted server
	 * answers its old clients so: one such answer is no alert unless the segment was seen to be crafted.
	 */
	function onRefusedAck(p: Packet): void {
		if (!judge.isSourceJudged || judge.isDestinationOurs) return;
		const place = loose.find(flowKeyBack(p), judge.tenths, handshake);
		// a stranger's reset may as well answer somebody who took our address
		if (place < 0 && !judge.isOurErrand) return;
		const value = place < 0 ? stateOf("ack", 0) : loose.value(place);
		const a = answering(p, Class.Tcp, p.sport, techniqueOf(value));
		if ((value & COUNTED) !== 0) {
			attempts.refused(a);
			return;
		}
		const isWatched = ports.isWatched(Class.Tcp, p.sport);
		const isReply = p.dport < PRIVILEGED && p.sport >= PRIVILEGED;
		const isEphemeral = p.sport >= EPHEMERAL;
		if ((value & HARMLESS) !== 0 || ((isReply || isEphemeral) && !isWatched))
			return;
		if (ports.isServed(Class.Tcp, judge.source, p.sport, judge.tenths)) return;
		loose.setValue(loose.put(flowKeyBack(p), judge.tenths), value | COUNTED);
		attempts.attempt(a, (value & CRAFTED) !== 0);
	}

	function onReset(p: Packet): void {
		const own = tried.find(flowKey(p), judge.tenths, handshake);
		if (own >= 0) {
			onBreak(p, own);
			return;
		}
		const place = tried.find(flowKeyBack(p), judge.tenths, handshake);
		if (place >= 0) {
			const value = tried.value(place);
			if ((value & COUNTED) !== 0 && (value & ANSWERED) === 0)
				attempts.refused(answering(p, Class.Tcp, p.sport, synOf(value)));
			return;
		}
		if (asked.find(flowKey(p), judge.tenths, handshake) >= 0) return;
		if ((p.flags & ACK) === 0) onRefusedAck(p);
		else refusedLoose(p);
	}

	/** RST|ACK answers what bears no ACK: NULL, FIN and Xmas probes. */
	function refusedLoose(p: Packet): void {
		const place = loose.find(flowKeyBack(p), judge.tenths, handshake);
		if (place < 0) return;
		const value = loose.value(place);
		if ((value & COUNTED) !== 0)
			attempts.refused(answering(p, Class.Tcp, p.sport, techniqueOf(value)));
	}

	return (p) => {
		const { flags } = p;
		const odd = impossibleFlags(flags);
		if (odd !== undefined) {
			if (judge.isJudged && !judge.isOurErrand) stray(p, odd, true);
		} else if ((flags & RST) !== 0) onReset(p);
		else if ((flags & (SYN | ACK)) === SYN) onSyn(p);
		else if ((flags & SYN) !== 0) onSynAck(p);
		else onSegment(p);
	};
}
