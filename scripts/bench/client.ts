/**
 * The client of the wait-mode measurements, a process of its own: client.ts PLAN, a JSON of `Plan`.
 * It connects one after another and prints a JSON of `Outcome`.
 */
import { close, connect, ipAddress, portOf, receive, reset } from "./libc.ts";

export interface Plan {
	/** Ports that are visited in turn, so many connects at a time. */
	targets: { port: number; connects: number }[];
	rounds: number;
	/** Where it comes from: this many addresses in turn, beginning with 127.`net`.0.1. */
	sources: { net: number; hosts: number };
	/** Wait until the trap has closed, or leave at once by a reset. */
	leave: "after the trap" | "by reset";
}

export interface Outcome {
	/** Each round's seconds at each target. */
	seconds: number[][];
	/** "ADDRESS PORT" of each connection that was reset. */
	ends: string[];
}

const plan: Plan = JSON.parse(process.argv[2] ?? "");
const sources = Array.from({ length: plan.sources.hosts }, (_, i) => {
	const ip = `127.${plan.sources.net}.${(i + 1) >> 8}.${(i + 1) & 255}`;
	return { ip, raw: ipAddress(ip, 0) };
});
const outcome: Outcome = { seconds: [], ends: [] };
let turn = 0;

function visit(to: Buffer): void {
	const from = sources[turn++ % sources.length] as (typeof sources)[0];
	const fd = connect(from.raw, to);
	if (plan.leave === "by reset") {
		outcome.ends.push(`${from.ip} ${portOf(fd)}`);
		reset(fd);
		return;
	}
	if (receive(fd) > 0) throw new Error("the trap said something");
	close(fd);
}

for (let round = 0; round < plan.rounds; round++)
	outcome.seconds.push(
		plan.targets.map(({ port, connects }) => {
			const to = ipAddress("127.0.0.1", port);
			const start = performance.now();
			for (let i = 0; i < connects; i++) visit(to);
			return (performance.now() - start) / 1000;
		}),
	);
process.stdout.write(JSON.stringify(outcome));
