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
import { launcher, watchLauncher } from "./launcher.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
/** Where the lazily loaded parts stand, beside the program. */
const PARTS = "klaxon.d";

const { version } = JSON.parse(
	readFileSync(join(root, "package.json"), "utf8"),
);

const partName = (file: string) => `${basename(file, ".ts")}.js`;

/** koffi's own loader searches node_modules; its native half stands among the parts, at `path`. */
const nativeKoffiAt = (path: string): Plugin => ({
	name: "koffi",
	setup({ onResolve }) {
		onResolve({ filter: /^koffi$/ }, () => ({ path, external: true }));
	},
});

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
	},
});

const common: BuildOptions = {
	bundle: true,
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
	plugins: Plugin[],
	minify = true,
): Promise<string> {
	const { outputFiles } = await build({
		...common,
		minify,
		entryPoints: [file],
		plugins,
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

function executable(name: string, head: string, body: string): void {
	writeFileSync(join(dist, name), head + body);
	chmodSync(join(dist, name), 0o755);
}

/** klaxon starts for every burst: its usual path in one small file, the rest in parts. */
async function buildKlaxon(): Promise<void> {
	const parts: string[] = [];
	const bundlePart = (file: string, folder: string) =>
		bundle(file, [splitParts(parts, folder), nativeKoffiAt("./koffi.node")]);
	const main = await bundlePart(join(root, "src/klaxon.ts"), `./${PARTS}`);
	executable("klaxon", launcher(process.execPath), main);
	// The list grows while parts name further parts.
	for (const file of parts)
		writeFileSync(
			join(dist, PARTS, partName(file)),
			await bundlePart(file, "."),
		);
	copyFileSync(nativeKoffi(), join(dist, PARTS, "koffi.node"));
}

/**
 * tocsin starts once: one file, in which a dynamic import runs late but needs no reading. Its lines stay
 * readable: the trace of a bug is worth more than a few kilobytes.
 */
async function buildTocsin(): Promise<void> {
	const main = await bundle(
		join(root, "src/tocsin.ts"),
		[nativeKoffiAt(`./${PARTS}/koffi.node`)],
		false,
	);
	executable("tocsin", watchLauncher(process.execPath), main);
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(join(dist, PARTS), { recursive: true });
await buildKlaxon();
await buildTocsin();
// The programs have no extension: this tells Node that they are no ES modules.
writeFileSync(join(dist, "package.json"), '{ "type": "commonjs" }\n');
