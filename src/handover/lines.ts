/** Takes a stream of bytes apart into lines. */
export interface Lines {
	/** The lines that a chunk completes, without their newlines; undefined when one is too long, and from then on. */
	push(chunk: Uint8Array): string[] | undefined;
}

const NEWLINE = 0x0a;

/** Lines of at most `max` bytes, of which no more than that is kept. Bytes that aren't UTF-8 become U+FFFD. */
export function createLines(max: number): Lines {
	let pieces: Uint8Array[] = [];
	let size = 0;
	return {
		push(chunk) {
			const lines: string[] = [];
			for (let from = 0; ; ) {
				const end = chunk.indexOf(NEWLINE, from);
				const piece = chunk.subarray(from, end < 0 ? chunk.length : end);
				size += piece.length;
				if (size > max) return undefined;
				pieces.push(piece);
				if (end < 0) return lines;
				lines.push(Buffer.concat(pieces, size).toString());
				pieces = [];
				size = 0;
				from = end + 1;
			}
		},
	};
}
