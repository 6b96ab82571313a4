import type { NameProtocol } from "../alert/alert.ts";
import type { PoisonConfig } from "../config/lures.ts";
import { composeQuestions, type Wants } from "./compose.ts";
import { shuffled } from "./cycle.ts";
import type { Lure, LureInterface, LureWorld } from "./lure.ts";
import { chromeName, siteName } from "./names.ts";
import {
	createLetter,
	type Letter,
	letterFrame,
	type Question,
} from "./question.ts";

/** Names of a cycle on each interface (FACTS 2). */
const NAMES = 3;
/** A name is asked for so often, ms apart: some poisoners answer only those who insist (FACTS 2: about 750). */
const REPEATS = 3;
const [SHORTEST_GAP, LONGEST_GAP] = [500, 1_000];
/** ms within which a cycle's names are begun. */
const SPREAD = 3_000;
/** ms from an answer to the question for an unrelated name (FACTS 2). */
const [SOONEST, LATEST] = [1_000, 10_000];
/** Names that exist, which are not asked for again. */
const MAX_EXCLUDED = 1_024;
/** RFC 6335 section 6: ports that nobody owns. */
const [FIRST_PORT, PORTS] = [49_152, 16_384];
const WPAD = "wpad";

export interface PoisonLureWorld extends LureWorld {
	/** A question goes out now. */
	asked(question: Question): void;
	/** Whether DNS has a host called wpad; asked for at each cycle. */
	hasWpad(): Promise<boolean>;
	/** This host's own name: invented names may begin like it. */
	hostname: string;
	/** Sends a question in place of `send`: through a socket, from interfaces without a MAC address as well. */
	ask?(question: Question): void;
}

export interface PoisonLure extends Lure {
	/** Somebody answered once: asks for one more, unrelated name, 1 to 10 s after `now`. */
	confirm(
		name: string,
		protocol: NameProtocol,
		version: 4 | 6,
		now: number,
	): void;
	/** A name exists: it is not asked for any more. */
	exclude(name: string): void;
}

/** A question that is sent several times: in a frame where there is a letter, else by `ask`. */
interface Ask {
	question: Question;
	letter: Letter | undefined;
}

/** Asks, over and over, for names that nobody has. */
export function createPoisonLure(
	config: PoisonConfig,
	world: PoisonLureWorld,
): PoisonLure {
	const { agenda, random, interfaces, asked } = world;
	const excluded = new Set<string>();
	/** Confirmations that are on their way, by interface, protocol and version. */
	const confirming = new Set<string>();
	/** Undefined until DNS was asked. */
	let dnsHasWpad: boolean | undefined;
	/** Changes when all that is planned is void. */
	let run = {};
	const ports = () => FIRST_PORT + random(PORTS);

	const between = (least: number, most: number) =>
		least + random(most - least + 1);

	function plan(time: number, act: (due: number) => void): void {
		const planned = run;
		agenda.at(time, (due) => {
			if (planned === run) act(due);
		});
	}

	function invent(isSite: boolean): string {
		const { prefixes } = config;
		const { hostname } = world;
		for (;;) {
			const name = isSite
				? siteName(random, { prefixes, hostname })
				: chromeName(random);
			if (!excluded.has(name)) return name;
		}
	}

	/** The names of a cycle on an interface, in any order. */
	function inventNames(): string[] {
		const names = [invent(false), invent(true)];
		if (config.wpad && dnsHasWpad !== true && !excluded.has(WPAD))
			names.push(WPAD);
		while (names.length < NAMES) names.push(invent(random(2) === 0));
		return shuffled(random, names);
	}

	function prepare(question: Question, { mac }: LureInterface): Ask[] {
		if (world.ask) return [{ question, letter: undefined }];
		const flow = random(1 << 20);
		const letter =
			mac === undefined ? undefined : createLetter(question, mac, flow);
		return letter ? [{ question, letter }] : [];
	}

	/** What is asked for a name on an interface. */
	function asks(
		face: LureInterface,
		name: string,
		wants: Wants,
		isThorough = false,
	): Ask[] {
		return composeQuestions(
			random,
			face,
			name,
			wants,
			isThorough,
			ports,
		).flatMap((question) => prepare(question, face));
	}

	function send({ question, letter }: Ask, now: number): void {
		if (question.name === WPAD && dnsHasWpad !== false) return;
		const id = question.protocol === "mdns" ? 0 : random(0x10000);
		const sent = { ...question, id, time: now };
		asked(sent);
		if (letter)
			world.send(sent.interface, letterFrame(letter, id, random(0x10000)));
		else world.ask?.(sent);
	}

	/** Asks all of a list in one breath, each time in another order; answers when the last of it is due. */
	function repeat(all: readonly Ask[], start: number): number {
		let time = start;
		for (let i = 0; i < REPEATS; i++) {
			if (i > 0) time += between(SHORTEST_GAP, LONGEST_GAP);
			plan(time, (due) => {
				for (const ask of shuffled(random, all)) send(ask, due);
			});
		}
		return time;
	}

	function lookForWpad(): void {
		if (!config.wpad) return;
		world.hasWpad().then(
			(has) => {
				dnsHasWpad = has;
			},
			() => {},
		);
	}

	/** All interfaces ask at the same times, each for other names: few wakings, however many there are. */
	function once(now: number): void {
		lookForWpad();
		const wants: Wants = (protocol) => config.protocols.includes(protocol);
		const lanes: Ask[][] = Array.from({ length: NAMES }, () => []);
		for (const face of interfaces())
			inventNames().forEach((name, i) => {
				lanes[i]?.push(...asks(face, name, wants));
			});
		for (const lane of lanes)
			if (lane.length > 0) repeat(lane, now + random(SPREAD));
	}

	function cycle(now: number): void {
		once(now);
		plan(now + Math.ceil(config.every / 2) + random(config.every + 1), cycle);
	}

	return {
		start(now) {
			run = {};
			confirming.clear();
			if (config.every > 0) cycle(now);
		},
		once,
		stop() {
			run = {};
			confirming.clear();
		},
		confirm(name, protocol, version, now) {
			const key = `${name} ${protocol} ${version}`;
			if (confirming.has(key)) return;
			confirming.add(key);
			plan(now + between(SOONEST, LATEST), (due) => {
				const face = interfaces().find((one) => one.name === name);
				const wants: Wants = (p, v) => p === protocol && v === version;
				const other = invent(random(2) === 0);
				const last = repeat(face ? asks(face, other, wants, true) : [], due);
				plan(last, () => confirming.delete(key));
			});
		},
		exclude(name) {
			const [oldest] = excluded;
			if (oldest !== undefined && excluded.size >= MAX_EXCLUDED)
				excluded.delete(oldest);
			excluded.add(name);
		},
	};
}
