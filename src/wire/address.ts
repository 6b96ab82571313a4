/** IPv4-mapped words: RFC 4291 section 2.5.5.2. */
export const isMapped = (w0: number, w1: number, w2: number): boolean =>
	w0 === 0 && w1 === 0 && w2 === 0xffff;

const dotted = (w: number) =>
	`${w >>> 24}.${(w >>> 16) & 0xff}.${(w >>> 8) & 0xff}.${w & 0xff}`;

/** Where the longest run of at least two zero groups begins and how long it is (RFC 5952 section 4.2). */
function zeroRun(groups: number[]): [start: number, length: number] {
	let best: [number, number] = [-1, 1];
	for (let i = 0; i < 8; i++) {
		let n = 0;
		while (i + n < 8 && groups[i + n] === 0) n++;
		if (n > best[1]) best = [i, n];
	}
	return best;
}

/** Four address words as text: dotted for IPv4, RFC 5952's form for IPv6. */
export function formatAddress(
	w0: number,
	w1: number,
	w2: number,
	w3: number,
): string {
	if (isMapped(w0, w1, w2)) return dotted(w3);
	const groups = [w0, w1, w2, w3].flatMap((w) => [w >>> 16, w & 0xffff]);
	const hex = (part: number[]) => part.map((g) => g.toString(16)).join(":");
	const [start, length] = zeroRun(groups);
	if (start < 0) return hex(groups);
	return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** `02:00:00:00:00:02`, or undefined where the link has no addresses. */
export function formatMac(high: number, low: number): string | undefined {
	if (high === 0 && low === 0) return undefined;
	const hex = ((high & 0xffff) * 2 ** 32 + (low >>> 0))
		.toString(16)
		.padStart(12, "0");
	return hex.replace(/..(?=.)/g, "$&:");
}
