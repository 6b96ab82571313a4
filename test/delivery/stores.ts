import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { DatabaseSync } from "node:sqlite";
import type { Alert, ProbeAlert } from "../../src/alert/alert.ts";
import { levelOf } from "../../src/alert/level.ts";
import { alertLine } from "../../src/alert/render.ts";
import type { Entry } from "../../src/delivery/sink.ts";
import { openStore, type Store } from "../../src/delivery/store.ts";

/** Not one of test/alert/samples.ts: a process that only adds has no time to load fast-check. */
const PROBE: ProbeAlert = {
	kind: "probe",
	time: 0,
	interface: "eth0",
	carrier: "tcp",
	technique: "syn",
	source: { ip: "192.0.2.7", port: 40312, mac: "02:00:00:00:00:02" },
	destination: { ip: "192.0.2.1", port: 23 },
	service: "telnet",
};

/** A directory of the test's own. */
export function folder(t: { teardown(run: () => void): void }): string {
	const path = mkdtempSync(`${tmpdir()}/klaxon-store-`);
	t.teardown(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

export async function opened(
	path: string,
	tell: (sentence: string) => void = () => {},
	more: { most?: number } = {},
): Promise<Store> {
	const store = await openStore(path, { tell, ...more });
	if (typeof store === "string") throw new Error(store);
	return store;
}

/** What a call answered, which must not be a sentence. */
export function good<T>(answer: T | string): T {
	if (typeof answer === "string") throw new Error(answer);
	return answer;
}

export const entryOf = (alert: Alert, id: string): Entry => ({
	time: alert.time,
	level: levelOf(alert),
	line: alertLine(alert),
	alert,
	id,
});

/** A probe of its own time, address and id. */
export function probe(n: number, ip = "192.0.2.7"): Entry {
	const alert = { ...PROBE, time: n, source: { ...PROBE.source, ip } };
	return entryOf(alert, `id-${n}`);
}

/** What `PRAGMA integrity_check` says of a file. */
export function integrity(path: string): unknown {
	const db = new DatabaseSync(path);
	const answer = db.prepare("PRAGMA integrity_check").get();
	db.close();
	return answer?.integrity_check;
}
