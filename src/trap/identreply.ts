import type { Ident, IdentError, IdentFailure } from "../alert/ident.ts";
import { printable } from "../alert/printable.ts";

/** The connection asked about, as this machine sees it. */
export interface IdentPorts {
	localPort: number;
	remotePort: number;
}

/** Bytes of a reply we look at, line end included. RFC 1413 note 2 lets a client give up at 1000; a name needs fewer. */
export const MAX_REPLY = 512;
/** Characters of a user's name we keep, escapes included. */
const MAX_USER = 128;

/** TCP port of ident and of RFC 931's auth before it. */
const IDENT_PORT = 113;
/** echo, chargen, tftp, uucp: the original's advice was never to ask for who comes to these. */
const SERVICES_REFUSED = [7, 19, 69, 540];

// RFC 1413, formal syntax: <port-pair> ":" "USERID" or "ERROR" ":" ...; an <integer> has 1-5 digits;
// note 1: blanks and tabs may stand anywhere but within a token.
const REPLY =
	/^[ \t]*(\d{1,5})[ \t]*,[ \t]*(\d{1,5})[ \t]*:[ \t]*(USERID|ERROR)[ \t]*:(.*)$/s;
// <opsys> ["," <charset>] ":" <user-id>; a token is 1-64 printables but the colon (nor, here, the comma).
// All behind the colon is the user-id (section 5), yet the RFC's own example has a blank for looks: one is dropped.
const USERID =
	/^[ \t]*([!-+\--9;-~]{1,64})[ \t]*(?:,[ \t]*([!-+\--9;-~]{1,64})[ \t]*)?: ?(.*)$/s;
// <error-type>: one of four, or "X" and 1-63 token characters.
const ERROR =
	/^[ \t]*(INVALID-PORT|NO-USER|HIDDEN-USER|UNKNOWN-ERROR|X[!-9;-~]{1,63})[ \t]*$/;

/** An `Ident` that says why there is none. */
export function failed(reason: IdentFailure): Ident {
	return { kind: "failed", reason };
}

/**
 * Whether the connection's ports forbid asking: `loop` when either end is 113, where an ident-asking
 * trap on both hosts would ask for the asking without end; `service` for echo 7, chargen 19, tftp 69, uucp 540.
 */
export function identRefusal(
	localPort: number,
	remotePort: number,
): "loop" | "service" | undefined {
	if (localPort === IDENT_PORT || remotePort === IDENT_PORT) return "loop";
	return SERVICES_REFUSED.includes(localPort) ? "service" : undefined;
}

/**
 * Reads the first line of a reply (RFC 1413 sections 4 and 5); strings are taken as UTF-8. Ends at CRLF, LF
 * or the input's end. Never throws: `too-long` without a line end in 512 bytes, `malformed` outside the
 * grammar or with an empty user, `mismatch` when the ports are not the ones asked for.
 */
export function parseIdentReply(
	line: string | Uint8Array,
	ports: IdentPorts,
): Ident {
	// Latin-1: one character a byte, so that the grammar sees bytes and no decoder can fail.
	const text = Buffer.from(line.slice(0, MAX_REPLY) as string);
	const [first = ""] = text.toString("latin1", 0, MAX_REPLY).split("\n", 1);
	if (first.length === MAX_REPLY) return failed("too-long");
	const [, theirs, ours, type, rest = ""] =
		REPLY.exec(first.replace(/\r$/, "")) ?? [];
	if (!type) return failed("malformed");
	if (Number(theirs) !== ports.remotePort || Number(ours) !== ports.localPort)
		return failed("mismatch");
	return type === "ERROR" ? parseError(rest) : parseUser(rest);
}

function parseError(text: string): Ident {
	const error = ERROR.exec(text)?.[1] as IdentError | undefined;
	return error ? { kind: "error", error } : failed("malformed");
}

function parseUser(text: string): Ident {
	const [, os, charset, name] = USERID.exec(text) ?? [];
	if (!os || !name) return failed("malformed");
	const user = printable(Buffer.from(name, "latin1"), MAX_USER);
	return { kind: "user", os, ...(charset && { charset }), user };
}
