import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { HELP } from "../src/trap/help.ts";

const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");

t.test("the README's options are what --help prints", async (t) => {
	t.ok(readme.includes(HELP));
});
