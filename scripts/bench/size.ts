/** What has to be read and compiled at a start, and what only when needed. */
import { readdirSync, statSync } from "node:fs";
import { count, type Row } from "./table.ts";
import { KLAXON } from "./trap.ts";

const MOST_BYTES = 16_384;

export async function size(): Promise<Row[]> {
	const { size } = statSync(KLAXON);
	const parts = readdirSync(`${KLAXON}.d`)
		.map((name) => ({ name, size: statSync(`${KLAXON}.d/${name}`).size }))
		.toSorted((a, b) => b.size - a.size);
	return [
		{
			what: "dist/klaxon",
			measured: `${count(size)} bytes`,
			target: `<= ${count(MOST_BYTES)} bytes`,
			met: size <= MOST_BYTES,
		},
		{
			what: "its parts, each loaded when needed",
			measured: parts
				.map(({ name, size }) => `${name} ${count(size)}`)
				.join(", "),
		},
	];
}
