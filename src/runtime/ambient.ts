import koffi from "koffi";

/** <linux/prctl.h> */
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;

/**
 * Takes away what programs that this process starts would inherit of its capabilities (prctl(2)): it keeps its own.
 * False where the kernel doesn't.
 */
export function clearAmbient(): boolean {
	const prctl = koffi
		.load("libc.so.6")
		.func(
			"int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)",
		);
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) === 0;
}
