import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";
import { waitFor } from "./wait.ts";

const guest = fileURLToPath(new URL("sandbox.guest.ts", import.meta.url));

/** Starts a sandbox with peers and hosts in it; gives the namespaces that its processes are in. */
async function startGuest(
	...args: string[]
): Promise<[ChildProcess, string[]]> {
	// Not with tap's hooks, which would write to its own files from within.
	const env = { ...process.env, NODE_OPTIONS: "" };
	const child = spawn(process.execPath, [guest, ...args], {
		env,
		stdio: ["ignore", "pipe", "inherit"],
	});
	let said = "";
	child.stdout?.on("data", (chunk) => {
		said += chunk;
	});
	await waitFor("the guest", () => said.endsWith("\n"), 10_000);
	return [child, JSON.parse(said)];
}

/** The namespaces of all processes whose we may see. */
function namespaces(): Set<string> {
	const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
	return new Set(
		pids.flatMap((pid) =>
			["net", "mnt"].flatMap((kind) => {
				try {
					return readlinkSync(`/proc/${pid}/ns/${kind}`);
				} catch {
					return [];
				}
			}),
		),
	);
}

const mounts = () => readFileSync("/proc/self/mountinfo", "utf8");
const anyLeft = (inside: string[]) =>
	inside.some((namespace) => namespaces().has(namespace));

t.test("a sandbox gives back its test's exit code", async (t) => {
	const before = mounts();
	const [child, inside] = await startGuest("exit");
	const [code] =
		child.exitCode === null ? await once(child, "exit") : [child.exitCode];
	t.equal(code, 7);
	t.equal(inside.length, 3, "own net and mnt namespaces, and a host's net");
	await waitFor("an empty sandbox", () => !anyLeft(inside));
	t.equal(mounts(), before, "nothing mounted on the machine");
});

t.test("nothing survives a test that is killed", async (t) => {
	const [child, inside] = await startGuest("stay");
	t.ok(anyLeft(inside), "daemons run");
	child.kill("SIGKILL");
	await waitFor("an empty sandbox", () => !anyLeft(inside));
	t.pass("and are gone");
});
