/** Where the launcher and the runtime speak when they may not speak to the peer. */
const LAST_RESORT = "/var/log/klaxon.log";

/**
 * Threads: V8's worker and no signal thread for the inspector, so that a start needs two threads
 * beside the main one instead of six. Memory: young garbage is collected early, which keeps a
 * process that serves a burst small.
 */
const FLAGS = "--v8-pool-size=1 --disable-sigusr1 --max-semi-space-size=1";

/**
 * The head of the executable: a line for sh(1) that JavaScript reads as a comment.
 *
 * Under inetd descriptor 2 is the peer's socket, and Node prints its fatal errors there before any
 * of our code runs: with a full process table it writes the stack trace of a failed thread, or hangs
 * for ever. So the launcher turns 1 and 2 away from the peer, and proves by four processes at once
 * that there is room for Node's threads and for logger(1). What fails ends with 71 (EX_OSERR) and a
 * line in the fallback file.
 */
export function launcher(node: string): string {
	const failed = `klaxon: cannot start ${node}: an encounter is not logged:`;
	const guard = [
		`exec >/dev/null`,
		`{ true 2>>${LAST_RESORT}; } 2>/dev/null && exec 2>>${LAST_RESORT} || exec 2>/dev/null`,
		`trap 'echo "${failed} $*" >&2; exit 71' EXIT`,
		`: | : | : | :`,
		`[ -x "$node" ] || /usr/bin/logger -t klaxon -p auth.err "${failed} $*"`,
	].join("; ");
	const onPeer = "[ -S /dev/stdin ] && [ /dev/stdin -ef /dev/stderr ]";
	return `#!/bin/sh
':' //; node='${node}'; ${onPeer} && { ${guard}; }; exec "$node" ${FLAGS} "$0" "$@"
`;
}
