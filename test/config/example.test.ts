import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { configSchema, parseConfig } from "../../src/config/config.ts";
import { tablesOf } from "../../src/config/tables.ts";

const text = readFileSync(
	join(import.meta.dirname, "../../inetd/tocsin.toml"),
	"utf8",
);

/** With all that is commented out: prose has a blank behind its `#`. */
const all = text.replace(/^#(?! |$)/gm, "");

t.test("as it stands it changes nothing", async (t) => {
	t.same(parseConfig("t.toml", text), parseConfig("t.toml", ""));
});

t.test("all its examples are good", async (t) => {
	const config = parseConfig("t.toml", all);
	t.match(config, {
		sinks: [
			{ name: "log", type: "file", size: 10_485_760 },
			{ name: "file", format: "text" },
			{ name: "central", type: "syslog" },
			{ name: "journal" },
			{ name: "oncall", type: "mail" },
			{ name: "bell", type: "exec" },
			{ name: "chat", preset: "slack" },
			{ name: "siem", preset: "generic" },
			{ name: "desk", type: "desktop" },
		],
		ignore: [{ why: "vulnerability scanner" }],
		limit: [{ window: 3_600_000, burst: 3 }],
		route: [{ to: ["oncall", "chat"] }],
	});
	t.same(
		parseConfig("t.toml", all, undefined, true),
		config,
		"and none shows a secret to others",
	);
});

/** The text of each table by its path, a sink's with its type; comments included. */
function sections(): Map<string, string> {
	const found = new Map<string, string>();
	for (const part of text.split(/^(?=#?\[)/m)) {
		const name = /^#?\[+([\w.]+)\]/.exec(part)?.[1] ?? "";
		const type = /^#type = "(\w+)"/m.exec(part)?.[1];
		const path = type ? `${name}.${type}` : name;
		found.set(path, (found.get(path) ?? "") + part);
	}
	return found;
}

t.test("every key that there is", async (t) => {
	const texts = sections();
	/** The conditions of rules stand there once. */
	const conditions = tablesOf(configSchema()).find(
		({ path }) => path === "ignore",
	)?.keys;
	for (const { path, keys } of tablesOf(configSchema())) {
		if (/\.(?:when|batch|servers)$/.test(path)) continue;
		const section = texts.get(path) ?? "";
		for (const { name } of keys) {
			const isCondition = conditions?.some((key) => key.name === name);
			if (/^(?:limit|route)$/.test(path) && isCondition) continue;
			const isTable = texts.has(name) || name === "sink";
			t.ok(
				(path === "" && isTable) || new RegExp(`\\b${name}\\b`).test(section),
				`${path} ${name}`,
			);
		}
	}
	for (const key of ["gather", "every", "max", "ip", "mac", "id", "duid"])
		t.ok(new RegExp(`[{ ]${key} = `).test(text), key);
});
