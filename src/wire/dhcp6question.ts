import type { INFORMATION_REQUEST, SOLICIT } from "./dhcp6.ts";

/** Options of RFC 8415 section 21, RFC 4704. */
const CLIENT_ID = 1;
const IA_NA = 3;
const OPTION_REQUEST = 6;
const ELAPSED_TIME = 8;
const VENDOR_CLASS = 16;
const CLIENT_FQDN = 39;

const u16 = (n: number): number[] => [(n >>> 8) & 255, n & 255];
const u32 = (n: number): number[] => [...u16(n >>> 16), ...u16(n)];

/** A byte for each character. */
const text = (value: string): number[] =>
	Array.from(value, (character) => character.charCodeAt(0) & 255);

/** An option as bytes: code, length, body (section 21.1). */
export type Option6 = readonly number[];

const option = (code: number, body: readonly number[]): Option6 => [
	...u16(code),
	...u16(body.length),
	...body,
];

/** Section 21.2. */
export const clientId = (duid: Iterable<number>): Option6 =>
	option(CLIENT_ID, [...duid]);

/** Section 21.4: an address is wanted, T1 and T2 (0) and which one are left to the server. */
export const addressWanted = (iaid: number): Option6 =>
	option(IA_NA, [...u32(iaid), ...u32(0), ...u32(0)]);

/** Section 21.7: codes of the options that are wanted. */
export const optionRequest = (codes: readonly number[]): Option6 =>
	option(OPTION_REQUEST, codes.flatMap(u16));

/** Section 21.9: hundredths of a second since the first message of the exchange. */
export const elapsedTime = (hundredths: number): Option6 =>
	option(ELAPSED_TIME, u16(hundredths));

/** Section 21.16: an enterprise's number and one class of at most 65,535 characters. */
export const vendorClass = (enterprise: number, name: string): Option6 =>
	option(VENDOR_CLASS, [
		...u32(enterprise),
		...u16(name.length),
		...text(name),
	]);

/** RFC 4704 section 4: a host's name alone, one label of at most 63 characters, without the root behind. */
export const clientFqdn = (flags: number, host: string): Option6 =>
	option(CLIENT_FQDN, [flags & 7, host.length, ...text(host)]);

/** A client's message (RFC 8415 section 8); `transaction` has 24 bits. */
export const encodeDhcp6 = (
	type: typeof SOLICIT | typeof INFORMATION_REQUEST,
	transaction: number,
	options: readonly Option6[],
): Uint8Array =>
	Uint8Array.from([
		...u32(((type << 24) | (transaction & 0xffffff)) >>> 0),
		...options.flat(),
	]);
