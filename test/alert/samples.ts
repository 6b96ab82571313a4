import fc from "fast-check";
import type {
	Alert,
	ConnectionAlert,
	PingAlert,
	PoisonAlert,
	ProbeAlert,
	RogueAlert,
	ScanAlert,
	SensorAlert,
	SweepAlert,
} from "../../src/alert/alert.ts";
import { printable } from "../../src/alert/printable.ts";

export const TIME = Date.UTC(2026, 10, 22, 2);

export const PROBE: ProbeAlert = {
	kind: "probe",
	time: TIME,
	interface: "eth0",
	vlan: 10,
	carrier: "tcp",
	technique: "syn",
	source: { ip: "192.0.2.7", port: 40312, mac: "02:00:00:00:00:02" },
	destination: { ip: "192.0.2.1", port: 23 },
	service: "telnet",
	tool: "nmap",
};

export const SCAN: ScanAlert = {
	kind: "scan",
	phase: "start",
	time: TIME,
	interface: "eth0",
	carrier: "tcp",
	technique: "syn",
	source: { ip: "192.0.2.7", mac: "02:00:00:00:00:02" },
	destination: { ip: "192.0.2.1" },
	ports: [1, 7, 9, 21, 22, 23],
	portCount: 96,
	fold: { count: 134, first: TIME - 400, last: TIME },
	pace: "fast",
	tool: "nmap",
};

export const SWEEP: SweepAlert = {
	kind: "sweep",
	phase: "start",
	time: TIME,
	interface: "eth0",
	carrier: "arp",
	technique: "arp",
	source: { ip: "192.0.2.7", mac: "02:00:00:00:00:02" },
	hosts: ["192.0.2.3", "192.0.2.4"],
	hostCount: 12,
	fold: { count: 14, first: TIME - 2500, last: TIME },
};

export const PING: PingAlert = {
	kind: "ping",
	time: TIME,
	interface: "eth0",
	carrier: "icmp",
	technique: "echo",
	source: { ip: "192.0.2.7", mac: "02:00:00:00:00:02" },
	destination: { ip: "192.0.2.1" },
};

export const POISON: PoisonAlert = {
	kind: "poison",
	time: TIME,
	interface: "eth0",
	vlan: 10,
	carrier: "udp",
	technique: "llmnr",
	confidence: "high",
	source: { ip: "192.0.2.66", port: 5355, mac: "02:00:00:00:00:66" },
	destination: { ip: "192.0.2.1" },
	names: ["kxqzwvbt", "wks-4711"],
	nameCount: 3,
	protocols: ["llmnr", "nbns"],
	answer: "192.0.2.66",
	ttl: 30,
	tool: "responder",
};

export const OFFER: RogueAlert = {
	kind: "rogue-dhcp",
	time: TIME,
	interface: "eth0",
	carrier: "udp",
	technique: "dhcp",
	source: { ip: "192.0.2.66", mac: "02:00:00:00:00:66" },
	destination: { ip: "255.255.255.255" },
	message: "offer",
	details: {
		server: "192.0.2.66",
		address: "192.0.2.77",
		lease: 3600,
		dns: "192.0.2.66,192.0.2.67",
		wpad: "http://192.0.2.66/wpad.dat",
		"boot-file": "pxe linux.0",
	},
};

export const ROUTER: RogueAlert = {
	kind: "rogue-ra",
	time: TIME,
	interface: "eth0",
	carrier: "ipv6-icmp",
	technique: "no-router",
	source: { ip: "fe80::66", mac: "02:00:00:00:00:66" },
	destination: { ip: "ff02::1" },
	message: "router advertisement",
	details: { lifetime: 0, flags: "MO", preference: "medium" },
	tool: "mitm6",
	note: "if it is yours, name it in [ra] routers",
};

export const DROPS: SensorAlert = {
	kind: "sensor",
	time: TIME,
	state: "drops",
	interface: "eth0",
	count: 1234,
	message: "1234 packets were lost on eth0",
};

const count = fc.integer({ min: 0, max: 1e15 });
const anyTime = fc.double({ min: 0, max: 1e18, noNaN: true });
const fold = fc.record({ count, first: anyTime, last: anyTime });
const ip = fc.oneof(fc.ipV4(), fc.ipV6());
const port = fc.integer({ min: 0, max: 65535 });
const ports = fc
	.uniqueArray(port, { maxLength: 300 })
	.map((list) => list.sort((a, b) => a - b));
const text = fc.oneof(
	fc.string({ unit: "binary", maxLength: 1500 }),
	fc.string({ unit: fc.constantFrom('"', "\\", " ", "=", "\n", "é", "a") }),
);
const clean = (max: number) => text.map((raw) => printable(raw, max));
const technique = fc.constantFrom(
	...(["syn", "ip-proto", "fragment", "arp", "echo"] as const),
);

