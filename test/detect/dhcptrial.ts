/** A judge of DHCP servers, and messages for it. */
import type { RogueAlert } from "../../src/alert/alert.ts";
import type { DhcpConfig } from "../../src/config/lures.ts";
import { createAgenda } from "../../src/detect/agenda.ts";
import { createDhcpJudge } from "../../src/detect/dhcp.ts";
import { createDhcpAsked } from "../../src/detect/dhcpasked.ts";
import { createKnown, type KnownServer } from "../../src/detect/known.ts";
import {
	BOOTREPLY,
	type DhcpDraft,
	type DhcpEntry,
	encodeDhcp,
	ipv4Bytes,
} from "../../src/wire/dhcp.ts";
import { decode } from "../../src/wire/link.ts";
import { createPacket } from "../../src/wire/packet.ts";
import { ethernet, IP4, ipv4, UDP, udp } from "../wire/frames.ts";

export const START = 1_767_225_600_000;

export const SERVER = "192.0.2.1";
export const SERVER_MAC = "02:00:00:00:00:01";
export const ROGUE = "192.0.2.66";
export const ROGUE_MAC = "02:00:00:00:00:66";
export const RELAY = "192.0.2.254";
export const RELAY_MAC = "02:00:00:00:00:fe";
export const FAR = "198.51.100.1";
export const CLIENT = "192.0.2.77";

export const [DISCOVER, OFFER, ACK, NAK, FORCERENEW] = [1, 2, 5, 6, 9] as const;

export const text = (value: string) => new TextEncoder().encode(value);

export interface Said {
	type?: number;
	from?: string;
	mac?: string;
	to?: string;
	/** Option 54; left out: `from`, "": none. */
	id?: string;
	dport?: number;
	vlan?: number;
	xid?: number;
	/** Behind options 53 and 54. */
	options?: readonly DhcpEntry[];
	fields?: Partial<DhcpDraft>;
}

export const entry = (code: number, ...addresses: string[]): DhcpEntry => [
	code,
	Uint8Array.from(addresses.flatMap((one) => [...ipv4Bytes(one)])),
];

export const DNS = entry(6, "192.0.2.53");
export const ROUTER = entry(3, RELAY);
export const LEASE: DhcpEntry = [51, Uint8Array.of(0, 0, 14, 16)];
export const MASK = entry(1, "255.255.255.0");
export const wpad = (url: string): DhcpEntry => [252, text(url)];

export function frameOf(said: Said, payload: Uint8Array): Buffer {
	const { from = SERVER, mac = SERVER_MAC, vlan } = said;
	const to = said.to ?? "255.255.255.255";
	const datagram = udp(67, said.dport ?? 68, Buffer.from(payload));
	return ethernet(IP4, ipv4({ from, to, protocol: UDP }, datagram), {
		from: mac,
		to: "ff:ff:ff:ff:ff:ff",
		tags: vlan === undefined ? [] : [[0x8100, vlan]],
	});
}

export function payloadOf(said: Said): Uint8Array {
	const { type, from = SERVER, id = from, options = [DNS, ROUTER] } = said;
	const head: DhcpEntry[] = [];
	if (type !== undefined) head.push([53, Uint8Array.of(type)]);
	if (id !== "") head.push(entry(54, id));
	return encodeDhcp({
		op: BOOTREPLY,
		xid: said.xid ?? 1,
		chaddr: "02:00:00:00:00:77",
		yiaddr: type === NAK ? "0.0.0.0" : CLIENT,
		options: [...head, ...options],
		...said.fields,
	});
}

export interface Setting {
	config?: Partial<DhcpConfig>;
	initial?: KnownServer[];
}

/** A judge, what it rings, and how often each key came. */
export function createTrial({ config, initial = [] }: Setting = {}) {
	const alerts: RogueAlert[] = [];
	const keys: string[] = [];
	let changes = 0;
	const known = createKnown(initial, () => changes++);
	const asked = createDhcpAsked();
	const judge = createDhcpJudge(
		{ every: 0, relays: [], ...config },
		{
			agenda: createAgenda(),
			names: { interface: () => "eth0", service: () => undefined },
			known,
			ring(key, alert) {
				const isNew = !keys.includes(key);
				keys.push(key);
				if (isNew) alerts.push(alert as RogueAlert);
				return isNew;
			},
		},
		asked,
	);
	const packet = createPacket();
	function see(frame: Uint8Array, time = START, captured = frame.length): void {
		decode(frame, 0, captured, frame.length, 1, packet);
		packet.time = time;
		judge(packet, frame, time);
	}
	return {
		alerts,
		keys,
		known,
		asked,
		see,
		say: (said: Said) => see(frameOf(said, payloadOf(said))),
		changes: () => changes,
	};
}

/** What is told of messages, in short. */
export function told(setting: Setting, ...messages: Said[]): string[] {
	const trial = createTrial(setting);
	for (const said of messages) trial.say(said);
	return trial.alerts.map(
		({ technique, message, source }) =>
			`${technique} ${message} ${source.ip} ${source.mac}`,
	);
}

export const LISTED: Setting = { config: { servers: [{ ip: SERVER }] } };
export const offer: Said = { type: OFFER };
export const rogue: Said = { type: OFFER, from: ROGUE, mac: ROGUE_MAC };
