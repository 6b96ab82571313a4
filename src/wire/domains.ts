/** Bytes of a label and of a name with its lengths (RFC 1035 section 2.3.4). */
const MAX_LABEL = 63;
const MAX_NAME = 255;
/** Names that are read of one list. */
const MAX_LIST = 16;

/** Names of DNS, a character for each byte whatever it is. */
export interface DomainList {
	names: string[];
	/** A label runs past the end or is longer than the RFC allows; the names before it were read. */
	malformed: boolean;
}

/**
 * Names in the wire's form one behind the other, without compression, as DHCPv6 (RFC 8415 section 10) and
 * router advertisements (RFC 8106 section 5.2) hold them. Empty ones are padding.
 */
export function domainList(
	b: Uint8Array,
	from: number,
	to: number,
): DomainList {
	const names: string[] = [];
	let [name, begun] = ["", from];
	for (let o = from; o < to && names.length < MAX_LIST; ) {
		const size = b[o] as number;
		const end = o + 1 + size;
		if (size > MAX_LABEL || end > to || end - begun > MAX_NAME)
			return { names, malformed: true };
		if (size === 0) {
			if (name) names.push(name);
			[name, begun] = ["", end];
		} else {
			const label = String.fromCharCode(...b.subarray(o + 1, end));
			name = name ? `${name}.${label}` : label;
		}
		o = end;
	}
	return { names, malformed: name !== "" };
}