const optional = {
	interface: text,
	vlan: fc.integer({ min: 0, max: 4095 }),
	service: text,
	tool: fc.constantFrom("nmap", "hping3"),
	note: clean(160),
	protocol: fc.integer({ min: 0, max: 255 }),
	sources: fc.record({ ips: fc.array(ip, { maxLength: 200 }), count }),
	fragmented: fc.boolean(),
	also: fc.array(technique, { maxLength: 20 }),
	port,
};

const endpoint = fc.record(
	{
		ip: fc.oneof(ip, fc.constant("many")),
		port,
		mac: fc.mixedCase(fc.constant("02:00:00:00:00:02")),
		name: clean(255),
	},
	{ requiredKeys: ["ip"] },
);

const required = {
	kind: fc.constantFrom("probe", "scan", "sweep", "ping"),
	time: anyTime,
	carrier: fc.constantFrom("tcp", "icmp", "ip", "arp"),
	technique,
	source: endpoint,
	destination: fc.record({ ip, port }, { requiredKeys: ["ip"] }),
	phase: fc.constantFrom("start", "update", "end"),
	pace: fc.constantFrom("fast", "slow"),
	ports,
	portCount: count,
	hosts: fc.array(ip, { maxLength: 300 }),
	hostCount: count,
	fold,
};

/** All fields of all kinds about the wire; a kind's rendering looks at its own. */
const wire = fc
	.tuple(
		fc.record(required),
		fc.record(optional, { requiredKeys: [] }),
		fc.boolean(),
	)
	.map(([always, sometimes, folded]) => {
		const { kind, fold } = always;
		const needed = kind === "scan" || kind === "sweep";
		const all = {
			...always,
			...sometimes,
			fold: needed || folded ? fold : undefined,
		};
		return all as unknown as Alert;
	});

const nameProtocol = fc.constantFrom("llmnr", "nbns", "mdns");
const rogueTechnique = fc.constantFrom(
	"dhcp",
	"dhcp6",
	"ra",
	"impersonation",
	"option-hijack",
	"link-local",
	"dns-sender",
	"no-router",
);

/** What all that is told of who answers has. */
const answering = {
	time: anyTime,
	carrier: fc.constantFrom("udp", "ipv6-icmp"),
	source: endpoint,
	destination: fc.record({ ip }),
	interface: text,
	vlan: optional.vlan,
	tool: fc.constantFrom("responder", "mitm6"),
	note: optional.note,
	fold,
};
const always = ["time", "carrier", "source", "destination"];

const poison = fc.record(
	{
		...answering,
		kind: fc.constant("poison"),
		technique: nameProtocol,
		confidence: fc.constantFrom("low", "high"),
		names: fc.array(clean(63), { maxLength: 20 }),
		nameCount: count,
		protocols: fc.uniqueArray(nameProtocol, { minLength: 1 }),
		answer: ip,
		ttl: fc.nat(2 ** 32 - 1),
		exists: fc.boolean(),
	},
	{
		requiredKeys: [
			...always,
			...["kind", "technique", "confidence"],
			...["names", "nameCount", "protocols"],
		] as never[],
	},
);

const detail = fc.constantFrom(
	..."server relay address lease dns domain wpad boot-file expected was".split(
		" ",
	),
);
const rogue = fc.record(
	{
		...answering,
		kind: fc.constantFrom("rogue-dhcp", "rogue-ra"),
		technique: rogueTechnique,
		message: clean(40),
		details: fc.dictionary(detail, fc.oneof(clean(200), count)),
	},
	{
		requiredKeys: [
			...always,
			...["kind", "technique", "message", "details"],
		] as never[],
	},
);

const sensor = fc.record(
	{
		kind: fc.constant("sensor" as const),
		time: anyTime,
		state: fc.constantFrom("start", "drops", "state-pressure"),
		interface: text,
		count,
		message: clean(1500),
	},
	{ requiredKeys: ["kind", "time", "state", "message"] },
) as fc.Arbitrary<SensorAlert>;

const connection: fc.Arbitrary<ConnectionAlert> = fc.record({
	kind: fc.constant("connection" as const),
	time: anyTime,
	transport: fc.constantFrom("tcp", "udp"),
	service: fc.constant("rexec"),
	source: fc.record({ ip, port, name: clean(255) }),
	destination: fc.record({ ip, port }),
	data: clean(6000),
	fold,
});

/** Any alert: every kind, with and without each optional field, hostile texts, absurd numbers. */
export const anyAlert: fc.Arbitrary<Alert> = fc.oneof(
	{ weight: 4, arbitrary: wire },
	poison as fc.Arbitrary<Alert>,
	rogue as fc.Arbitrary<Alert>,
	sensor,
	connection,
);
