import fc from "fast-check";
import t, { type Test } from "tap";
import type { Alert, SensorAlert, WireAlert } from "../../src/alert/alert.ts";
import { jsonLine } from "../../src/alert/json.ts";
import { wireFields } from "../../src/alert/wirejson.ts";
import {
	anyAlert,
	DROPS,
	OFFER,
	PING,
	POISON,
	PROBE,
	ROUTER,
	SCAN,
	SWEEP,
	TIME,
} from "./samples.ts";

const observer = {
	product: "tocsin",
	version: "2.0.0",
	hostname: "watch",
} as const;

const line = (alert: Alert) => jsonLine(alert, observer, "id-1");

/** What is left of an object in a line of JSON: no undefined. */
const fields = (alert: WireAlert | SensorAlert) =>
	JSON.parse(JSON.stringify(wireFields(alert)));

function same(t: Test, alert: WireAlert, wanted: object) {
	t.match(fields(alert), wanted);
}

t.test("a probe, byte for byte", async (t) => {
	t.equal(
		line(PROBE),
		'{"@timestamp":"2026-11-22T02:00:00.000Z","message":"ALERT: host 192.0.2.7 probing port telnet of 192.0.2.1 kind=probe technique=syn proto=tcp sport=40312 dst=192.0.2.1 dport=23 mac=02:00:00:00:00:02 tool=nmap if=eth0 vlan=10","ecs":{"version":"8.11.0"},"event":{"kind":"alert","category":["network","intrusion_detection"],"action":"probe","severity":5,"id":"id-1"},"source":{"ip":"192.0.2.7","port":40312,"mac":"02-00-00-00-00-02"},"destination":{"ip":"192.0.2.1","port":23},"network":{"type":"ipv4","transport":"tcp","vlan":{"id":"10"}},"observer":{"product":"tocsin","version":"2.0.0","hostname":"watch","ingress":{"interface":{"name":"eth0"}}},"klaxon":{"technique":"syn","service":"telnet","tool":"nmap"}}',
	);
});

t.test("the sensor, byte for byte", async (t) => {
	t.equal(
		line(DROPS),
		'{"@timestamp":"2026-11-22T02:00:00.000Z","message":"ALERT: sensor drops: 1234 packets were lost on eth0 kind=sensor state=drops if=eth0 count=1234","ecs":{"version":"8.11.0"},"event":{"kind":"event","category":["network"],"action":"sensor","severity":4,"id":"id-1"},"observer":{"product":"tocsin","version":"2.0.0","hostname":"watch","ingress":{"interface":{"name":"eth0"}}},"klaxon":{"state":"drops","count":1234}}',
	);
});

t.test("a folded probe of a protocol", async (t) => {
	const probe: WireAlert = {
		kind: "probe",
		time: TIME,
		carrier: "ip",
		technique: "ip-proto",
		source: { ip: "2001:db8::7", mac: "02:aa:bb:cc:dd:ee", name: "a.example" },
		destination: { ip: "2001:db8::1" },
		protocol: 4,
		fold: { count: 37, first: TIME - 60_000, last: TIME },
		note: "a note",
	};
	t.strictSame(fields(probe), {
		source: {
			ip: "2001:db8::7",
			mac: "02-AA-BB-CC-DD-EE",
			domain: "a.example",
		},
		destination: { ip: "2001:db8::1" },
		network: { type: "ipv6", iana_number: "4" },
		klaxon: {
			technique: "ip-proto",
			count: 37,
			first: "2026-11-22T01:59:00.000Z",
			last: "2026-11-22T02:00:00.000Z",
			note: "a note",
		},
	});
});

t.test("a scan", async (t) => {
	t.strictSame(fields({ ...SCAN, also: ["ack"], fragmented: true }), {
		source: { ip: "192.0.2.7", mac: "02-00-00-00-00-02" },
		destination: { ip: "192.0.2.1" },
		network: { type: "ipv4", transport: "tcp" },
		klaxon: {
			technique: "syn",
			also: ["ack"],
			fragmented: true,
			ports: [1, 7, 9, 21, 22, 23],
			portCount: 96,
			count: 134,
			first: "2026-11-22T01:59:59.600Z",
			last: "2026-11-22T02:00:00.000Z",
			pace: "fast",
			phase: "start",
			tool: "nmap",
		},
	});
	const protocols: WireAlert = {
		...SCAN,
		technique: "ip-proto",
		ports: [1, 2],
		portCount: 5,
	};
	same(t, protocols, {
		klaxon: {
			protocols: [1, 2],
			protocolCount: 5,
			ports: undefined,
			portCount: undefined,
		},
	});
});

t.test("a sweep", async (t) => {
	t.strictSame(fields(SWEEP), {
		source: { ip: "192.0.2.7", mac: "02-00-00-00-00-02" },
		network: { type: "arp" },
		klaxon: {
			technique: "arp",
			hosts: ["192.0.2.3", "192.0.2.4"],
			hostCount: 12,
			count: 14,
			first: "2026-11-22T01:59:57.500Z",
			last: "2026-11-22T02:00:00.000Z",
			phase: "start",
		},
	});
	same(
		t,
		{ ...SWEEP, carrier: "tcp", technique: "syn", port: 22, service: "ssh" },
		{
			destination: { port: 22 },
			network: { type: "ipv4", transport: "tcp" },
			klaxon: { service: "ssh" },
		},
	);
});

