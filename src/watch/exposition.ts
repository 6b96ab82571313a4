import type { Status } from "./status.ts";

/** The text exposition format 0.0.4 of Prometheus: its media type. */
export const EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

type Labels = Readonly<Record<string, string | number | undefined>>;
type Sample = readonly [value: number, labels?: Labels];

/** Label values: backslash, quote and newline are escaped. */
const escaped = (value: string) =>
	value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

function labelText(labels: Labels): string {
	const all = Object.entries(labels).flatMap(([key, value]) =>
		value === undefined ? [] : [`${key}="${escaped(String(value))}"`],
	);
	return all.length > 0 ? `{${all.join()}}` : "";
}

/** A metric and its samples; nothing where it has none. A help text here holds nothing to escape. */
function metric(
	type: "counter" | "gauge",
	name: string,
	help: string,
	samples: readonly Sample[],
): string {
	if (samples.length === 0) return "";
	const lines = samples.map(
		([value, labels = {}]) => `${name}${labelText(labels)} ${value}\n`,
	);
	return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

const seconds = (ms: number) => ms / 1000;

/** A sample for each that has the value. */
function each<T>(
	all: readonly T[],
	value: (item: T) => number | undefined,
	labels: (item: T) => Labels,
): Sample[] {
	return all.flatMap((item) => {
		const number = value(item);
		return number === undefined ? [] : [[number, labels(item)] as const];
	});
}

function hearing(status: Status): string[] {
	const { interfaces } = status;
	const label = ({ name }: { name: string }) => ({ interface: name });
	return [
		metric("gauge", "tocsin_blind", "1 while no interface is heard.", [
			[status.blind ? 1 : 0],
		]),
		metric("counter", "tocsin_packets_total", "Packets heard.", [
			[status.packets],
		]),
		metric(
			"counter",
			"tocsin_packets_dropped_total",
			"Packets that the kernel lost.",
			[[status.drops]],
		),
		metric(
			"counter",
			"tocsin_interface_packets_total",
			"Packets heard on an interface.",
			each(interfaces, ({ packets }) => packets, label),
		),
		metric(
			"counter",
			"tocsin_interface_packets_dropped_total",
			"Packets that the kernel lost on an interface.",
			each(interfaces, ({ drops }) => drops, label),
		),
	];
}

function telling({ alerts, rules }: Status): string[] {
	return [
		metric(
			"counter",
			"tocsin_alerts_total",
			"Alerts, by kind.",
			Object.entries(alerts).map(([kind, n]) => [n, { kind }]),
		),
		metric(
			"counter",
			"tocsin_rule_alerts_total",
			"Alerts that a rule acted on.",
			each(
				rules,
				({ count }) => count,
				({ block, n, why }) => ({ block, rule: n, why }),
			),
		),
	];
}

function delivering({ sinks, history, desktops }: Status): string[] {
	const label = ({ name, type }: { name: string; type: string }) => ({
		sink: name,
		type,
	});
	return [
		metric(
			"gauge",
			"tocsin_sink_queued",
			"Alerts that wait for a sink.",
			each(sinks, ({ queued }) => queued, label),
		),
		metric(
			"gauge",
			"tocsin_sink_oldest_timestamp_seconds",
			"When the oldest alert that waits for a sink was made.",
			each(sinks, ({ oldest }) => oldest && seconds(oldest), label),
		),
		metric(
			"gauge",
			"tocsin_sink_failing",
			"1 while a sink takes nothing.",
			each(sinks, ({ failingSince }) => (failingSince ? 1 : 0), label),
		),
		metric(
			"counter",
			"tocsin_sink_delivered_total",
			"Alerts that a sink took.",
			each(sinks, ({ delivered }) => delivered, label),
		),
		metric(
			"counter",
			"tocsin_sink_dead_total",
			"Alerts that were given up for a sink.",
			each(sinks, ({ dead }) => dead, label),
		),
		...(history
			? [
					metric("gauge", "tocsin_history_alerts", "Alerts in the history.", [
						[history.alerts],
					]),
					metric("gauge", "tocsin_history_bytes", "Bytes of the history.", [
						[history.bytes],
					]),
				]
			: []),
		metric("gauge", "tocsin_desktops", "Desktop sessions that are connected.", [
			[desktops],
		]),
	];
}

/** A status as Prometheus reads it: https://prometheus.io/docs/instrumenting/exposition_formats/. */
export function metrics(status: Status): string {
	const { version, since, memory } = status;
	return [
		metric("gauge", "tocsin_up", "1: tocsin runs.", [[1]]),
		metric("gauge", "tocsin_build_info", "1: which version runs.", [
			[1, { version }],
		]),
		metric(
			"gauge",
			"tocsin_start_time_seconds",
			"When it was started, in seconds since the epoch.",
			[[seconds(since)]],
		),
		metric("gauge", "tocsin_resident_memory_bytes", "Bytes resident.", [
			[memory],
		]),
		...hearing(status),
		...telling(status),
		...delivering(status),
	].join("");
}
