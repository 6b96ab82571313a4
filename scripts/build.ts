import {
	chmodSync,
	copyFileSync,
	mkdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { launcher } from "./launcher.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
/** Where the lazily loaded parts stand, beside the program. */
const PARTS = "klaxon.d";

const { version } = JSON.parse(
	readFileSync(join(root, "package.json"), "utf8"),
);

const partName = (file: string) => `${basename(file, ".ts")}.js`;

/** A dynamic import becomes a part, a file of its own that is loaded when needed; `found` gets them. */
const splitParts = (found: string[], folder: string): Plugin => ({
	name: "parts",
	setup({ onResolve }) {
		onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
			if (kind !== "dynamic-import") return undefined;
			const file = join(resolveDir, path);
			if (!found.includes(file)) found.push(file);
			return { path: `${folder}/${partName(file)}`, external: true };
		});
		// koffi's own loader searches node_modules; its native half stands among the parts.
		onResolve({ filter: /^koffi$/ }, () => ({
			path: "./koffi.node",
			external: true,
		}));
	},
});

const common: BuildOptions = {
	bundle: true,
	minify: true,
	write: false,
	platform: "node",
	format: "cjs",
	target: "node24",
	// import() would start the loader of ES modules, which costs more than the part itself.
	supported: { "dynamic-import": false },
	define: { KLAXON_VERSION: JSON.stringify(version) },
};

async function bundle(
	file: string,
	found: string[],
	folder: string,
): Promise<string> {
	const { outputFiles } = await build({
		...common,
		entryPoints: [file],
		plugins: [splitParts(found, folder)],
	});
	return outputFiles?.[0]?.text ?? "";
}

/** koffi ships a native module for each kind of machine in a package of its own. */
function nativeKoffi(): string {
	const { platform, arch } = process;
	return join(
		root,
		`node_modules/@koromix/koffi-${platform}-${arch}/${platform}_${arch}/koffi.node`,
	);
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, PARTS), { recursive: true });
const parts: string[] = [];
const main = await bundle(join(root, "src/klaxon.ts"), parts, `./${PARTS}`);
writeFileSync(join(dist, "klaxon"), launcher(process.execPath) + main);
chmodSync(join(dist, "klaxon"), 0o755);
// The list grows while parts name further parts.
for (const file of parts)
	writeFileSync(
		join(dist, PARTS, partName(file)),
		await bundle(file, parts, "."),
	);
copyFileSync(nativeKoffi(), join(dist, PARTS, "koffi.node"));
// The program has no extension: this tells Node that it is no ES module.
writeFileSync(join(dist, "package.json"), '{ "type": "commonjs" }\n');
