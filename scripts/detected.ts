/** npm run detected: runs the tests of tocsin's detectors and writes the README's table from what they proved. */
import { spawnSync } from "node:child_process";
import {
	globSync,
	mkdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Proof } from "../test/system/tocsin-detect.ts";

const root = join(import.meta.dirname, "..");
const README = join(root, "README.md");
/** In the checkout, since a test's sandbox has a /tmp of its own. */
const TABLE = join(root, ".tap/detected.jsonl");
const [BEGIN, END] = [
	"<!-- detected: npm run detected -->",
	"<!-- /detected -->",
];

const KINDS = ["scan", "sweep", "probe", "ping"];

/** What was proven of one tool and option, over both versions of IP. */
interface Row extends Omit<Proof, "version"> {
	versions: Set<number>;
}

/** Runs the tests; ends this program where one fails. */
function prove(): Proof[] {
	rmSync(TABLE, { force: true });
	mkdirSync(dirname(TABLE), { recursive: true });
	const files = globSync("test/system/tocsin-detect-*.test.ts", { cwd: root });
	const { status } = spawnSync(
		join(root, "node_modules/.bin/tap"),
		["--reporter=terse", ...files.sort()],
		{
			cwd: root,
			stdio: "inherit",
			env: { ...process.env, TOCSIN_TABLE: TABLE },
		},
	);
	if (status !== 0) {
		console.error("a test failed: README.md is left as it was");
		process.exit(1);
	}
	const lines = readFileSync(TABLE, "utf8").trim().split("\n");
	return lines.map((line) => JSON.parse(line));
}

/** One row for each tool and option that is told the same over IPv4 and IPv6; the slowest of them counts. */
function toRows(proofs: readonly Proof[]): Row[] {
	const rows = new Map<string, Row>();
	for (const { version, seconds, ...proof } of proofs) {
		const key = JSON.stringify(Object.entries(proof).sort());
		const row = rows.get(key) ?? { ...proof, seconds, versions: new Set() };
		rows.set(key, row);
		row.versions.add(version);
		row.seconds = Math.max(row.seconds, seconds);
	}
	const order = ({ kind, name }: Row) => `${KINDS.indexOf(kind)} ${name}`;
	return [...rows.values()].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** To a tenth of a second, and never shorter than it was. */
const duration = (seconds: number) =>
	seconds < 60
		? `${(Math.ceil(seconds * 10) / 10).toFixed(1)} s`
		: `${Math.floor(seconds / 60)} min`;

function toLine({ name, versions, kind, technique, hint, seconds }: Row) {
	const over = [...versions].sort().map((version) => `IPv${version}`);
	const [tool, ...note] = name.split(", ");
	const cells = [
		[`\`${tool}\``, ...note].join(", "),
		over.join(", "),
		kind,
		technique,
		hint ?? "",
		duration(seconds),
	];
	return `| ${cells.join(" | ")} |`;
}

const HEAD = `| tool and option | over | kind | technique | taken for | first told after |
| --- | --- | --- | --- | --- | --- |`;

/** The README, and where its table begins and ends. */
function readReadme(): [text: string, begin: number, end: number] {
	const text = readFileSync(README, "utf8");
	const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
	if (begin >= 0 && end > begin) return [text, begin + BEGIN.length, end];
	console.error(`README.md has no place for the table: ${BEGIN} and ${END}`);
	process.exit(1);
}

readReadme();
const table = [HEAD, ...toRows(prove()).map(toLine)].join("\n");
// not what was read a minute ago: somebody may have edited it
const [text, begin, end] = readReadme();
writeFileSync(
	README,
	`${text.slice(0, begin)}\n\n${table}\n\n${text.slice(end)}`,
);
