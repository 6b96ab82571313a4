/** Error types of RFC 1413 section 5; a server's own ones begin with `X` (at most 64 characters). */
export type IdentError =
	| "INVALID-PORT"
	| "NO-USER"
	| "HIDDEN-USER"
	| "UNKNOWN-ERROR"
	| `X${string}`;

/** Why there is no reply to tell of; `busy` is the caller's own word for "not asked, too many under way". */
export type IdentFailure =
	| "timeout"
	| "refused"
	| "reset"
	| "unreachable"
	| "closed"
	| "malformed"
	| "mismatch"
	| "too-long"
	| "loop"
	| "service"
	| "busy";

/**
 * What came of asking the peer who it is: hearsay, the peer's own machine says it.
 * `user` is printable ASCII, escaped, 1-128 characters; `os`, `charset` and `error` are 1-64
 * characters of 0x21-0x7e without colon, not escaped.
 */
export type Ident =
	| { kind: "user"; os: string; charset?: string; user: string }
	| { kind: "error"; error: IdentError }
	| { kind: "failed"; reason: IdentFailure };
