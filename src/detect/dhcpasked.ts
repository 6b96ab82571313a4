/** Questions of ours that are remembered: each interface asks three in five minutes. */
const REMEMBERED = 256;

/**
 * The `xid`s of our own questions that leave nothing out (option 55 as Windows has it): a server that
 * leaves something out of its offer has none, so that it is told when it begins to name one.
 */
export interface DhcpAsked {
	add(xid: number): void;
	has(xid: number): boolean;
}

export function createDhcpAsked(): DhcpAsked {
	const xids = new Set<number>();
	return {
		add(xid) {
			xids.add(xid);
			const [oldest] = xids;
			if (xids.size > REMEMBERED && oldest !== undefined) xids.delete(oldest);
		},
		has: (xid) => xids.has(xid),
	};
}
