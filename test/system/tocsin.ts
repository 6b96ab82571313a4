/** What the tests of dist/tocsin share: how it is started, and what it tells. */
import { existsSync } from "node:fs";
import { type Host, type Program, root, start, waitFor } from "./harness.ts";

export const TOCSIN = `${root}/dist/tocsin`;

/** Where scripts/libpcap.sh and peers.sh put libpcap, for machines that have none. */
export const LIBPCAP = `${root}/.peers/libpcap/libpcap.so.0.8`;

/** What tocsin needs to find libpcap: the machine's own, or the unpacked one. */
export const environment: NodeJS.ProcessEnv = existsSync(LIBPCAP)
	? { TOCSIN_LIBPCAP: LIBPCAP, LD_LIBRARY_PATH: `${root}/.peers/libpcap` }
	: {};

/** An alert as it came: ECS JSON, its dotted paths not expanded. */
// biome-ignore lint/suspicious/noExplicitAny: the tests look into whatever came
export type Told = any;

export interface Tocsin extends Program {
	/** All alerts so far, sensor's included. */
	alerts(): Told[];
	/** Alerts about others: none of `sensor`. */
	alarms(): Told[];
	/** Waits for an alert that fits. */
	waitFor(
		what: string,
		fits: (told: Told) => unknown,
		ms?: number,
	): Promise<Told>;
	/** Ends it and answers all it told. */
	finish(): Promise<Told[]>;
}

/** The alerts in an output: its lines that are JSON objects. */
export function alertsIn(output: string): Told[] {
	return output
		.split("\n")
		.filter((line) => line.startsWith("{") && line.endsWith("}"))
		.map((line) => JSON.parse(line));
}

/** Starts `tocsin watch --json` with further arguments, and waits until it watches. */
export async function startTocsin(
	args: readonly string[] = [],
	options: { at?: Host; env?: NodeJS.ProcessEnv } = {},
): Promise<Tocsin> {
	const program = await start(
		TOCSIN,
		["watch", "--json", ...args],
		(_, output) => output.includes('"state":"start"'),
		{ ...options, env: { ...environment, ...options.env } },
	);
	const alerts = () => alertsIn(program.output());
	const isAlarm = (told: Told) => told.event.action !== "sensor";
	return {
		...program,
		alerts,
		alarms: () => alerts().filter(isAlarm),
		async waitFor(what, fits, ms = 5_000) {
			const describe = () =>
				`${what} among ${alerts()
					.map(({ message }) => message)
					.join("\n")}`;
			await waitFor(describe, () => alerts().some(fits), ms);
			return alerts().find(fits);
		},
		async finish() {
			await program.stop();
			await program.ended;
			return alerts();
		},
	};
}
