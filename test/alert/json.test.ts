import t from "tap";
import type { Alert } from "../../src/alert/alert.ts";
import { jsonLine } from "../../src/alert/json.ts";

const observer = {
	product: "klaxon",
	version: "2.0.0",
	hostname: "trap",
} as const;

const alert: Alert = {
	kind: "connection",
	time: Date.UTC(2026, 10, 22, 2),
	transport: "tcp",
	service: "rexec",
	source: { ip: "192.0.2.7", port: 40312, name: "evil.example.net" },
	destination: { ip: "192.0.2.1", port: 512 },
	ident: { kind: "user", os: "UNIX", user: "joe" },
	data: "\\x00",
};

t.test("one ECS object a line, byte for byte", async (t) => {
	t.equal(
		jsonLine(alert, observer, "id-1"),
		'{"@timestamp":"2026-11-22T02:00:00.000Z","message":"ALERT: host 192.0.2.7 accessing port rexec kind=connection proto=tcp sport=40312 dst=192.0.2.1 dport=512 user=\\"joe\\" name=\\"evil.example.net\\" data=\\"\\\\x00\\"","ecs":{"version":"8.11.0"},"event":{"kind":"alert","category":["network"],"action":"connection","severity":5,"id":"id-1"},"source":{"ip":"192.0.2.7","port":40312,"domain":"evil.example.net","user":{"name":"joe"}},"destination":{"ip":"192.0.2.1","port":512},"network":{"transport":"tcp"},"observer":{"product":"klaxon","version":"2.0.0","hostname":"trap"},"klaxon":{"technique":"connect","service":"rexec","ident":{"user":"joe","os":"UNIX"},"data":"\\\\x00"}}',
	);
});

t.test(
	"a fold has its count and its times; a zone is the interface",
	async (t) => {
		const line = jsonLine(
			{
				...alert,
				transport: "udp",
				source: { ip: "fe80::7", zone: "eth0" },
				ident: { kind: "failed", reason: "timeout" },
				fold: { count: 3, first: alert.time - 2000, last: alert.time - 1000 },
			},
			observer,
			"id-2",
		);
		const parsed = JSON.parse(line);
		t.equal(parsed.klaxon.technique, "udp");
		t.equal(parsed.klaxon.count, 3);
		t.equal(parsed.klaxon.first, "2026-11-22T01:59:58.000Z");
		t.equal(parsed.klaxon.last, "2026-11-22T01:59:59.000Z");
		t.same(parsed.klaxon.ident, { error: "timeout" });
		t.equal(parsed.observer.ingress.interface.name, "eth0");
		t.notOk(line.includes("\n"));
	},
);
