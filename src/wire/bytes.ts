/** Big-endian reads without an object in between; the caller has checked the bounds. */
export const u16 = (b: Uint8Array, o: number): number =>
	((b[o] as number) << 8) | (b[o + 1] as number);

/** 32 bits as a signed integer. */
export const i32 = (b: Uint8Array, o: number): number =>
	((b[o] as number) << 24) |
	((b[o + 1] as number) << 16) |
	((b[o + 2] as number) << 8) |
	(b[o + 3] as number);

/** This machine's byte order: that of libpcap's records and the kernel's structures. */
export const isLittleEndian =
	new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
