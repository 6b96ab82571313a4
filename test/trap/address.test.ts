import t from "tap";
import { bareAddress, parseSockaddr } from "../../src/trap/address.ts";

t.test("an address is printed bare", async (t) => {
	t.same(bareAddress("192.0.2.7", 1), { ip: "192.0.2.7", port: 1 });
	t.same(bareAddress("::ffff:192.0.2.7", 1), { ip: "192.0.2.7", port: 1 });
	t.same(bareAddress("::FFFF:192.0.2.7", 1), { ip: "192.0.2.7", port: 1 });
	t.same(bareAddress("::ffff:1", 1), { ip: "::ffff:1", port: 1 });
	t.same(bareAddress("fe80::1%eth0", 1), {
		ip: "fe80::1",
		port: 1,
		zone: "eth0",
	});
	t.same(bareAddress("fe80::1", 1, "3"), { ip: "fe80::1", port: 1, zone: "3" });
});

/** A struct sockaddr of this machine: family in its byte order, the rest as on the wire. */
function sockaddr(family: number, hex: string): Buffer {
	const head = Buffer.from(new Uint16Array([family]).buffer);
	return Buffer.concat([head, Buffer.from(hex.replaceAll(" ", ""), "hex")]);
}

t.test("sockaddr_in", async (t) => {
	const raw = sockaddr(2, "9d78 c0000207 0000000000000000");
	t.same(parseSockaddr(raw), { ip: "192.0.2.7", port: 40312 });
	t.equal(parseSockaddr(raw.subarray(0, 15)), undefined);
});

t.test("sockaddr_in6, shortened as RFC 5952 says", async (t) => {
	const six = (address: string, scope = 0) => {
		const zone = Buffer.from(new Uint32Array([scope]).buffer).toString("hex");
		return parseSockaddr(sockaddr(10, `0001 00000000 ${address} ${zone}`));
	};
	t.same(six("20010db8 00000000 00000000 00000007"), {
		ip: "2001:db8::7",
		port: 1,
	});
	t.same(six("20010db8 00000001 00000000 00000007"), {
		ip: "2001:db8:0:1::7",
		port: 1,
	});
	t.same(six("20010db8 00000000 00010000 00000007"), {
		ip: "2001:db8::1:0:0:7",
		port: 1,
	});
	t.same(six("00000000 00000000 00000000 00000001"), { ip: "::1", port: 1 });
	t.same(six("00000000 00000000 0000ffff c0000207"), {
		ip: "192.0.2.7",
		port: 1,
	});
	t.same(six("fe800000 00000000 00000000 00000001", 3), {
		ip: "fe80::1",
		port: 1,
		zone: "3",
	});
});

t.test("another family is no address", async (t) => {
	t.equal(
		parseSockaddr(sockaddr(1, "2f746d702f780000000000000000")),
		undefined,
	);
	t.equal(parseSockaddr(Buffer.alloc(0)), undefined);
	t.equal(parseSockaddr(sockaddr(10, "00010000000020010db80000")), undefined);
});
