import fc from "fast-check";
import t from "tap";
import { metrics } from "../../src/watch/exposition.ts";
import type { Status } from "../../src/watch/status.ts";
import { BUSY, QUIET } from "./statuses.ts";

/** A sample as a scraper reads it. */
interface Sample {
	name: string;
	labels: Record<string, string>;
	value: number;
}

const SAMPLE =
	/^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"(?:,(?!\})|(?=\})))*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

const unescaped = (text: string) =>
	text.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));

/**
 * A strict reader of the text format 0.0.4: every line ends; each metric has one HELP and one TYPE before
 * its samples, which stand together; no sample comes twice; a counter is named *_total and never negative.
 */
function parse(text: string): Sample[] {
	if (!text.endsWith("\n")) throw new Error("no newline at the end");
	const samples: Sample[] = [];
	const seen = new Set<string>();
	let [help, name, type] = ["", "", ""];
	for (const line of text.slice(0, -1).split("\n")) {
		const [, helped] = /^# HELP ([a-zA-Z_:][\w:]*) \S.*$/.exec(line) ?? [];
		const [, typed, kind] =
			/^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge)$/.exec(line) ?? [];
		const [, sampled, labels = "", value] = SAMPLE.exec(line) ?? [];
		if (helped) {
			if (seen.has(helped)) throw new Error(`twice: ${line}`);
			seen.add(helped);
			help = helped;
		} else if (typed && kind) {
			if (typed !== help || typed === name) throw new Error(`astray: ${line}`);
			[name, type] = [typed, kind];
			if ((type === "counter") !== name.endsWith("_total"))
				throw new Error(`bad name: ${line}`);
		} else if (sampled) {
			if (sampled !== name || seen.has(line.replace(/ \S+$/, " ")))
				throw new Error(`astray: ${line}`);
			seen.add(line.replace(/ \S+$/, " "));
			if (type === "counter" && Number(value) < 0)
				throw new Error(`negative: ${line}`);
			const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
				([, key = "", text = ""]) => [key, unescaped(text)] as const,
			);
			const keys = new Set(pairs.map(([key]) => key));
			if (keys.size < pairs.length) throw new Error(`a label twice: ${line}`);
			samples.push({
				name: sampled,
				labels: Object.fromEntries(pairs),
				value: Number(value),
			});
		} else throw new Error(`no line of the format: ${line}`);
	}
	return samples;
}

const BUSY_METRICS = `tocsin_up 1
tocsin_build_info{version="2.0.0"} 1
tocsin_start_time_seconds 1795305600
tocsin_resident_memory_bytes 67000000
tocsin_blind 0
tocsin_packets_total 123456
tocsin_packets_dropped_total 3
tocsin_interface_packets_total{interface="eth0"} 123400
tocsin_interface_packets_total{interface="wlan0"} 56
tocsin_interface_packets_dropped_total{interface="wlan0"} 3
tocsin_alerts_total{kind="scan"} 12
tocsin_alerts_total{kind="poison"} 3
tocsin_rule_alerts_total{block="ignore",rule="1",why="backup \\"nightly\\""} 40
tocsin_rule_alerts_total{block="route",rule="2"} 3
tocsin_sink_queued{sink="ops",type="mail"} 7
tocsin_sink_queued{sink="/var/log/x",type="file"} 0
tocsin_sink_oldest_timestamp_seconds{sink="ops",type="mail"} 1795312200
tocsin_sink_failing{sink="ops",type="mail"} 1
tocsin_sink_failing{sink="/var/log/x",type="file"} 0
tocsin_sink_delivered_total{sink="ops",type="mail"} 12
tocsin_sink_delivered_total{sink="/var/log/x",type="file"} 15
tocsin_sink_dead_total{sink="ops",type="mail"} 1
tocsin_sink_dead_total{sink="/var/log/x",type="file"} 0
tocsin_history_alerts 15
tocsin_history_bytes 1500000
tocsin_desktops 2`.split("\n");

t.test("a status as Prometheus reads it", async (t) => {
	const text = metrics(BUSY);
	const samples = text.split("\n").filter((line) => /^[^#]/.test(line));
	t.same(samples, BUSY_METRICS);
	t.equal(parse(text).length, BUSY_METRICS.length);
	t.match(
		text,
		"# HELP tocsin_packets_total Packets heard.\n# TYPE tocsin_packets_total counter\n",
	);
});

t.test("what there is nothing of is left out", async (t) => {
	const names = parse(metrics(QUIET)).map(({ name }) => name);
	t.same(names, [
		"tocsin_up",
		"tocsin_build_info",
		"tocsin_start_time_seconds",
		"tocsin_resident_memory_bytes",
		"tocsin_blind",
		"tocsin_packets_total",
		"tocsin_packets_dropped_total",
		"tocsin_desktops",
	]);
	t.match(metrics(QUIET), "\ntocsin_blind 1\n");
});

t.test("property: any text is a label, and comes out as it was", async () => {
	const text = fc.string({
		unit: fc.constantFrom("a", '"', "\\", "\n", "}", ",", "=", "{", "ä", "n"),
	});
	fc.assert(
		fc.property(text, fc.nat(), (why, count) => {
			const status: Status = {
				...QUIET,
				rules: [{ block: "ignore", n: 1, why, count }],
			};
			const sample = parse(metrics(status)).find(
				({ name }) => name === "tocsin_rule_alerts_total",
			);
			return sample?.labels.why === why && sample.value === count;
		}),
	);
});
