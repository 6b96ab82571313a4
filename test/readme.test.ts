import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { reference } from "../scripts/reference.ts";
import { parseConfig } from "../src/config/config.ts";
import { HELP } from "../src/trap/help.ts";

const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");

t.test("the README's options are what --help prints", async (t) => {
	t.ok(readme.includes(HELP));
});

t.test(
	"the README's reference is what `npm run reference` writes",
	async (t) => {
		const [, found] =
			/<!-- reference: npm run reference -->\n\n([\s\S]*)\n\n<!-- \/reference -->/.exec(
				readme,
			) ?? [];
		t.equal(found, reference());
	},
);

t.test("the README's configurations are good", async (t) => {
	const examples = [...readme.matchAll(/^```toml\n([\s\S]*?)^```/gm)];
	t.equal(examples.length, 2);
	for (const [, text = ""] of examples)
		t.notOk(Array.isArray(parseConfig("README.md", text)), text);
});
