/** Messages of DHCP servers, sound and broken, built and captured. */
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { readCapture } from "../../src/capture/file.ts";
import { hex } from "../wire/frames.ts";
import {
	ACK,
	createTrial,
	DISCOVER,
	FORCERENEW,
	frameOf,
	LISTED,
	NAK,
	OFFER,
	offer,
	payloadOf,
	ROGUE,
	ROGUE_MAC,
	rogue,
	type Said,
	SERVER,
	SERVER_MAC,
	type Setting,
	START,
	text,
	told,
} from "./dhcptrial.ts";

t.test("every kind of message", async (t) => {
	const table: [word: string, said: Said][] = [
		["offer", { type: OFFER }],
		["ack", { type: ACK }],
		["nak", { type: NAK }],
		["forcerenew", { type: FORCERENEW }],
		["bootreply", { id: "" }],
		["type 13", { type: 13 }],
		["type 1", { type: DISCOVER }],
	];
	for (const [word, said] of table) {
		t.same(told(LISTED, { ...rogue, type: undefined, ...said } as Said), [
			`dhcp ${word} ${ROGUE} ${ROGUE_MAC}`,
		]);
		t.same(told(LISTED, said), [], `${word} of the listed one`);
	}
	const request = { ...rogue, fields: { op: 1 } };
	t.same(told(LISTED, request), [], "a client's");
	t.same(told(LISTED, { ...rogue, dport: 4011 }), [], "another port");
	t.same(told({ config: { servers: [] } }, offer), [
		`dhcp offer ${SERVER} ${SERVER_MAC}`,
	]);
});

t.test("a server that uses overload", async (t) => {
	const { alerts, say } = createTrial(LISTED);
	say({
		...rogue,
		options: [[52, Uint8Array.of(3)]],
		fields: { file: hex("0604c0000242ff"), sname: hex("0304c0000242ff") },
	});
	t.match(alerts[0]?.details, { router: ROGUE, dns: ROGUE });
	t.notOk(alerts[0]?.details["boot-file"]);
});

t.test("malformed answers are answers", async (t) => {
	const whole = payloadOf(rogue);
	const broken: [word: string, payload: Uint8Array][] = [
		["malformed reply", Buffer.of(2)],
		["malformed reply", whole.subarray(0, 100)],
		["bootreply", whole.subarray(0, 240)],
		["malformed offer", whole.subarray(0, 250)],
		["malformed reply", payloadOf({ ...rogue, options: [[53, text("ab")]] })],
		["malformed offer", payloadOf({ ...rogue, options: [[54, text("ab")]] })],
	];
	for (const setting of [LISTED, {}])
		for (const [word, payload] of broken) {
			const trial = createTrial(setting);
			if (setting !== LISTED) trial.say(offer);
			trial.see(frameOf(rogue, payload));
			t.same(
				trial.alerts.map(({ message, source }) => `${message} ${source.ip}`),
				[`${word} ${ROGUE}`],
			);
			const listed = createTrial(LISTED);
			listed.see(frameOf({}, payloadOf(offer)));
			listed.see(frameOf({}, payload.subarray(0, 240)));
			t.same(listed.alerts, [], "of the listed server");
		}
	const first = createTrial();
	first.see(frameOf(rogue, whole.subarray(0, 100)));
	t.equal(first.alerts.length, 1, "the first one, too: nothing is learned");
	t.same(first.known.all(), []);
	const empty = createTrial(LISTED);
	empty.see(frameOf(rogue, Buffer.alloc(0)));
	t.same(empty.alerts, [], "an empty datagram is no answer");
});

t.test("what the capture cut off is not malformed", async (t) => {
	const { alerts, see } = createTrial(LISTED);
	const frame = frameOf(rogue, payloadOf(rogue));
	see(frame, START, 14 + 20 + 8 + 250);
	t.match(alerts, [{ message: "offer" }]);
});

t.test("any bytes from port 67", async () => {
	const body = fc.oneof(
		fc.uint8Array({ maxLength: 1400 }),
		fc
			.uint8Array({ maxLength: 1000 })
			.map((tail) => Buffer.concat([payloadOf(rogue).subarray(0, 252), tail])),
	);
	fc.assert(
		fc.property(body, fc.boolean(), (payload, isListed) => {
			const trial = createTrial(isListed ? LISTED : {});
			trial.say(offer);
			trial.see(frameOf(rogue, payload));
			const isAnswer = payload[0] === 2;
			return (
				trial.alerts.length === (isAnswer ? 1 : 0) &&
				/^[ -~]*$/.test(JSON.stringify(trial.alerts))
			);
		}),
		{ numRuns: 3000 },
	);
});

/** Runs a capture through a judge. */
async function replay(path: string, setting: Setting) {
	const trial = createTrial(setting);
	await readCapture(path, (bytes, offset, captured, _, time) =>
		trial.see(bytes.slice(offset, offset + captured), time),
	);
	return trial;
}

const TRACES = join(import.meta.dirname, "../../../shared/traces");

t.test("Responder, beside a listed server", async (t) => {
	const { alerts, keys } = await replay(
		`${TRACES}/attacks/responder_dhcp.pcap`,
		{
			config: { servers: [{ ip: "10.99.0.1" }] },
		},
	);
	t.equal(alerts.length, 1);
	t.equal(keys.length, 10, "as often as it answered");
	const [{ source, technique, tool, message, details, destination } = {}] =
		alerts;
	t.same(
		{ source, technique, tool, message, details, destination },
		{
			source: { ip: "10.99.0.2", port: 67, mac: "06:d3:3a:52:92:53" },
			technique: "dhcp",
			tool: "responder",
			message: "offer",
			destination: { ip: "10.99.0.1" },
			details: {
				server: "10.99.0.2",
				address: "10.99.0.1",
				lease: 15,
				mask: "255.255.255.0",
				router: "10.99.0.2",
				dns: "0.0.0.0,0.0.0.0",
				domain: "local",
				wpad: "http://10.99.0.2/wpad.dat",
			},
		},
	);
});

t.test("real servers, learned: silence", async (t) => {
	for (const file of [
		"benign/suricata-smb2-ntlmssp.pcap",
		"protocols/zeek-dhcp_dhcp.pcap",
		"protocols/zeek-dhcp_dhcp_inform.pcap",
		"protocols/zeek-dhcp_dhcp_bad_cookie_option_retention.pcap",
	]) {
		const { alerts } = await replay(`${TRACES}/${file}`, {});
		t.same(alerts, [], file);
	}
});
