/** A MIME entity taken apart: RFC 5322 and RFC 2045, as much as nodemailer writes of it. */
export interface Entity {
	/** Names in lower case, as they stand in the mail, each once for every line of it. */
	names: string[];
	/** The last of each name, unfolded. */
	headers: Record<string, string>;
	/** Decoded; of a multipart the raw text. */
	body: string;
	parts: Entity[];
}

const CRLF = "\r\n";

function decoded(body: string, encoding: string | undefined): string {
	if (encoding === "base64") return Buffer.from(body, "base64").toString();
	if (encoding !== "quoted-printable") return body;
	const bytes = body
		.replace(/=\r\n/g, "")
		.replace(/=([\dA-F]{2})/g, (_, hex) =>
			String.fromCharCode(parseInt(hex, 16)),
		);
	return Buffer.from(bytes, "latin1").toString();
}

/** Takes a mail apart as it came over the wire; throws where it is none. */
export function parseMime(raw: string): Entity {
	const end = raw.indexOf(CRLF + CRLF);
	if (end < 0) throw new Error("no end of the header");
	const lines = raw
		.slice(0, end)
		.replace(/\r\n[ \t]+/g, " ")
		.split(CRLF);
	const fields = lines.map((line): [string, string] => {
		const [, name, value] = /^([!-9;-~]+): ?(.*)$/.exec(line) ?? [];
		if (name === undefined || value === undefined)
			throw new Error(`bad header line: ${line}`);
		return [name.toLowerCase(), value];
	});
	const headers = Object.fromEntries(fields);
	const body = raw.slice(end + 4);
	const [, boundary] =
		/^multipart\/.*boundary="([^"]+)"/.exec(headers["content-type"] ?? "") ??
		[];
	const parts =
		boundary === undefined
			? []
			: `${CRLF}${body}`
					.split(`${CRLF}--${boundary}--`)[0]
					?.split(`${CRLF}--${boundary}${CRLF}`)
					.slice(1)
					.map(parseMime);
	return {
		names: fields.map(([name]) => name),
		headers,
		body:
			boundary === undefined
				? decoded(body, headers["content-transfer-encoding"])
				: body,
		parts: parts ?? [],
	};
}
