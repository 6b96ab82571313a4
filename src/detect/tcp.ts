import type { Technique } from "../alert/alert.ts";
import { ACK, FIN, type Packet, RST, SYN } from "../wire/packet.ts";
import { Class, TECHNIQUES } from "./class.ts";
import type { Judge } from "./judge.ts";
import { EPHEMERAL, HANDSHAKE_WINDOW, PRIVILEGED } from "./params.ts";
import { createRecent } from "./recent.ts";
import {
	impossibleFlags,
	isCraftedSegment,
	isCraftedSynAck,
	isStackSyn,
	toolOfTcp,
} from "./technique.ts";

/** Handshakes under way, as powers of two. */
const TRIED_BITS = 16;
const ASKED_BITS = 14;
const LOOSE_BITS = 12;

/** What is known of a handshake: bits of its value; the technique stands above them. */
const COUNTED = 1;
const ANSWERED = 2;
const CRAFTED = 4;
const HARMLESS = 8;
const TECHNIQUE_SHIFT = 8;

const handshake = HANDSHAKE_WINDOW / 100;

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

	/** The packet's source tried its destination's port. */
	function attempt(p: Packet, technique: Technique, certain: boolean): void {
		const a = judge.attemptOf(p, Class.Tcp, p.dport, technique);
		a.tool = toolOfTcp(p);
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
		const before = tried.values[place] as number;
		const crafted = !isStackSyn(p.options);
		const technique = crafted ? "syn" : "connect";
		let bits = (before & ANSWERED) | (crafted ? CRAFTED : 0);
		if (!ports.isServed(Class.Tcp, judge.destination, p.dport, judge.tenths)) {
			bits |= COUNTED;
			attempt(p, technique, toolOfTcp(p) !== undefined);
		}
		tried.values[place] = stateOf(technique, bits);
	}

	/** The source serves its port; whoever asked, did so rightly. */
	function onSynAck(p: Packet): void {
		const place = tried.find(flowKeyBack(p), judge.tenths, handshake);
		if (place >= 0) {
			const value = tried.values[place] as number;
			tried.values[place] = (value & ~COUNTED) | ANSWERED;
			ports.serve(Class.Tcp, judge.source, p.sport, judge.tenths);
			const a = answering(p, Class.Tcp, p.sport, techniqueOf(value));
			if ((value & COUNTED) !== 0) attempts.answered(a);
			else if ((value & (ANSWERED | CRAFTED)) === 0) judge.onService(a);
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
		loose.values[place] = stateOf(technique, crafted ? COUNTED : HARMLESS);
		if (crafted) attempt(p, technique, true);
	}

	/** Established, closing or late: only what is crafted is worth a thought. */
	function onSegment(p: Packet): void {
		if (judge.isOurErrand || !judge.isJudged) return;
		const technique = (p.flags & FIN) !== 0 ? "maimon" : "ack";
		const known =
			tried.find(flowKey(p), judge.tenths, handshake) >= 0 ||
			asked.find(flowKeyBack(p), judge.tenths, handshake) >= 0;
		if (known) return;
		const crafted = isCraftedSegment(p);
		if (crafted) stray(p, technique, true);
		else if (technique === "maimon") {
			const place = loose.put(flowKey(p), judge.tenths);
			loose.values[place] = stateOf(technique, 0);
		}
	}

	/** A reset by the one who began: before the handshake was complete, it was never meant to be. */
	function onBreak(p: Packet, place: number): void {
		const value = tried.values[place] as number;
		tried.remove(place);
		if ((value & ANSWERED) === 0 || (p.flags & ACK) !== 0) return;
		const crafted = (value & CRAFTED) !== 0;
		const a = judge.attemptOf(p, Class.Tcp, p.dport, "syn");
		a.tool = undefined;
		a.certain = crafted;
		attempts.attempt(a, crafted || ports.isWatched(Class.Tcp, p.dport));
	}

	/**
	 * RFC 9293 section 3.10.7.1: a port nobody listens on answers an ACK with a RST that bears none. So
	 * the probe is seen by its answer, without a look at every ACK of every download.
	 */
	function onRefusedAck(p: Packet): void {
		if (!judge.isSourceJudged || judge.isDestinationOurs) return;
		const place = loose.find(flowKeyBack(p), judge.tenths, handshake);
		const value =
			place < 0 ? stateOf("ack", 0) : (loose.values[place] as number);
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
		loose.values[loose.put(flowKeyBack(p), judge.tenths)] = value | COUNTED;
		attempts.attempt(a, isWatched);
	}

	function onReset(p: Packet): void {
		const own = tried.find(flowKey(p), judge.tenths, handshake);
		if (own >= 0) {
			onBreak(p, own);
			return;
		}
		const place = tried.find(flowKeyBack(p), judge.tenths, handshake);
		if (place >= 0) {
			const value = tried.values[place] as number;
			if ((value & COUNTED) !== 0 && (value & ANSWERED) === 0)
				attempts.refused(answering(p, Class.Tcp, p.sport, techniqueOf(value)));
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
		const value = loose.values[place] as number;
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
