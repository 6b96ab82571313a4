import type { Packet } from "../wire/packet.ts";
import { Class } from "./class.ts";
import { apart } from "./hash.ts";
import type { Judge } from "./judge.ts";
import { HANDSHAKE_WINDOW } from "./params.ts";
import { createRecent } from "./recent.ts";

/** RFC 9260 section 3.2: chunk types. */
const INIT = 1;
const INIT_ACK = 2;
const ABORT = 6;

const handshake = HANDSHAKE_WINDOW / 100;

/** Judges SCTP: an INIT that no INIT ACK answers was a probe. */
export function createSctp(judge: Judge): (p: Packet) => void {
	const tried = createRecent(12);
	const { answering, attempts, flowKey, flowKeyBack, ports } = judge;
	return (p) => {
		if (p.chunk === INIT) {
			if (judge.isOurErrand || !judge.isJudged) return;
			if (ports.isServed(Class.Sctp, judge.destination, p.dport, judge.tenths))
				return;
			tried.put(flowKey(p), judge.tenths);
			const a = judge.attemptOf(p, Class.Sctp, p.dport, "sctp-init");
			attempts.attempt(a, true);
			return;
		}
		if (p.chunk !== INIT_ACK && p.chunk !== ABORT) return;
		if (tried.find(flowKeyBack(p), judge.tenths, handshake) < 0) return;
		const a = answering(p, Class.Sctp, p.sport, "sctp-init");
		if (p.chunk === ABORT) attempts.refused(a);
		else {
			ports.serve(Class.Sctp, judge.source, p.sport, judge.tenths);
			attempts.answered(a);
		}
	};
}

/** Request of RFC 826. */
const ARP_REQUEST = 1;

/** Judges ARP: who asks for many is sweeping; asking for oneself is an announcement (RFC 5227). */
export function createArp(judge: Judge): (p: Packet) => void {
	return (p) => {
		if (p.sport !== ARP_REQUEST || p.s3 === 0 || p.s3 === p.d3) return;
		if (judge.isOurErrand) return;
		const a = judge.attemptOf(p, Class.Arp, 0, "arp");
		// apart: that a client asked an hour ago for our MAC doesn't make its five connections a slow scan
		a.source = apart(a.source);
		judge.attempts.attempt(a, false);
	};
}

/** IGMP, IP in IP, IPv6 in IP, GRE, ESP, AH, none, EIGRP, OSPF, PIM, VRRP, L2TP: seen on honest networks. */
const COMMON = new Set([2, 4, 41, 47, 50, 51, 59, 88, 89, 103, 112, 115]);

/** Judges any other IP protocol: nmap -sO sends bare headers, one protocol after another. */
export function createIp(judge: Judge): (p: Packet) => void {
	return (p) => {
		if (p.toMany || judge.isOurErrand || !judge.isJudged) return;
		const isBare = p.length === 0 && p.protocol !== 59;
		if (!isBare && COMMON.has(p.protocol)) return;
		const a = judge.attemptOf(p, Class.Ip, p.protocol, "ip-proto");
		a.certain = isBare;
		judge.attempts.attempt(a, isBare);
	};
}
