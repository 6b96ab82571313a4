/** Where the launcher and the runtime speak when they may not speak to the peer. */
const LAST_RESORT = "/var/log/klaxon.log";

/**
 * Threads: V8's worker, one for lookups, and no signal thread for the inspector, so that a start needs
 * two threads beside the main one instead of six. Memory: young garbage is collected early, and so is old
 * where V8 believes that memory is scarce (at 256 MB, far more than we need), which keeps a process that
 * serves a burst a quarter smaller.
 */
const FLAGS =
	"--v8-pool-size=1 --disable-sigusr1 --max-semi-space-size=1 --max-old-space-size=256";

/**
 * The same for tocsin, which stays. Its tables lie outside of V8's heap; what is left is 67 MB idle and
 * 105 MB with 500,000 sources. A larger young generation is no faster, and 20 MB more. The path of a packet is one
 * function for V8 when it may inline that much: a fifth of the time.
 */
const WATCH_FLAGS =
	"--v8-pool-size=1 --disable-sigusr1 --max-semi-space-size=4 --max-old-space-size=96 --max-inlined-bytecode-size=1000 --max-inlined-bytecode-size-cumulative=5000";

/** Seconds until the watchdog looks whether Node still lives, and from then until it ends what is no trap yet. */
const LOOKS = [1, 29];

/** A script's head: a line for sh(1) that JavaScript reads as a string and a comment. */
const head = (steps: string[]) => `#!/bin/sh\n':' //;${steps.join(";")}\n`;

/**
 * The head of klaxon's executable.
 *
 * Under inetd descriptor 2 is the peer's socket, and Node prints its fatal errors there before any
 * of our code runs. So the launcher turns 1 and 2 away from the peer.
 *
 * With a full process table Node aborts, or hangs for ever when just one of its threads fits. So the
 * launcher proves by four processes at once that there is room for Node's threads and for logger(1);
 * what fails ends with 71 (EX_OSERR) and a line in the fallback file. Many starts at once may each pass
 * that and fill the table nevertheless: a watchdog, which our code calls off, tells of a Node that died
 * at its start, and ends one that hangs.
 */
export function launcher(node: string): string {
	const steps = [
		`node='${node}' log=${LAST_RESORT}`,
		`why="klaxon: cannot start $node: an encounter is not logged: $*"`,
		'tell="/usr/bin/logger -t klaxon -p auth.err"',
		"[ -S /dev/stdin ]&&[ /dev/stdin -ef /dev/stderr ]&&{ exec >/dev/null 2>&1",
		// A link may lead anywhere, and to open a FIFO may take for ever.
		"[ ! -L $log ]&&{ [ -f $log ]||[ ! -e $log ];}&&{ true 2>>$log;}&&exec 2>>$log;}",
		`trap 'kill $KLAXON_DOG 2>&-;echo "$why" >&2;exit 71' EXIT`,
		":|:|:|:",
		'[ -x "$node" ]||{ $tell "$why";exit;}',
		// Its end is its bite, also where the shell ends it because sleep(1) can't start; called off in between it tells nevertheless.
		`KLAXON_DOG=$({ trap '[ /proc/$$/exe -ef "$node" -o /proc/$$/exe -ef /proc/self/exe ]&&trap "" TERM&&kill -9 $$;echo "$why" >&2;$tell "$why"' EXIT`,
		"trap 'trap - EXIT;kill $! 2>&-;exit' TERM",
		`for s in ${LOOKS.join(" ")};do sleep $s& wait $!||trap - EXIT;kill -0 $$ 2>&-||break;done;}</dev/null >/dev/null& echo $!)||exit`,
		"export KLAXON_DOG UV_THREADPOOL_SIZE=1",
		`exec "$node" ${FLAGS} "$0" "$@"`,
	];
	return head(steps);
}

/** The head of tocsin's executable: it is started by an administrator or by systemd, who read its errors. */
export const watchLauncher = (node: string) =>
	head([
		`[ -x '${node}' ]||{ echo "tocsin: ${node} is gone: install klaxon again" >&2;exit 69;}`,
		// An arena for each thread that allocates would be 6 MB with 100,000 sources.
		"export MALLOC_ARENA_MAX=1",
		`exec '${node}' ${WATCH_FLAGS} "$0" "$@"`,
	]);
