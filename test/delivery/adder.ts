/** A process that adds entries one after another to PATH, from FIRST on, COUNT of them, and prints the number of each when `add` has returned. */
import { writeSync } from "node:fs";
import { opened, probe } from "./stores.ts";

const [path = "", first, count] = process.argv.slice(2);
const store = await opened(path);
for (let n = Number(first); n < Number(first) + Number(count); n++) {
	const why = store.add([{ entry: probe(n), sinks: ["mail"] }], n);
	writeSync(1, why === undefined ? `${n}\n` : `failed: ${why}\n`);
}
store.close();
