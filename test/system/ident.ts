import { mkdtempSync, writeFileSync } from "node:fs";
import { type Peer, type Place, peer, start } from "./process.ts";
import { listensOn } from "./sockets.ts";

/** A real oidentd on port 113, answering for the connections of its own network. */
export async function startOidentd(
	args: readonly string[] = [],
	options: { at?: Place; conf?: string; port?: number } = {},
): Promise<Peer> {
	const folder = mkdtempSync("/run/oidentd-");
	writeFileSync(`${folder}/conf`, options.conf ?? "");
	const port = options.port ? [`--port=${options.port}`] : [];
	return await start(
		peer("oidentd"),
		[
			"--foreground",
			"--nosyslog",
			"--config",
			`${folder}/conf`,
			...port,
			...args,
		],
		listensOn([options.port ?? 113]),
		{ at: options.at, changesUser: true },
	);
}
