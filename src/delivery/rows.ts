import type { Alert } from "../alert/alert.ts";
import { accused } from "../alert/sources.ts";
import { type Cidr, mask, parseAddress, type Words } from "../config/cidr.ts";
import type { Entry } from "./sink.ts";

/** Columns of an entry, in the order `entryOf` reads them by name. */
export const COLUMNS = "a.seq, a.id, a.time, a.level, a.line, a.alert";

export type Row = Record<string, unknown>;

/** Four words as 16 bytes in network order, so that bytes compare as addresses do. */
function bytesOf(words: Words): Uint8Array {
	const bytes = new DataView(new ArrayBuffer(16));
	words.forEach((word, i) => {
		bytes.setInt32(4 * i, word);
	});
	return new Uint8Array(bytes.buffer);
}

/** The first and the last address of a network. */
export function rangeOf({ words, bits }: Cidr): [Uint8Array, Uint8Array] {
	const end = words.map((word, i) => word | ~mask(bits, i));
	return [bytesOf(words), bytesOf(end as unknown as Words)];
}

/** The address that an alert accuses; null where there is none, or many. */
export function sourceOf(alert: Alert | undefined): Uint8Array | null {
	if (!alert || alert.kind === "sensor") return null;
	const ip = alert.kind === "connection" ? alert.source.ip : accused(alert);
	const words = ip === undefined ? undefined : parseAddress(ip);
	return words ? bytesOf(words) : null;
}

/** An alert out of its column; undefined where it is damaged, which must not keep the line from being read. */
function alertOf(text: unknown): Alert | undefined {
	try {
		return typeof text === "string" ? JSON.parse(text) : undefined;
	} catch {
		return undefined;
	}
}

/** The entry that was added. */
export function entryOf(row: Row): Entry {
	const alert = alertOf(row.alert);
	return {
		time: row.time as number,
		level: row.level as string,
		line: row.line as string,
		...(alert && { alert }),
		id: row.id as string,
	};
}
