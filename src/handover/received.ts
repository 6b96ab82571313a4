import { isIP } from "node:net";
import * as z from "zod/mini";
import type { ConnectionAlert } from "../alert/alert.ts";
import { printable } from "../alert/printable.ts";

/** An alert that another process handed over. */
export interface Received {
	alert: ConnectionAlert;
	/** As that process named it, for its own record of it. */
	id?: string | undefined;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** ms that an alert may be older than now, and that its clock may be ahead: what comes from elsewhen could hide in the history. */
const OLDEST = DAY;
const NEWEST = MINUTE;

/** Characters: the trap's name as klaxon's options allow it. */
const MAX_SERVICE = 64;
/** <linux/if.h> IFNAMSIZ is 16 with its NUL; a byte may be an escape of four. */
const MAX_ZONE = 60;
/** RFC 1035 section 2.3.4: 255 octets. */
const MAX_NAME = 255;
/** RFC 1413 section 5 is 512 octets for a user; klaxon's cap is 128. */
const MAX_USER = 128;
/** As klaxon's own cap: 1,500 bytes as escapes of four. */
const MAX_DATA = 6000;
const MAX_NOTE = 300;

/** What `printable` made: escapes are whole, so that it need not be escaped again. */
const PRINTABLE = /^(?:[\x20-\x5b\x5d-\x7e]|\\\\|\\x[\da-f]{2})*$/;

/** A text of at most `max` characters that stays as it is when it is printable, and else is made so. */
const text = (max: number) =>
	z.pipe(
		z.string(),
		z.transform((value: string) =>
			value.length <= max && PRINTABLE.test(value)
				? value
				: printable(value, max),
		),
	);

const ip = z
	.string()
	.check(z.refine((value) => isIP(value) > 0 && !value.includes("%")));
const port = z.int().check(z.gte(0), z.lte(65_535));
/** RFC 1413 section 5: the tokens of a reply. */
const token = z.string().check(z.regex(/^[\x21-\x39\x3b-\x7e]{1,64}$/));
const identError = z.pipe(
	token,
	z.transform((value) => value as "UNKNOWN-ERROR"),
);

const ident = z.discriminatedUnion("kind", [
	z.strictObject({
		kind: z.literal("user"),
		os: token,
		charset: z.optional(token),
		user: text(MAX_USER),
	}),
	z.strictObject({ kind: z.literal("error"), error: identError }),
	z.strictObject({
		kind: z.literal("failed"),
		reason: z.enum([
			"timeout",
			"refused",
			"reset",
			"unreachable",
			"closed",
			"malformed",
			"mismatch",
			"too-long",
			"loop",
			"service",
			"busy",
		]),
	}),
]);

const alertSchema = z.strictObject({
	kind: z.literal("connection"),
	time: z.number(),
	transport: z.enum(["tcp", "udp"]),
	service: text(MAX_SERVICE),
	source: z.strictObject({
		ip: z.optional(ip),
		port: z.optional(port),
		zone: z.optional(text(MAX_ZONE)),
		name: z.optional(text(MAX_NAME)),
	}),
	destination: z.strictObject({
		ip: z.optional(ip),
		port: z.optional(port),
	}),
	ident: z.optional(ident),
	data: z.optional(text(MAX_DATA)),
	fold: z.optional(
		z
			.strictObject({
				count: z.int().check(z.gte(1)),
				first: z.number(),
				last: z.number(),
			})
			.check(z.refine(({ first, last }) => first <= last)),
	),
	note: z.optional(text(MAX_NOTE)),
});

/** What is read of an alert that comes in: nothing of it is believed. To make it takes far longer than to use it. */
export const receivedSchema = z.strictObject({
	id: z.optional(z.string().check(z.regex(/^[\da-f-]{1,64}$/))),
	alert: alertSchema,
});

/** An alert as it was read; what is undefined in it was not there. */
export const asReceived = (read: z.infer<typeof receivedSchema>): Received =>
	read as Received;

/** Whether all times of an alert may be of one that comes in at `now` (ms since the epoch). */
export function isCurrent({ alert }: Received, now: number): boolean {
	const { time, fold } = alert;
	const all = fold ? [time, fold.first, fold.last] : [time];
	return all.every((each) => each >= now - OLDEST && each <= now + NEWEST);
}