t.test("an answer for invented names, byte for byte", async (t) => {
	t.equal(
		line(POISON),
		'{"@timestamp":"2026-11-22T02:00:00.000Z","message":"ALERT: host 192.0.2.66 answering for 3 invented names by llmnr and nbns kind=poison technique=llmnr proto=udp sport=5355 dst=192.0.2.1 confidence=high names=kxqzwvbt,wks-4711,+1 protocols=llmnr,nbns answer=192.0.2.66 ttl=30 mac=02:00:00:00:00:66 tool=responder if=eth0 vlan=10","ecs":{"version":"8.11.0"},"event":{"kind":"alert","category":["network","intrusion_detection"],"action":"poison","severity":4,"id":"id-1"},"source":{"ip":"192.0.2.66","port":5355,"mac":"02-00-00-00-00-66"},"destination":{"ip":"192.0.2.1"},"network":{"type":"ipv4","transport":"udp","vlan":{"id":"10"}},"observer":{"product":"tocsin","version":"2.0.0","hostname":"watch","ingress":{"interface":{"name":"eth0"}}},"klaxon":{"technique":"llmnr","confidence":"high","names":["kxqzwvbt","wks-4711"],"nameCount":3,"protocols":["llmnr","nbns"],"answer":"192.0.2.66","ttl":30,"tool":"responder"}}',
	);
});

t.test("an answer for a name that may exist, folded", async (t) => {
	const fold = { count: 12, first: TIME - 60_000, last: TIME };
	const { answer: _, ttl: __, ...rest } = POISON;
	t.strictSame(
		fields({ ...rest, exists: true, fold, note: "malformed" }).klaxon,
		{
			technique: "llmnr",
			confidence: "high",
			names: ["kxqzwvbt", "wks-4711"],
			nameCount: 3,
			protocols: ["llmnr", "nbns"],
			exists: true,
			count: 12,
			first: "2026-11-22T01:59:00.000Z",
			last: "2026-11-22T02:00:00.000Z",
			tool: "responder",
			note: "malformed",
		},
	);
});

t.test("a DHCP server", async (t) => {
	t.strictSame(fields(OFFER), {
		source: { ip: "192.0.2.66", mac: "02-00-00-00-00-66" },
		destination: { ip: "255.255.255.255" },
		network: { type: "ipv4", transport: "udp" },
		klaxon: {
			technique: "dhcp",
			message: "offer",
			server: "192.0.2.66",
			address: "192.0.2.77",
			lease: 3600,
			dns: "192.0.2.66,192.0.2.67",
			wpad: "http://192.0.2.66/wpad.dat",
			"boot-file": "pxe linux.0",
		},
	});
});

t.test("a router, byte for byte", async (t) => {
	t.equal(
		line(ROUTER),
		'{"@timestamp":"2026-11-22T02:00:00.000Z","message":"ALERT: host fe80::66 advertises DNS or DHCP but no route: router advertisement kind=rogue-ra technique=no-router proto=ipv6-icmp dst=ff02::1 message=\\"router advertisement\\" lifetime=0 flags=MO preference=medium mac=02:00:00:00:00:66 tool=mitm6 if=eth0 note=\\"if it is yours, name it in [ra] routers\\"","ecs":{"version":"8.11.0"},"event":{"kind":"alert","category":["network","intrusion_detection"],"action":"rogue-ra","severity":4,"id":"id-1"},"source":{"ip":"fe80::66","mac":"02-00-00-00-00-66"},"destination":{"ip":"ff02::1"},"network":{"type":"ipv6","transport":"ipv6-icmp"},"observer":{"product":"tocsin","version":"2.0.0","hostname":"watch","ingress":{"interface":{"name":"eth0"}}},"klaxon":{"technique":"no-router","message":"router advertisement","lifetime":0,"flags":"MO","preference":"medium","tool":"mitm6","note":"if it is yours, name it in [ra] routers"}}',
	);
});

t.test("no source.ip where several may be the source", async (t) => {
	const ips = ["192.0.2.7", "198.51.100.1"];
	t.strictSame(fields({ ...PING, sources: { ips, count: 6 } }), {
		source: { mac: "02-00-00-00-00-02" },
		destination: { ip: "192.0.2.1" },
		network: { type: "ipv4", transport: "icmp" },
		related: { ip: ips },
		klaxon: { technique: "echo", sources: ips, sourceCount: 6 },
	});
	same(
		t,
		{ ...PING, source: { ip: "many" }, sources: { ips: [], count: 5000 } },
		{
			source: { ip: undefined },
			related: undefined,
			klaxon: { sources: [], sourceCount: 5000 },
		},
	);
});

t.test("any alert: one line that parses back", async () => {
	fc.assert(
		fc.property(anyAlert, (alert) => {
			const text = line(alert);
			const back = JSON.parse(text);
			const ip = back.source?.ip;
			return (
				!text.includes("\n") &&
				back.event.action === alert.kind &&
				[4, 5, 6].includes(back.event.severity) &&
				ip !== "many" &&
				(alert.kind !== "scan" || back.klaxon.count === alert.fold.count)
			);
		}),
		{ numRuns: 2000 },
	);
});
