import koffi, { type LibraryHandle } from "koffi";
import type { Handle, Libpcap, LiveOptions, OpenError } from "./handle.ts";
import { createNetdevice } from "./netdevice.ts";
import { SNAPLEN } from "./record.ts";

/**
 * libpcap through koffi: with netdevice.ts the only file of tocsin's with native calls. A batch of packets costs a handful
 * of calls whatever its size: libpcap's own pcap_dump is the callback of pcap_dispatch and writes the
 * records into memory that JavaScript sees.
 */

/** <pcap/pcap.h> */
const PCAP_ERROR_NO_SUCH_DEVICE = -5;
const PCAP_ERROR_PERM_DENIED = -8;
const PCAP_ERROR_IFACE_NOT_UP = -9;
const PCAP_ERROR_PROMISC_PERM_DENIED = -11;
const PCAP_ERRBUF_SIZE = 256;
const PCAP_NETMASK_UNKNOWN = 0xffffffff;
/** <linux/if_packet.h> */
const SOL_PACKET = 263;
const PACKET_IGNORE_OUTGOING = 23;
/** <poll.h>, <sys/eventfd.h> */
export const POLLIN = 1;
const EFD_CLOEXEC = 0o2000000;
const EFD_NONBLOCK = 0o4000;
/** Bytes of a file's header (pcap-savefile(5)), written once before the records. */
const FILE_HEADER = 24;
/** Bytes of a record's header in the buffer: four words in the machine's byte order. */
const RECORD_HEADER = 16;

/** Packets a batch; the buffer has room for as many of full length. */
const BATCH = 1024;
/** ms after which a block that isn't full is handed over: what bounds the time from packet to alert. */
const TIMEOUT_MS = 10;
/** Bytes of a block, as libpcap makes them. */
const BLOCK = 131_072;
/** ms that we may pause: a small ring's blocks wait longer to be full, or a trickle would use them up. */
const PAUSE_MS = 160;

const NAMES = ["libpcap.so.0.8", "libpcap.so.1", "libpcap.so"];

/** Loads libpcap: `TOCSIN_LIBPCAP` names the file, else the system's; an error where there is none. */
function loadLibrary(): LibraryHandle {
	const given = process.env.TOCSIN_LIBPCAP;
	let last: unknown;
	for (const name of given ? [given] : NAMES) {
		try {
			return koffi.load(name);
		} catch (error) {
			last = error;
		}
	}
	throw last;
}

function declare(pcap: LibraryHandle) {
	const libc = koffi.load("libc.so.6");
	const f = (text: string) => pcap.func(text);
	return {
		libc,
		version: f("const char *pcap_lib_version()"),
		create: f("void *pcap_create(const char *device, void *errbuf)"),
		snaplen: f("int pcap_set_snaplen(void *p, int bytes)"),
		promisc: f("int pcap_set_promisc(void *p, int on)"),
		timeout: f("int pcap_set_timeout(void *p, int ms)"),
		ring: f("int pcap_set_buffer_size(void *p, int bytes)"),
		activate: f("int pcap_activate(void *p)"),
		nonblock: f("int pcap_setnonblock(void *p, int on, void *errbuf)"),
		datalink: f("int pcap_datalink(void *p)"),
		fd: f("int pcap_get_selectable_fd(void *p)"),
		geterr: f("const char *pcap_geterr(void *p)"),
		statustostr: f("const char *pcap_statustostr(int error)"),
		compile: f(
			"int pcap_compile(void *p, void *program, const char *text, int optimize, uint32_t netmask)",
		),
		setfilter: f("int pcap_setfilter(void *p, void *program)"),
		freecode: f("void pcap_freecode(void *program)"),
		stats: f("int pcap_stats(void *p, void *stats)"),
		close: f("void pcap_close(void *p)"),
		dumpOpen: f("void *pcap_dump_fopen(void *p, void *file)"),
		dispatch: f(
			"int pcap_dispatch(void *p, int count, void *callback, void *user)",
		),
		dump: pcap.symbol("pcap_dump"),
		fmemopen: libc.func("void *fmemopen(void *memory, size_t size, str mode)"),
		fflush: libc.func("int fflush(void *file)"),
		ftell: libc.func("long ftell(void *file)"),
		rewind: libc.func("void rewind(void *file)"),
		fclose: libc.func("int fclose(void *file)"),
		poll: libc.func("int poll(void *fds, unsigned long count, int timeout)"),
		setsockopt: libc.func(
			"int setsockopt(int fd, int level, int name, void *value, uint32_t size)",
		),
		eventfd: libc.func("int eventfd(unsigned int value, int flags)"),
	};
}
type Calls = ReturnType<typeof declare>;
type Pointer = unknown;

