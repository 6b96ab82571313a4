import type { Sender } from "./sink.ts";

/** An absolute path: inetd may have started us with any PATH. */
export const LOGGER = "/usr/bin/logger";
/** ms; logger waits while the syslog daemon doesn't read. */
export const DEADLINE_MS = 5000;
/** Bytes; logger's own default of 1 KiB would split our longest line and its header. */
const MAX_MESSAGE = "2048";

/**
 * logger(1) writes RFC 3164 to /dev/log, and must fail where nothing listens there. The process ID
 * goes with the tag: by `--id` root's logger also forges the socket's credentials, which in a
 * container the kernel refuses, and the line is lost with exit code 0 (util-linux issues 2336, 3257).
 */
export const loggerArgs = (sender: Sender): string[] => [
	"--socket-errors=on",
	"-t",
	`${sender.tag}[${sender.pid}]`,
	"-S",
	MAX_MESSAGE,
];

/** Nothing the peer shaped (REMOTE_HOST) goes on to a child; TZ keeps syslog's time local. */
export const loggerEnvironment = (): Record<string, string> =>
	process.env.TZ === undefined ? {} : { TZ: process.env.TZ };
