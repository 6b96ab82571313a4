import { formatAddress } from "./address.ts";
import { i32 } from "./bytes.ts";

/** Bytes of an IPv6 address. */
export const ADDRESS6 = 16;

/** Addresses that are read of one list; nobody has so many DNS servers. */
const MAX_LIST = 16;

/** The IPv6 address at `o` as text; the caller has checked the bounds. */
export const addressAt = (b: Uint8Array, o: number): string =>
	formatAddress(i32(b, o), i32(b, o + 4), i32(b, o + 8), i32(b, o + 12));

/** The addresses that lie one behind the other from `from` to below `to`, the first ones. */
export function addressList(b: Uint8Array, from: number, to: number): string[] {
	const list: string[] = [];
	const last = Math.min(to, from + MAX_LIST * ADDRESS6);
	for (let o = from; o + ADDRESS6 <= last; o += ADDRESS6)
		list.push(addressAt(b, o));
	return list;
}

/** Whether an address, as `formatAddress` prints it, is in fe80::/10 (RFC 4291 section 2.5.6). */
export const isLinkLocal = (address: string): boolean =>
	/^fe[89ab][\da-f]:/.test(address);
