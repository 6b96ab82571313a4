const group = (prefix: string, names: string) =>
	names.split(" ").map((name) => `${prefix}.${name}`);

/**
 * What a template may hold in braces: `lines` and `count` are about the whole batch, the others are the
 * ECS fields of an alert (src/alert/json.ts, src/alert/wirejson.ts, the details of src/detect).
 */
export const PLACEHOLDERS: readonly string[] = [
	"lines",
	"count",
	"message",
	"@timestamp",
	"log.level",
	"ecs.version",
	...group("event", "action severity id kind category"),
	...group("source", "ip port mac domain user.name"),
	...group("destination", "ip port"),
	...group("network", "transport type iana_number vlan.id"),
	...group("observer", "hostname product version ingress.interface.name"),
	"related.ip",
	...group("klaxon", "technique service count first last note tool phase pace"),
	...group("klaxon", "data ident.user ident.os ident.charset ident.error"),
	...group("klaxon", "ports portCount protocols protocolCount hosts hostCount"),
	...group("klaxon", "also fragmented sources sourceCount state"),
	...group("klaxon", "names nameCount confidence answer ttl exists"),
	...group(
		"klaxon",
		"message was now expected server relay address lease mask",
	),
	...group("klaxon", "router dns domain wpad next-server boot-file"),
	...group("klaxon", "prefix preferred valid t1 t2 lifetime flags preference"),
	...group("klaxon", "route rdnss lladdr"),
];
