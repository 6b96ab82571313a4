/** Public captures of honest traffic through the detectors, in segment scope. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { WireAlert } from "../../src/alert/alert.ts";
import { alertLine } from "../../src/alert/render.ts";
import { readCapture } from "../../src/capture/file.ts";
import { decode } from "../../src/wire/link.ts";
import { createPacket } from "../../src/wire/packet.ts";
import { listen } from "../system/chatter.ts";

const TRACES = join(import.meta.dirname, "../../../shared/traces");

/** What a capture makes the detectors tell. */
async function toldOf(path: string): Promise<WireAlert[]> {
	const { detector, alerts } = listen();
	const packet = createPacket();
	let end = 0;
	await readCapture(
		path,
		(bytes, offset, captured, length, time, linktype, iface) => {
			decode(bytes, offset, captured, length, linktype, packet);
			packet.time = time;
			packet.interface = iface;
			end = Math.max(end, time);
			detector.packet(packet, bytes);
		},
	);
	detector.finish(end);
	return alerts;
}

const pings = (alerts: WireAlert[]) =>
	alerts
		.filter(({ kind }) => kind === "ping")
		.map(({ source }) => source.ip)
		.filter((ip, i, all) => all.indexOf(ip) === i);

const inFolder = (folder: string): string[] =>
	existsSync(join(TRACES, folder)) ? readdirSync(join(TRACES, folder)) : [];

/** Who pings whom in these; nobody else does. */
const PINGING: Record<string, string[]> = {
	"suricata-smb2-ntlmssp.pcap": ["192.168.199.254", "192.168.199.132"],
	"zeek-icmp_icmp-ping.pcap": ["10.0.0.1"],
	"zeek-icmp_icmp6-ping.pcap": ["2620:0:e00:400e:d1d:db37:beb:5aac"],
	"zeek-linux_dlt_sll2.pcap": ["192.0.2.1", "fe80::8c36:6ff:fe44:acaf"],
};

/**
 * Made by hand (scapy), half of the frames to random group addresses, which no TCP uses: what is left of
 * each conversation is an answer without a question, in segments without DF and options as scanners send.
 */
const MADE_BY_HAND = [
	"suricata-llmnr_llmnr-tcp-reassembly_input.pcap",
	"suricata-llmnr_llmnr-tcp_input.pcap",
];

/**
 * Who does what no server should in these: one hides other servers in a second message, one sends the same
 * reply from an address after another, and two advertise routes in messages that no router writes.
 */
const ROGUES: Record<string, string[]> = {
	"suricata-dhcp-option-52-overload.pcap": [
		"rogue-dhcp option-hijack 10.100.0.2 x1",
		"rogue-dhcp option-hijack 10.100.0.2 x1",
	],
	"zeek-dhcp_dhcp_flood.pcap": [
		...[32, 33, 34, 35, 36, 37].map(
			(last) => `rogue-dhcp impersonation 128.2.7.${last} x1`,
		),
		"rogue-dhcp impersonation 128.2.8.24 x243",
	],
	"zeek-icmp_icmp6-nd-short-options.pcap": [
		"rogue-ra ra fe80::1 x1",
		"rogue-ra ra fe80::10 x1",
	],
	"zeek-icmp_nd_dnssl.pcap": [
		"rogue-ra ra 201:400:102:831:: x1",
		"rogue-ra ra 201:400:102:831:: x1",
	],
};

const isRogue = ({ kind }: WireAlert) =>
	kind === "rogue-dhcp" || kind === "rogue-ra";

const rogues = (alerts: WireAlert[]) =>
	alerts
		.filter(isRogue)
		.map(
			({ kind, technique, source, fold }) =>
				`${kind} ${technique} ${source.ip} x${fold?.count ?? 1}`,
		);

for (const folder of ["benign", "protocols"])
	t.test(`${folder}: no probe, scan, sweep or poison`, async (t) => {
		const files = inFolder(folder);
		if (files.length === 0) t.comment(`no ${TRACES}/${folder} here`);
		for (const file of files) {
			const alerts = await toldOf(join(TRACES, folder, file));
			for (const alert of alerts) t.comment(`${file}: ${alertLine(alert)}`);
			t.same(pings(alerts), PINGING[file] ?? [], `${file}: pings`);
			t.same(rogues(alerts), ROGUES[file] ?? [], `${file}: rogues`);
			if (MADE_BY_HAND.includes(file)) continue;
			const wrong = alerts.filter(
				(alert) => alert.kind !== "ping" && !isRogue(alert),
			);
			t.same(wrong.map(alertLine), [], `${file}: nothing else`);
		}
	});