function openError(calls: Calls, p: Pointer, code: number): OpenError {
	const reason = calls.statustostr(code);
	const detail = calls.geterr(p);
	const message = detail && detail !== reason ? `${reason}: ${detail}` : reason;
	switch (code) {
		case PCAP_ERROR_PERM_DENIED:
		case PCAP_ERROR_PROMISC_PERM_DENIED:
			return { kind: "permission", message };
		case PCAP_ERROR_IFACE_NOT_UP:
			return { kind: "down", message };
		case PCAP_ERROR_NO_SUCH_DEVICE:
			return { kind: "missing", message };
		default:
			return { kind: "other", message };
	}
}

/** pcap_dump's way into memory; the header that it writes first is dropped. */
function memoryFile(calls: Calls, p: Pointer) {
	const memory = new Uint8Array(
		BATCH * (SNAPLEN + RECORD_HEADER) + FILE_HEADER,
	);
	const file = calls.fmemopen(memory, memory.length, "w");
	if (!file) return undefined;
	const dumper = calls.dumpOpen(p, file);
	calls.rewind(file);
	return { memory, file, dumper };
}

function createHandle(calls: Calls, p: Pointer, name: string): Handle {
	const out = memoryFile(calls, p);
	const stats = new Uint32Array(3);
	return {
		name,
		linktype: calls.datalink(p),
		fd: calls.fd(p),
		buffer: out?.memory ?? new Uint8Array(0),
		read() {
			if (!out) return "no memory";
			const count = calls.dispatch(p, BATCH, calls.dump, out.dumper);
			if (count < 0) return calls.geterr(p) as string;
			if (count === 0) return 0;
			calls.fflush(out.file);
			const bytes = calls.ftell(out.file);
			calls.rewind(out.file);
			return Number(bytes);
		},
		setFilter(expression) {
			const program = new BigUint64Array(2); // struct bpf_program
			const bad =
				calls.compile(p, program, expression, 1, PCAP_NETMASK_UNKNOWN) < 0 ||
				calls.setfilter(p, program) < 0;
			const why = bad ? (calls.geterr(p) as string) : undefined;
			calls.freecode(program);
			return why;
		},
		counters() {
			calls.stats(p, stats);
			const [received = 0, dropped = 0, interfaceDropped = 0] = stats;
			return { received, dropped, interfaceDropped };
		},
		close() {
			calls.close(p);
			if (out) calls.fclose(out.file);
		},
	};
}

/** libpcap would throw them away only after the kernel has handed them over; Linux before 4.20 can't. */
function ignoreOutgoing(calls: Calls, p: Pointer): void {
	const yes = new Int32Array([1]);
	const { setsockopt, fd } = calls;
	setsockopt(fd(p), SOL_PACKET, PACKET_IGNORE_OUTGOING, yes, yes.byteLength);
}

function open(
	calls: Calls,
	name: string,
	options: LiveOptions,
): Handle | OpenError {
	const errbuf = Buffer.alloc(PCAP_ERRBUF_SIZE);
	const text = () => errbuf.toString("latin1").replace(/\0.*/s, "");
	const p = calls.create(name, errbuf);
	if (!p) return { kind: "other", message: text() };
	calls.snaplen(p, SNAPLEN);
	calls.promisc(p, options.promiscuous ? 1 : 0);
	const share = (PAUSE_MS * BLOCK) / options.ring;
	calls.timeout(p, Math.ceil(Math.max(TIMEOUT_MS, share)));
	calls.ring(p, options.ring);
	const code = calls.activate(p);
	if (code < 0) {
		const error = openError(calls, p, code);
		calls.close(p);
		return error;
	}
	calls.nonblock(p, 1, errbuf);
	if (options.isOnlyIncoming) ignoreOutgoing(calls, p);
	return createHandle(calls, p, name);
}

/** poll(2) in a thread of its own; it costs nothing while nothing comes. */
function poll(calls: Calls, fds: number[]): Promise<number[]> {
	const set = new Int16Array(fds.length * 4); // struct pollfd: int fd; short events, revents
	const words = new Int32Array(set.buffer);
	for (const [i, fd] of fds.entries()) {
		words[i * 2] = fd;
		set[i * 4 + 2] = POLLIN;
	}
	return new Promise((resolve) => {
		calls.poll.async(set, fds.length, -1, () => {
			resolve(fds.flatMap((_, i) => (set[i * 4 + 3] ? [i] : [])));
		});
	});
}

/** libpcap, or the sentence of the loader where there is none. */
export function loadLibpcap(): Libpcap | string {
	let calls: Calls;
	try {
		calls = declare(loadLibrary());
	} catch (error) {
		return (error as Error).message;
	}
	return {
		version: calls.version(),
		...createNetdevice(calls.libc),
		open: (name, options) => open(calls, name, options),
		poll: (fds) => poll(calls, fds),
		eventfd: () => calls.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
}
