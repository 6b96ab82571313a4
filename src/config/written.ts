/** A TOML value as an error quotes it. */
export function written(value: unknown): string {
	if (Array.isArray(value)) return "a list";
	if (value instanceof Date) return `'${value.toISOString()}'`;
	return typeof value === "object" ? "a table" : `'${value}'`;
}
