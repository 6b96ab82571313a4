import type { LibraryHandle } from "koffi";
import { formatMac } from "../wire/address.ts";
import { isLittleEndian } from "../wire/bytes.ts";
import { interfaceNames } from "./devices.ts";
import type { Interface, Libpcap } from "./handle.ts";

/** <net/if.h>, <linux/sockios.h>, <net/if_arp.h> */
const IFF_UP = 1;
const IFF_LOOPBACK = 8;
const IFNAMSIZ = 16;
const IFREQ = 40;
const SIOCGIFFLAGS = 0x8913;
const SIOCGIFHWADDR = 0x8927;
const SIOCGIFINDEX = 0x8933;
const ARPHRD_ETHER = 1;
/** <sys/socket.h> */
const AF_INET = 2;
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
/** <linux/if_packet.h> */
const SOL_PACKET = 263;
const PACKET_QDISC_BYPASS = 20;
/** Bytes of struct sockaddr_ll (<linux/if_packet.h>). */
const SOCKADDR_LL = 20;

function declare(libc: LibraryHandle) {
	return {
		socket: libc.func("int socket(int family, int type, int protocol)"),
		ioctl: libc.func("int ioctl(int fd, unsigned long request, void *ifreq)"),
		setsockopt: libc.func(
			"int setsockopt(int fd, int level, int name, const void *value, uint32_t size)",
		),
		sendto: libc.func(
			"long sendto(int fd, const void *frame, size_t size, int flags, const void *to, uint32_t length)",
		),
	};
}

/** struct sockaddr: a family of two bytes, then the address. */
function macOf(sockaddr: DataView | undefined): string | undefined {
	if (sockaddr?.getUint16(0, isLittleEndian) !== ARPHRD_ETHER) return undefined;
	return formatMac(sockaddr.getUint16(2), sockaddr.getUint32(4));
}

/**
 * The network interfaces of this namespace by netdevice(7), and frames sent from them by packet(7).
 * pcap_findalldevs asks about much else (USB, netfilter, D-Bus), which costs milliseconds each time.
 */
export function createNetdevice(
	libc: LibraryHandle,
): Pick<Libpcap, "interfaces" | "send"> {
	const calls = declare(libc);
	const inet: number = calls.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	let packet = -1;
	/** Where frames go, by the interface's name; its number changes when it is plugged in again. */
	const targets = new Map<string, Uint8Array>();

	/** What the kernel answers of an interface: struct ifreq behind the name. */
	function ask(name: string, request: number): DataView | undefined {
		const ifreq = new Uint8Array(IFREQ);
		ifreq.set(Buffer.from(name, "latin1").subarray(0, IFNAMSIZ - 1));
		if (calls.ioctl(inet, request, ifreq) !== 0) return undefined;
		return new DataView(ifreq.buffer, IFNAMSIZ);
	}

	/** A socket of protocol 0 hears nothing; what it sends is not captured anew, which would cost more than the sending. */
	function openPacket(): number {
		const fd: number = calls.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
		const yes = new Int32Array([1]);
		const size = yes.byteLength;
		calls.setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, yes, size);
		return fd;
	}

	/** struct sockaddr_ll of an interface. */
	function targetOf(name: string): Uint8Array | undefined {
		const known = targets.get(name);
		if (known) return known;
		const index = ask(name, SIOCGIFINDEX)?.getInt32(0, isLittleEndian);
		if (index === undefined) return undefined;
		const to = new Uint8Array(SOCKADDR_LL);
		const view = new DataView(to.buffer);
		view.setUint16(0, AF_PACKET, isLittleEndian);
		view.setInt32(4, index, isLittleEndian);
		targets.set(name, to);
		return to;
	}

	return {
		interfaces() {
			targets.clear();
			let names: string[];
			try {
				names = interfaceNames();
			} catch (error) {
				return (error as Error).message;
			}
			return names.map((name): Interface => {
				const flags = ask(name, SIOCGIFFLAGS)?.getUint16(0, isLittleEndian);
				return {
					name,
					mac: macOf(ask(name, SIOCGIFHWADDR)),
					isLoopback: ((flags ?? 0) & IFF_LOOPBACK) !== 0,
					isUp: ((flags ?? 0) & IFF_UP) !== 0,
				};
			});
		},
		send(name, frame) {
			if (packet < 0) packet = openPacket();
			if (packet < 0) return "no right to send frames (CAP_NET_RAW)";
			const to = targetOf(name);
			if (!to) return `${name} is gone`;
			const size = frame.length;
			const sent = calls.sendto(
				packet,
				frame,
				size,
				MSG_DONTWAIT,
				to,
				SOCKADDR_LL,
			);
			return Number(sent) === size ? undefined : `${name} takes no frame`;
		},
	};
}
