/** Frames in a row that an interface must refuse to be worth a word: a full queue passes. */
const FAILURES = 10;

export interface SendingWorld {
	/** Sends a frame; the reason where that fails. */
	send(name: string, frame: Uint8Array): string | undefined;
	/** A frame went out; no capture hears it. */
	sent?: ((name: string, frame: Uint8Array) => void) | undefined;
	complain?: ((sentence: string) => void) | undefined;
}

/** Sends questions; says so, once until one leaves again, when an interface takes none of them. */
export function createSending({
	send,
	sent,
	complain,
}: SendingWorld): (name: string, frame: Uint8Array) => void {
	const failures = new Map<string, number>();
	return (name, frame) => {
		const why = send(name, frame);
		if (why === undefined) {
			failures.delete(name);
			sent?.(name, frame);
			return;
		}
		const count = (failures.get(name) ?? 0) + 1;
		failures.set(name, count);
		if (count === FAILURES)
			complain?.(`can't ask on ${name}, nobody there is heard: ${why}`);
	};
}
