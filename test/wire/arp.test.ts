import t from "tap";
import { Kind } from "../../src/wire/packet.ts";
import { ARP, arp, decoded, ethernet, hex } from "./frames.ts";

t.test("a question, from zeek-arp-who-has.pcap", async (t) => {
	const frame = hex(`
		ffff ffff ffff 7831 c1c6 3fc2 0806 0001
		0800 0604 0001 7831 c1c6 3fc2 0a00 0002
		0000 0000 0000 0a00 0001`);
	t.match(decoded(frame), {
		kind: Kind.Arp,
		toMany: true,
		mac: "78:31:c1:c6:3f:c2",
		source: "10.0.0.2",
		destination: "10.0.0.1",
		sport: 1,
		dport: 0,
		version: 0,
		protocol: 0,
		length: 0,
	});
});

t.test("an answer", async (t) => {
	const answer = arp({ operation: 2, from: "192.0.2.1", to: "192.0.2.7" });
	t.match(decoded(ethernet(ARP, answer)), {
		kind: Kind.Arp,
		toMany: false,
		source: "192.0.2.1",
		destination: "192.0.2.7",
		sport: 2,
	});
});

t.test(
	"RFC 826 for anything but IPv4 over 6-byte addresses is nothing",
	async (t) => {
		const good = arp({ from: "192.0.2.1", to: "192.0.2.7" });
		for (const [at, value] of [
			[3, 0x06],
			[4, 8],
			[5, 16],
		] as const) {
			const bad = Buffer.from(good);
			bad[at] = value;
			t.equal(decoded(ethernet(ARP, bad)).kind, Kind.Other, `byte ${at}`);
		}
		const short = ethernet(ARP, good.subarray(0, 27));
		t.equal(decoded(short).kind, Kind.Other, "27 of 28 bytes");
	},
);
