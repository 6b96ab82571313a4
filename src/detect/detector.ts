import type { Cidr, Words } from "../config/cidr.ts";
import { formatMac } from "../wire/address.ts";
import { createPacket, Kind, type Packet } from "../wire/packet.ts";
import { createAgenda } from "./agenda.ts";
import { type Answers, isAnswer } from "./answers.ts";
import { type Attempt, turn } from "./attempt.ts";
import { createAttempts } from "./attempts.ts";
import { Class } from "./class.ts";
import { createClients } from "./clients.ts";
import { createFragments } from "./fragments.ts";
import { hashAddress, mix } from "./hash.ts";
import { createIcmp } from "./icmp.ts";
import type { Judge } from "./judge.ts";
import { createNetworks } from "./networks.ts";
import type { DetectorOptions } from "./options.ts";
import { createArp, createIp, createSctp } from "./others.ts";
import { createPortLore } from "./portlore.ts";
import { createTcp } from "./tcp.ts";
import { createUdp } from "./udp.ts";

export interface Detector {
	/** Announces a decoded packet that will be judged in a moment. */
	announce(p: Packet): void;
	/** Asks the memory for what is known of an announced packet's source; best for several in a row. */
	warm(p: Packet): void;
	/** Judges a decoded packet; `bytes` is what it was decoded from. Its time never runs backwards. */
	packet(p: Packet, bytes: Uint8Array): void;
	/** Attempts so far: it grows when a packet was one. */
	tried(): number;
	/** Tells what is due at `now`, ms since the epoch. */
	advance(now: number): void;
	/** When something is due next. */
	next(): number | undefined;
	/** This host's addresses, and its MAC addresses as far as they are known. */
	setOwn(addresses: Iterable<Words>, macs?: Iterable<string>): void;
	/** Whole networks that count as this host's own: for a capture, whose host isn't asked. */
	setHomeAsOwn(networks: readonly Cidr[]): void;
	/** A question for a name went out. */
	asked: Answers["asked"];
	/** Networks that count as home, see `DetectorOptions.home`. */
	setHome(networks: readonly Cidr[]): void;
	takeForgotten(): number;
	/** The end: tells everything that is still open. */
	finish(now: number): void;
}

