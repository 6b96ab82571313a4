import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { isAlive, withChildren } from "./family.ts";
import {
	must,
	type Peer,
	type Place,
	peer,
	type RunOptions,
	start,
} from "./process.ts";
import { listeningPorts, listensOn } from "./sockets.ts";
import { waitFor } from "./wait.ts";

interface SuperServerOptions {
	at?: Place;
	/** What else to put on its command line. */
	args?: readonly string[];
}

/** A real inetd serving the lines of `conf`, in the foreground (openbsd) or as the daemon it insists to be (inetutils). */
export async function startInetd(
	kind: "openbsd" | "inetutils",
	conf: string,
	{ at, args = [] }: SuperServerOptions = {},
): Promise<Peer> {
	const folder = mkdtempSync("/run/inetd-");
	writeFileSync(`${folder}/conf`, conf);
	const ready = listensOn(inetdServices(conf));
	const options = { at, changesUser: true };
	if (kind === "openbsd") {
		const own = [...args, "-i", `${folder}/conf`];
		return withChildren(
			await start(peer("openbsd-inetd"), own, ready, options),
		);
	}
	const own = [...args, `--pidfile=${folder}/pid`, `${folder}/conf`];
	await must(peer("inetutils-inetd"), own, options);
	return withChildren(await daemon(`${folder}/pid`, ready));
}

/** A real xinetd serving the sections of `conf`; its log goes to `output`. */
export async function startXinetd(
	conf: string,
	{ at, args = [] }: SuperServerOptions = {},
): Promise<Peer> {
	const folder = mkdtempSync("/run/xinetd-");
	const log = `${folder}/log`;
	writeFileSync(`${folder}/conf`, conf);
	writeFileSync(log, "");
	const own = [
		...["-dontfork", "-stayalive", "-f", `${folder}/conf`],
		...["-pidfile", `${folder}/pid`, "-filelog", log, ...args],
	];
	const ready = listensOn(xinetdServices(conf));
	const options = { at, changesUser: true };
	const xinetd = await start(peer("xinetd"), own, ready, options);
	const output = () => readFileSync(log, "utf8");
	return withChildren({ ...xinetd, output });
}

/** systemd's own socket activation: `args` as for systemd-socket-activate(1), the command included. */
export async function startSocketActivate(
	args: readonly string[],
	options: RunOptions = {},
): Promise<Peer> {
	const ready = listensOn(activatedPorts(args));
	return withChildren(
		await start(peer("systemd-socket-activate"), args, ready, options),
	);
}

function inetdServices(conf: string): string[] {
	return conf
		.split("\n")
		.filter((line) => /^[^\s#]/.test(line))
		.map((line) => line.split(/\s/)[0] ?? "");
}

function xinetdServices(conf: string): string[] {
	return [...conf.matchAll(/^\s*service\s+(\S+)\s*\{([^}]*)\}/gm)]
		.filter(([, , body = ""]) => !/^\s*disable\s*=\s*yes/m.test(body))
		.map(([, name = "", body = ""]) => {
			return /^\s*port\s*=\s*(\d+)/m.exec(body)?.[1] ?? name;
		});
}

function activatedPorts(args: readonly string[]): string[] {
	const addresses = args.flatMap((arg, i) => {
		if (arg === "-l" || arg === "--listen") return [args[i + 1] ?? ""];
		return /^(?:-l|--listen=)(.+)$/.exec(arg)?.[1] ?? [];
	});
	return addresses.filter((address) => !address.startsWith("/"));
}

/** Follows a program that has put itself into the background. */
async function daemon(
	pidFile: string,
	ready: (pid: number) => boolean,
): Promise<Peer> {
	const pid = await waitFor(pidFile, () => readPid(pidFile));
	await waitFor(
		() => `inetd to listen; it does on ${listeningPorts(pid)}`,
		() => ready(pid),
	);
	const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
		if (!isAlive(pid)) return;
		process.kill(pid, signal);
		await waitFor("inetd to end", () => !isAlive(pid));
	};
	return { pid, output: () => "", stop };
}

function readPid(file: string): number {
	try {
		return Number.parseInt(readFileSync(file, "utf8"), 10);
	} catch {
		return 0;
	}
}
