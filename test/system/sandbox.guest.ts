/** What sandbox.test.ts starts: a sandbox full of daemons, left without stopping any of them. */
import { readlinkSync } from "node:fs";
import {
	addHost,
	enterSandbox,
	start,
	startInetd,
	startRsyslog,
} from "./harness.ts";

enterSandbox(import.meta.url);
await startRsyslog();
await startInetd("inetutils", "7001 stream tcp nowait root /bin/cat cat\n");
const host = await addHost("alice");
const { pid } = await start("sleep", ["1000"], () => true, { at: host });
const links = ["self/ns/net", "self/ns/mnt", `${pid}/ns/net`];
process.stdout.write(
	`${JSON.stringify(links.map((link) => readlinkSync(`/proc/${link}`)))}\n`,
);
process.exitCode = 7;
if (process.argv[2] === "stay") setInterval(() => {}, 1000);