/** All detectors of what comes by wire: pure, with packet time as the clock and bounded memory. */
export function createDetector(options: DetectorOptions): Detector {
	const { seed, names, emit } = options;
	const agenda = createAgenda();
	const answers = options.answers?.(agenda);
	const own = new Map<number, Words>();
	const hash = (w0: number, w1: number, w2: number, w3: number) =>
		hashAddress(seed, w0, w1, w2, w3);
	const attempts = createAttempts({
		agenda,
		names,
		emit,
		// in scope host nothing else is judged
		isOwn: (target) => options.scope === "host" || own.has(target),
		isServed(cls, port, target) {
			const address = own.get(target);
			if (!address) return undefined;
			if (cls === Class.Tcp) return options.isBound("tcp", port, address);
			return cls === Class.Udp
				? options.isBound("udp", port, address)
				: undefined;
		},
	});
	const isTo = options.to.length > 0 ? createNetworks(options.to) : undefined;
	let isHome = createNetworks(options.home);
	const clients = createClients();
	const fragments = createFragments();
	const hears = new Set(options.protocols);
	const hearsTcp = hears.has("tcp");
	const hearsUdp = hears.has("udp");
	const isSegment = options.scope === "segment";
	const last = { w0: 0, w1: 0, w2: 0, w3: 0, word: 0, isTheirs: true };
	let isOwnNetwork: ReturnType<typeof createNetworks> | undefined;
	/** A bit for each of ours, by the last five of its word: most strangers need no longer look. */
	let ownHints = 0;
	let ownMacs = new Set<string>();
	let base = -1;

	const a: Attempt = {
		packet: createPacket(),
		source: 0,
		target: 0,
		cls: Class.Tcp,
		port: 0,
		technique: "syn",
		tool: undefined,
		certain: false,
		now: 0.5,
		tenths: 0,
	};
	const turned = createPacket();

	function fill(
		p: Packet,
		source: number,
		target: number,
		cls: Class,
		port: number,
		technique: Attempt["technique"],
	): Attempt {
		a.packet = p;
		a.source = source;
		a.target = target;
		a.cls = cls;
		a.port = port;
		a.technique = technique;
		a.tool = undefined;
		a.certain = false;
		a.now = judge.now;
		a.tenths = judge.tenths;
		return a;
	}

	const judge: Judge = {
		attempts,
		ports: createPortLore(options.tcp, options.udp),
		now: 0.5,
		tenths: 0,
		source: 0,
		destination: 0,
		isOurErrand: false,
		isDestinationOurs: false,
		isJudged: false,
		isSourceJudged: false,
		hash,
		attemptOf: (p, cls, port, technique) =>
			fill(p, judge.source, judge.destination, cls, port, technique),
		answering: (p, cls, port, technique) =>
			fill(
				turn(p, turned),
				judge.destination,
				judge.source,
				cls,
				port,
				technique,
			),
		flowKey: (p) =>
			mix(mix(judge.source, judge.destination), (p.sport << 16) | p.dport) || 1,
		flowKeyBack: (p) =>
			mix(mix(judge.destination, judge.source), (p.dport << 16) | p.sport) || 1,
		onService(service) {
			const { d0, d1, d2, d3 } = service.packet;
			if (!isHome(d0, d1, d2, d3)) return;
			for (const each of clients(service)) attempts.attempt(each, false);
		},
	};

	const tcp = createTcp(judge);
	const udp = createUdp(judge);
	const icmp = createIcmp(judge, udp, {
		icmp: hears.has("icmp"),
		neighbours: hears.has("arp"),
	});
	const sctp = createSctp(judge);
	const arp = createArp(judge);
	const ip = createIp(judge);

	/** Most packets go where the one before went. */
	function lookAtDestination({ d0, d1, d2, d3 }: Packet): void {
		if (
			d3 === last.w3 &&
			d2 === last.w2 &&
			d1 === last.w1 &&
			d0 === last.w0 &&
			last.word !== 0
		)
			return;
		last.w0 = d0;
		last.w1 = d1;
		last.w2 = d2;
		last.w3 = d3;
		last.word = hash(d0, d1, d2, d3);
		last.isTheirs = !(own.has(last.word) || isOwnNetwork?.(d0, d1, d2, d3));
	}

	/** Whose packet it is and whether its ends are in scope. */
	function place(p: Packet): void {
		const source = p.sourceWord || hash(p.s0, p.s1, p.s2, p.s3);
		lookAtDestination(p);
		const { word: destination, isTheirs } = last;
		const isOurs =
			(((ownHints >>> (source & 31)) & 1) !== 0 && own.has(source)) ||
			!!isOwnNetwork?.(p.s0, p.s1, p.s2, p.s3);
		judge.source = source;
		judge.destination = destination;
		judge.isOurErrand = isOurs && isTheirs;
		judge.isDestinationOurs = !isTheirs;
		judge.isJudged = (isSegment || !isTheirs) && !p.toMany;
		judge.isSourceJudged = isSegment || isOurs;
		if (isTo === undefined) return;
		judge.isJudged &&= isTo(p.d0, p.d1, p.d2, p.d3);
		judge.isSourceJudged &&= isTo(p.s0, p.s1, p.s2, p.s3);
	}

	/** Source routes and record routes: the original tocsin's -O. */
	function onOptions(p: Packet): void {
		if (!judge.isJudged || judge.isOurErrand) return;
		attempts.single(judge.attemptOf(p, Class.Ip, p.protocol, "ip-options"));
	}

	function onFragment(p: Packet, bytes: Uint8Array): void {
		const key = mix(judge.source, judge.destination);
		const outcome = fragments.put(p, bytes, key, judge.now);
		if (outcome === "whole") {
			if (!isAnswer(p) || !isHeard(p, fragments.bytes)) dispatch(p, bytes);
		} else if (outcome === "tiny" && judge.isJudged && !judge.isOurErrand) {
			const tiny = judge.attemptOf(p, Class.Tcp, 0, "fragment");
			attempts.single(tiny);
		}
	}

	/** Sent by this host: who only takes our address has another MAC address, where the link has any. */
	function isOurs({ macHigh, macLow }: Packet): boolean {
		const mac = formatMac(macHigh, macLow);
		const isOwnMac = mac === undefined || ownMacs.size === 0;
		return own.has(judge.source) && (isOwnMac || ownMacs.has(mac));
	}

	/** What a server said, to whomever; true when nobody else need look at it. */
	const isHeard = (p: Packet, bytes: Uint8Array): boolean =>
		!!answers?.packet(p, bytes, judge.now, isOurs(p));

	function dispatch(p: Packet, bytes: Uint8Array): void {
		switch (p.kind) {
			case Kind.Tcp:
				if (hearsTcp) tcp(p);
				break;
			case Kind.Udp:
				if (hearsUdp) udp.packet(p);
				break;
			case Kind.Icmp4:
			case Kind.Icmp6:
				icmp(p, bytes);
				break;
			case Kind.Arp:
				if (hears.has("arp")) arp(p);
				break;
			case Kind.Sctp:
				if (hears.has("sctp")) sctp(p);
				break;
			case Kind.Ip:
				if (hears.has("ip")) ip(p);
				break;
			case Kind.Fragment:
				onFragment(p, bytes);
				break;
		}
	}

	function advance(time: number): void {
		if (time > judge.now) judge.now = time;
		agenda.advance(judge.now);
	}

	return {
		announce(p) {
			p.sourceWord = hash(p.s0, p.s1, p.s2, p.s3);
		},
		warm: (p) => attempts.warm(p.sourceWord),
		packet(p, bytes) {
			if (p.kind === Kind.Other) return;
			advance(p.time);
			if (base < 0) base = judge.now;
			judge.tenths = Math.floor((judge.now - base) * 0.01) + 1;
			place(p);
			if (isAnswer(p) && isHeard(p, bytes)) return;
			if (p.ipOptions && options.ipOptions) onOptions(p);
			dispatch(p, bytes);
		},
		advance,
		next: agenda.next,
		setOwn(addresses, macs = []) {
			own.clear();
			ownMacs = new Set(macs);
			last.word = 0;
			ownHints = 0;
			for (const address of addresses) {
				const word = hash(...address);
				own.set(word, address);
				ownHints |= 1 << (word & 31);
			}
		},
		setHomeAsOwn(networks) {
			last.word = 0;
			isOwnNetwork = networks.length > 0 ? createNetworks(networks) : undefined;
		},
		setHome(networks) {
			isHome = createNetworks(networks);
		},
		asked: (question) => answers?.asked(question),
		tried: attempts.tried,
		takeForgotten: attempts.takeForgotten,
		finish(time) {
			advance(time);
			attempts.finish(judge.now);
			answers?.finish(judge.now);
		},
	};
}
