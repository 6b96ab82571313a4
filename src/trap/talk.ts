import { EX_OK, EX_USAGE } from "../delivery/exit.ts";
import { VERSION } from "../version.ts";
import { HELP } from "./help.ts";
import type { Options } from "./options.ts";
import type { World } from "./run.ts";

const NO_SOCKET =
	"no socket on standard input: klaxon is started by inetd, xinetd or systemd; to try it here: klaxon --listen 127.0.0.1:7001 --syslog stdout:";

/** What is left to say where there is neither a socket to serve nor a trap to open. */
export async function talk(
	options: Options,
	errors: string[],
	{ complain, outlet }: World,
): Promise<number> {
	if (errors.length > 0 || options.action === "run") {
		(errors.length > 0 ? errors : [NO_SOCKET]).forEach(complain);
		return (await outlet.finish()) || EX_USAGE;
	}
	process.stdout.write(
		options.action === "help" ? HELP : `klaxon ${VERSION}\n`,
	);
	return EX_OK;
}
