import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import t from "tap";
import {
	boundSockets,
	createBound,
	TCP_LISTEN,
	takes,
	UDP_OPEN,
} from "../../src/capture/bound.ts";
import { parseAddress, type Words } from "../../src/config/cidr.ts";

const at = (text: string) => parseAddress(text) as Words;

/** As the kernel of a little-endian machine prints them. */
const HEAD =
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const TCP = `${HEAD}   0: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 010200C0:1F90 070200C0:9C40 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 0 10 -1
`;
const UDP = `${HEAD}  123: 010200C0:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4 2 0 0
  124: 010200C0:9C40 350200C0:0035 01 00000000:00000000 00:00000000 00000000     0        0 5 2 0 0
`;
const UDP6 = `${HEAD.replace("rem_address", "remote_address")}  125: 00000000000000000000000000000000:0045 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 6 2 0 0
  126: B80D0120000000000000000001000000:0222 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 7 2 0 0
`;

t.test("sockets that wait for anybody", async (t) => {
	t.strictSame(
		[...boundSockets(TCP, TCP_LISTEN)],
		["0100007F:0277", "00000000:0016"],
	);
	t.strictSame([...boundSockets(UDP, UDP_OPEN)], ["010200C0:0202"]);
	t.strictSame([...boundSockets("", UDP_OPEN)], []);
});

/** On a machine of the other byte order the files would look otherwise. */
t.test("a socket takes what comes to its address, or to any", async (t) => {
	const tcp = boundSockets(TCP, TCP_LISTEN);
	t.ok(takes(tcp, 22, at("192.0.2.1")), "0.0.0.0");
	t.notOk(takes(tcp, 22, at("2001:db8::1")), "0.0.0.0 is IPv4's only");
	t.notOk(takes(tcp, 23, at("192.0.2.1")));
	t.ok(takes(tcp, 631, at("127.0.0.1")));
	t.notOk(takes(tcp, 631, at("192.0.2.1")), "on loopback only");
	const udp = boundSockets(UDP + UDP6, UDP_OPEN);
	t.ok(takes(udp, 514, at("192.0.2.1")));
	t.notOk(takes(udp, 514, at("192.0.2.2")));
	t.ok(takes(udp, 69, at("2001:db8::1")), "::");
	t.ok(takes(udp, 69, at("192.0.2.1")), ":: takes IPv4 as well");
	t.ok(takes(udp, 546, at("2001:db8::1")));
	t.notOk(takes(udp, 546, at("2001:db8::2")));
});

t.test("what was read is believed for a second", async (t) => {
	let now = 5_000;
	let reads = 0;
	let udp = HEAD;
	const isBound = createBound(
		() => now,
		(name) => {
			reads++;
			return name === "udp" ? udp : HEAD;
		},
	);
	const host = at("192.0.2.1");
	t.equal(isBound("udp", 514, host), false);
	udp = UDP;
	now += 999;
	t.equal(isBound("udp", 514, host), false);
	t.equal(reads, 2, "udp and udp6");
	now += 1;
	t.equal(isBound("udp", 514, host), true);
	t.equal(isBound("tcp", 22, host), false);
	t.equal(reads, 6);
});

t.test("without /proc nobody knows", async (t) => {
	const none = createBound(
		() => 0,
		() => {
			throw new Error("ENOENT");
		},
	);
	t.equal(none("udp", 514, at("192.0.2.1")), undefined);
	const withoutIpv6 = createBound(
		() => 0,
		(name) => {
			if (name.endsWith("6")) throw new Error("ENOENT");
			return UDP;
		},
	);
	t.equal(withoutIpv6("udp", 514, at("192.0.2.1")), true);
});

t.test("this machine's own", async (t) => {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const socket = createSocket("udp6").bind(0, "::1");
	await once(socket, "listening");
	const { port } = server.address() as { port: number };
	const isBound = createBound(Date.now);
	t.equal(isBound("tcp", port, at("127.0.0.1")), true);
	t.equal(isBound("tcp", port, at("127.0.0.2")), false);
	t.equal(isBound("udp", socket.address().port, at("::1")), true);
	t.equal(isBound("udp", socket.address().port, at("::2")), false);
	socket.close();
	server.close();
});
