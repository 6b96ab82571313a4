/** Questions on the wire, byte for byte. */
import fc from "fast-check";
import t from "tap";
import { parseAddress } from "../../src/config/cidr.ts";
import type { Question } from "../../src/detect/asked.ts";
import {
	createLetter,
	encodeQuestion,
	letterFrame,
	PORT,
	TTL,
} from "../../src/lure/question.ts";
import { decodeDns } from "../../src/wire/dns.ts";
import { macBytes, udpFrame } from "../../src/wire/frame.ts";
import { decodeNbns } from "../../src/wire/nbns.ts";
import { decoded, hex } from "../wire/frames.ts";

const MAC = "02:00:00:00:00:01";
const FLOW = 0xabcde;
const llmnr: Question = {
	protocol: "llmnr",
	version: 4,
	interface: "eth0",
	name: "wpad",
	type: "A",
	id: 0,
	from: "192.0.2.1",
	sport: 50_000,
	to: "224.0.0.252",
	time: 0,
};
const six = { version: 6, from: "fe80::1", type: "AAAA" } as const;
const mdns: Question = { ...llmnr, ...six, protocol: "mdns", to: "ff02::fb" };
const nbns: Question = {
	...llmnr,
	protocol: "nbns",
	type: "NB",
	suffix: 0x20,
	sport: 137,
	to: "192.0.2.255",
};

const frameOf = (question: Question, id: number, packet: number) => {
	const letter = createLetter(question, MAC, FLOW);
	if (!letter) throw new Error("no letter");
	return Buffer.from(letterFrame(letter, id, packet));
};

t.test("LLMNR over IPv4", async (t) => {
	t.same(
		frameOf(llmnr, 0x1234, 0x4242),
		hex(`01005e0000fc 020000000001 0800
			4500 0032 4242 0000 ff11 d67a c0000201 e00000fc
			c350 14eb 001e 9968
			1234 0000 0001 0000 0000 0000 0477706164 00 0001 0001`),
	);
});

t.test("where they go", async (t) => {
	for (const [question, to, toMac, dport, ttl] of [
		[llmnr, "224.0.0.252", "01:00:5e:00:00:fc", 5355, 255],
		[
			{ ...llmnr, ...six, to: "ff02::1:3" },
			"ff02::1:3",
			"33:33:00:01:00:03",
			5355,
			255,
		],
		[
			{ ...mdns, ...llmnr, protocol: "mdns", to: "224.0.0.251" },
			"224.0.0.251",
			"01:00:5e:00:00:fb",
			5353,
			255,
		],
		[mdns, "ff02::fb", "33:33:00:00:00:fb", 5353, 255],
		[nbns, "192.0.2.255", "ff:ff:ff:ff:ff:ff", 137, 64],
	] as [Question, string, string, number, number][])
		t.match(decoded(frameOf(question, 1, 1)), {
			source: question.from,
			destination: to,
			mac: MAC,
			toMac,
			sport: question.sport,
			dport,
			ttl,
		});
});

t.test("what they say", async (t) => {
	t.same(decodeDns(encodeQuestion({ ...mdns, id: 0 })).names, ["wpad.local"]);
	t.same(decodeDns(encodeQuestion(llmnr)).names, ["wpad"]);
	t.same(decodeNbns(encodeQuestion(nbns)).names, ["wpad<20>"]);
	t.equal(
		createLetter({ ...nbns, to: "" }, MAC, FLOW),
		undefined,
		"no address",
	);
});

t.test("ids are written into a frame, whose checksums stay right", async () => {
	const words = (text: string) => parseAddress(text) ?? ([0, 0, 0, 0] as const);
	const u16 = fc.nat(0xffff);
	for (const question of [llmnr, mdns, nbns]) {
		const letter = createLetter(question, MAC, FLOW);
		if (!letter) throw new Error("no letter");
		const whole = decoded(Buffer.from(letter.frame));
		fc.assert(
			fc.property(u16, u16, (id, packet) => {
				const frame = letterFrame(letter, id, packet);
				const anew = udpFrame(
					{
						fromMac: macBytes(MAC),
						toMac: frame.slice(0, 6),
						from: words(question.from),
						to: words(question.to),
						ttl: TTL[question.protocol],
						id: question.version === 4 ? packet : FLOW,
					},
					question.sport,
					PORT[question.protocol],
					frame.slice(whole.payload),
				);
				return Buffer.compare(frame, anew) === 0;
			}),
			{ numRuns: 2000 },
		);
	}
});
