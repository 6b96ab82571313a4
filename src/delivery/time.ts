/** RFC 3339 in local time with its offset, to the millisecond. */
export function timestamp(ms: number): string {
	const offset = -new Date(ms).getTimezoneOffset();
	const local = new Date(ms + offset * 60_000).toISOString().slice(0, -1);
	const [h, m] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
	const pad = (n: number) => String(n).padStart(2, "0");
	return `${local}${offset < 0 ? "-" : "+"}${pad(h)}:${pad(m)}`;
}
