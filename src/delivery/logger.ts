import type { Sender } from "./sink.ts";

/** An absolute path: inetd may have started us with any PATH. */
export const LOGGER = "/usr/bin/logger";
/** ms; logger waits while the syslog daemon doesn't read. */
export const DEADLINE_MS = 5000;
/** Bytes; logger's own default of 1 KiB would split our longest line and its header. */
const MAX_MESSAGE = "2048";

/** logger(1) writes RFC 3164 to /dev/log, and must fail where nothing listens there. */
export const loggerArgs = (sender: Sender): string[] => [
	"--socket-errors=on",
	`--id=${sender.pid}`,
	"-t",
	sender.tag,
	"-S",
	MAX_MESSAGE,
];

/** Nothing the peer shaped (REMOTE_HOST) goes on to a child; TZ keeps syslog's time local. */
export const loggerEnvironment = (): Record<string, string> =>
	process.env.TZ === undefined ? {} : { TZ: process.env.TZ };
