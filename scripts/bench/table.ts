/** One figure of the bench. */
export interface Row {
	what: string;
	measured: string;
	/** What it must reach; without it the figure is for information. */
	target?: string;
	/** Undefined where it could not be measured here. */
	met?: boolean;
}

function verdict({ target, met }: Row): string {
	if (target === undefined) return "";
	return met === undefined ? "not measured" : met ? "yes" : "**no**";
}

/** The rows as a Markdown table. */
export function markdown(rows: Row[]): string {
	const cells = [
		["what", "measured", "must reach", "met?"],
		["---", "---", "---", "---"],
		...rows.map((row) => [
			row.what,
			row.measured,
			row.target ?? "",
			verdict(row),
		]),
	];
	return cells.map((row) => `| ${row.join(" | ")} |\n`).join("");
}

export const ratio = (value: number): string => `${value.toFixed(2)} x`;

export const count = (value: number): string => value.toLocaleString("en");

export function median(values: number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[sorted.length >> 1] ?? Number.NaN;
}
