import t from "tap";
import { parseArp, parseNeighbours } from "../../src/watch/neighbours.ts";

t.test("IPv4's, as the kernel prints them", async (t) => {
	const text = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:00:00:00:00:01     *        eth0
192.0.2.2        0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.3        0x1         0x6         02:00:00:00:00:03     *        eth1
`;
	t.strictSame(
		[...parseArp(text)],
		[
			["192.0.2.1", "02:00:00:00:00:01"],
			["192.0.2.3", "02:00:00:00:00:03"],
		],
	);
	t.strictSame([...parseArp("")], []);
	t.strictSame([...parseArp("IP address\n\n192.0.2.1\n")], []);
});

t.test(
	"IPv6's, as ip(8) prints them; longer addresses are none of Ethernet's",
	async (t) => {
		const text = `fe80::2 dev eth0 lladdr 02:00:00:00:00:02 STALE
fe80::1 dev eth0 lladdr 02:00:00:00:00:01 router REACHABLE
fe80::3 dev eth0 FAILED
fe80::4 dev eth0  INCOMPLETE
2001:db8::5 dev eth1.10 lladdr 02:00:00:00:00:0a PERMANENT
fe80::6 dev ib0 lladdr 80:00:02:08:fe:80:00:00:00:00:00:00:f4:52:14:03:00:7b:cb:a1 STALE
fe80::7 dev eth0 lladdr 02:00:00:00:00:07
`;
		t.strictSame(
			[...parseNeighbours(text)],
			[
				["fe80::2", "02:00:00:00:00:02"],
				["fe80::1", "02:00:00:00:00:01"],
				["2001:db8::5", "02:00:00:00:00:0a"],
				["fe80::7", "02:00:00:00:00:07"],
			],
		);
		t.strictSame([...parseNeighbours("")], []);
	},
);
