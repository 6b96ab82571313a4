import { i32, u16 } from "../wire/bytes.ts";
import type { Packet } from "../wire/packet.ts";
import { Class } from "./class.ts";
import { mix } from "./hash.ts";
import type { Judge } from "./judge.ts";
import {
	ASKED_WINDOW,
	EPHEMERAL,
	PRIVILEGED,
	TRACEROUTE_PORT,
	TRACEROUTE_PORTS,
	TRACEROUTE_TTL,
} from "./params.ts";
import { createRecent } from "./recent.ts";

const ASKED_BITS = 15;
const TRIED_BITS = 15;
/** Bits of a conversation's value. */
const COUNTED = 1;

const ASKED_TENTHS = ASKED_WINDOW / 100;

export interface Udp {
	packet(p: Packet): void;
	/** An ICMP error told that the port is closed: the quoted packet is at `o`, ports and all. */
	closed(p: Packet, b: Uint8Array, o: number, version: number): void;
}

/** traceroute(8) counts its ports up and arrives with its last hops. */
const isTraceroute = (p: Packet) =>
	p.ttl <= TRACEROUTE_TTL &&
	p.dport >= TRACEROUTE_PORT &&
	p.dport < TRACEROUTE_PORT + TRACEROUTE_PORTS;

/** Judges UDP: whoever was asked may answer, at any time; who wasn't and finds no service, tried. */
export function createUdp(judge: Judge): Udp {
	const asked = createRecent(ASKED_BITS);
	const tried = createRecent(TRIED_BITS);
	const { answering, attempts, flowKey, flowKeyBack, ports } = judge;

	/** A question to everybody: any host may answer it (SSDP, mDNS, NetBIOS). */
	const anyoneKey = (host: number, port: number) =>
		mix(mix(host, port), 0x5eed) || 1;

	/** A conversation's place: its key and, for a flood has many keys, the `check` must agree. */
	function findTried(key: number, check: number): number {
		const place = tried.find(key, judge.tenths, ASKED_TENTHS);
		if (place < 0 || ((tried.value(place) ^ check) & ~COUNTED) !== 0) return -1;
		return place;
	}

	/** An answer to what the destination sent; true when it is one. `key` and `back` are its flow's. */
	function isAnswer(p: Packet, key: number, back: number): boolean {
		const { tenths } = judge;
		if (asked.find(back, tenths, ASKED_TENTHS) >= 0) return true;
		const place = findTried(back, key);
		if (place >= 0) {
			ports.serve(Class.Udp, judge.source, p.sport, tenths);
			const value = tried.value(place);
			if ((value & COUNTED) !== 0) {
				tried.setValue(place, value & ~COUNTED);
				attempts.answered(answering(p, Class.Udp, p.sport, "udp"));
			}
			return true;
		}
		const anyone = anyoneKey(judge.destination, p.dport);
		return asked.find(anyone, tenths, ASKED_TENTHS) >= 0;
	}

	/** What can't be told from a late answer to a question we never saw. */
	function isLikeAnswer(p: Packet): boolean {
		if (p.sport >= PRIVILEGED || p.dport < PRIVILEGED) return false;
		return p.dport >= EPHEMERAL || !ports.isWatched(Class.Udp, p.dport);
	}

	function packet(p: Packet): void {
		const { tenths } = judge;
		if (p.toMany) {
			asked.put(anyoneKey(judge.source, p.sport), tenths);
			return;
		}
		const key = flowKey(p);
		const back = flowKeyBack(p);
		if (isAnswer(p, key, back)) return;
		if (judge.isOurErrand) {
			asked.put(key, tenths);
			return;
		}
		if (!judge.isJudged) return;
		const before = findTried(key, back);
		const place = tried.put(key, tenths);
		if (before >= 0 && (tried.value(place) & COUNTED) === 0) return;
		tried.setValue(place, back & ~COUNTED);
		if (ports.isServed(Class.Udp, judge.destination, p.dport, tenths)) return;
		if (isLikeAnswer(p) || isTraceroute(p)) return;
		tried.setValue(place, back | COUNTED);
		const a = judge.attemptOf(p, Class.Udp, p.dport, "udp");
		// nmap -PU and hping3 -2 send nothing in it; a service's client has something to say
		a.certain = p.length === 0;
		attempts.attempt(a, a.certain || ports.isWatched(Class.Udp, p.dport));
	}

	function closed(p: Packet, b: Uint8Array, o: number, version: number): void {
		const header = version === 4 ? ((b[o] as number) & 0xf) << 2 : 40;
		const at = o + header;
		if (at + 4 > p.end) return;
		p.sport = u16(b, at + 2);
		p.dport = u16(b, at);
		// the answer's source is the host, its destination who is told: as in the quoted packet, reversed
		const place = findTried(flowKeyBack(p), flowKey(p));
		if (place >= 0 && (tried.value(place) & COUNTED) !== 0)
			attempts.refused(answering(p, Class.Udp, p.sport, "udp"));
	}

	return { packet, closed };
}

/** Whether the packet quoted at `o` was sent by the ICMP error's destination to its source. */
export function quotes(p: Packet, b: Uint8Array, o: number): boolean {
	if (p.version === 4)
		return (
			o + 20 <= p.end && i32(b, o + 12) === p.d3 && i32(b, o + 16) === p.s3
		);
	return (
		o + 40 <= p.end &&
		i32(b, o + 20) === p.d3 &&
		i32(b, o + 8) === p.d0 &&
		i32(b, o + 36) === p.s3 &&
		i32(b, o + 24) === p.s0
	);
}
