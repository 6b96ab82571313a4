import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The top of the checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(
	/\/$/,
	"",
);

/** Set inside: "root" has every right over the machine's user IDs, "user" knows no ID but its own, shown as 0. */
const MARK = "KLAXON_SANDBOX";

/** Whether real root made the sandbox: only then setuid, setgroups and chown to others work in it. */
export const privileged = process.env[MARK] === "root";

/**
 * The first call of a system test. Outside a sandbox it replaces this process by one
 * that runs the same file within: own network, processes, /proc, /dev, /run, /tmp, /var/log and /etc.
 * Inside it returns at once.
 */
export function enterSandbox(url: string): void {
	if (process.env[MARK] !== undefined) return;
	if (!existsSync(`${root}/.peers/stamp`))
		throw new Error("the peers are missing: run scripts/peers.sh first");
	const isRoot = process.getuid?.() === 0;
	const command = [
		...["/usr/bin/setpriv", "--pdeathsig", "KILL"],
		...["unshare", "--net", "--mount", "--pid", "--ipc", "--uts"],
		...["--fork", "--kill-child", ...(isRoot ? [] : ["--map-root-user"])],
		...[`${root}/test/system/sandbox.sh`, root],
		...[process.execPath, fileURLToPath(url), ...process.argv.slice(2)],
	];
	// Without NODE_OPTIONS, by which tap loads a hook (120 ms) into every Node there is, the trap included.
	const { NODE_OPTIONS: _, ...environment } = process.env;
	process.execve?.("/usr/bin/setpriv", command, {
		...environment,
		[MARK]: isRoot ? "root" : "user",
		TMPDIR: "/tmp",
		NODE_COMPILE_CACHE: `${root}/.peers/compile-cache`, // a third of the time it takes to load tap
	});
}
