import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import t from "tap";
import { webhookSink } from "../../src/delivery/webhook.ts";
import { DROPS, PROBE, SCAN, SWEEP } from "../alert/samples.ts";
import { hookTo } from "../delivery/web.ts";
import { entryOf, worldOf } from "../delivery/world.ts";
import {
	enterSandbox,
	listensOn,
	must,
	peer,
	root,
	start,
	waitFor,
} from "./harness.ts";

enterSandbox(import.meta.url);

const PORT = 9093;
const BASE = `http://127.0.0.1:${PORT}`;

/** What `GET /api/v2/alerts/groups` has of a group. */
interface Group {
	labels: Record<string, string>;
	alerts: {
		labels: Record<string, string>;
		annotations: { summary: string };
		startsAt: string;
		status: { state: string };
	}[];
}

async function get<T>(path: string): Promise<T> {
	const response = await fetch(BASE + path);
	return (await response.json()) as T;
}

/** Where Debian's alertmanager looks for its templates, whatever its configuration says. */
const SHARE = "/usr/share/prometheus";

/** Gives the sandbox that folder; the machine's own is only hidden. */
async function provideTemplates(): Promise<void> {
	await must("mount", ["-t", "tmpfs", "share", "/usr/share"]);
	symlinkSync(`${root}/.peers/prometheus-alertmanager${SHARE}`, SHARE);
}

async function startAlertmanager() {
	await provideTemplates();
	const folder = mkdtempSync("/tmp/alertmanager-");
	writeFileSync(
		`${folder}/config.yml`,
		`route:
  receiver: nobody
  group_by: [source]
  group_wait: 1s
receivers:
  - name: nobody
`,
	);
	const listens = listensOn([PORT]);
	return start(
		peer("prometheus-alertmanager"),
		[
			`--config.file=${folder}/config.yml`,
			`--storage.path=${folder}/data`,
			`--web.listen-address=127.0.0.1:${PORT}`,
			"--cluster.listen-address=",
		],
		async (pid) => listens(pid),
	);
}

/** The sources of the groups, and what each holds. */
const contents = (groups: Group[]) =>
	groups
		.map(({ labels, alerts }) => [
			labels.source ?? "",
			alerts.map(({ labels }) => labels.alertname).sort(),
		])
		.sort();

t.test(
	"a real alertmanager takes alerts and groups them by source",
	async (t) => {
		const alertmanager = await startAlertmanager();
		t.teardown(() => alertmanager.stop());
		await waitFor("ready", async () => {
			const response = await fetch(`${BASE}/-/ready`).catch(() => undefined);
			return response?.ok;
		});
		const world = { ...worldOf(), now: Date.now };
		const sink = webhookSink(
			hookTo(BASE, { preset: "alertmanager", timeout: 10_000 }),
			world,
		);
		const time = Date.now();
		const hostile = {
			...PROBE,
			source: { ip: "192.0.2.8" },
			service: '"}]\r\n{{ .Labels }} \u00e9',
		};
		const entries = [SCAN, PROBE, SWEEP, DROPS, hostile, hostile]
			.map((alert, i) => entryOf({ ...alert, time }, `id-${i}`))
			.concat({ time, level: "err", line: "a word of tocsin" });
		t.equal(await sink.deliver(entries), undefined);
		t.equal(await sink.deliver(entries), undefined, "the same again");
		const groups: Group[] = await waitFor("groups", async () => {
			const found = await get<Group[]>("/api/v2/alerts/groups");
			return found.length === 3 ? found : undefined;
		});
		t.same(contents(groups), [
			["", ["message", "sensor"]],
			["192.0.2.7", ["probe", "scan", "sweep"]],
			["192.0.2.8", ["probe"]],
		]);
		const all = groups.flatMap(({ alerts }) => alerts);
		const scan = all.find(({ labels }) => labels.alertname === "scan");
		t.same(scan?.labels, {
			alertname: "scan",
			severity: "notice",
			instance: "guard",
			job: "tocsin",
			source: "192.0.2.7",
			destination: "192.0.2.1",
			technique: "syn",
			interface: "eth0",
		});
		t.match(scan?.annotations.summary, /^ALERT: host 192\.0\.2\.7 scanning 96/);
		t.equal(Date.parse(scan?.startsAt ?? ""), time);
		const odd = all.find(({ labels }) => labels.source === "192.0.2.8");
		t.equal(odd?.labels.service, '"}]??{{ .Labels }} ?');
		t.equal((await get<object[]>("/api/v2/alerts")).length, 6);
	},
);

t.test("an alertmanager that is gone is the reason", async (t) => {
	const sink = webhookSink(hookTo(BASE, { preset: "alertmanager" }), worldOf());
	t.equal(await sink.deliver([entryOf(SCAN)]), `${BASE}: connection refused`);
});
