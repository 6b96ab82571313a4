import { eventOf, type Teller } from "./event.ts";
import type { Entry } from "./sink.ts";

/** Characters of a value. */
const MAX_VALUE = 4096;
/** systemd.journal-fields(7): a field's name has at most 64 characters. */
const MAX_NAME = 64;

/** Fields with a shorter name than their path would give. */
const SHORT: Record<string, string> = {
	"@timestamp": "TIME",
	message: "LINE",
	"log.level": "LEVEL",
	"event.action": "KIND",
	"event.id": "ID",
	"event.severity": "SEVERITY",
	"observer.ingress.interface.name": "INTERFACE",
};

/** The same in every alert, or said by another. */
const LEFT_OUT = new Set(["ecs.version", "event.kind", "event.category"]);

function* leaves(value: unknown, path = ""): Generator<[string, string]> {
	if (value === undefined || value === null) return;
	if (typeof value !== "object" || Array.isArray(value))
		yield [path, Array.isArray(value) ? value.join() : String(value)];
	else
		for (const [key, inner] of Object.entries(value))
			yield* leaves(inner, path === "" ? key : `${path}.${key}`);
}

/** `source.ip` becomes `KLAXON_SOURCE_IP`, `klaxon.portCount` `KLAXON_PORT_COUNT`. */
function nameOf(path: string): string {
	const words =
		SHORT[path] ??
		path
			.replace(/^klaxon\./, "")
			.replace(/[a-z](?=[A-Z])/g, "$&_")
			.toUpperCase();
	return `KLAXON_${words}`.replace(/[^A-Z0-9_]/g, "_").slice(0, MAX_NAME);
}

/**
 * The facts of an entry as environment variables and as fields of the journal: its ECS fields, upper case,
 * `_` for what is no letter or digit (`KLAXON_SOURCE_IP`), without a prefix for those of ours
 * (`KLAXON_TECHNIQUE`) and short for some (`KLAXON_KIND`, `KLAXON_LINE`). Values are printable ASCII.
 */
export function variables(entry: Entry, teller: Teller): [string, string][] {
	const named = new Map<string, string>([
		["KLAXON_LEVEL", entry.level], // an alert's event has just its number
	]);
	for (const [path, value] of leaves(eventOf(entry, teller)))
		if (!LEFT_OUT.has(path))
			named.set(
				nameOf(path),
				value.replace(/[^ -~]/g, "?").slice(0, MAX_VALUE),
			);
	return [...named];
}
