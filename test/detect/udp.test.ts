import t from "tap";
import { ICMP, icmp } from "../wire/frames.ts";
import { datagram, EVIL, HOST, packet, rings, type Timed } from "./drive.ts";

t.test("UDP", async (t) => {
	const at161 = `probe udp ${EVIL} ${HOST} 161`;
	const reply = datagram(40_000, { from: HOST, to: EVIL, sport: 161 });
	rings(t, "no answer", [[0, datagram(161)]], [`60 ${at161}`]);
	rings(
		t,
		"answered",
		[
			[0, datagram(161)],
			[59, reply],
		],
		[],
	);
	rings(
		t,
		"answered late",
		[
			[0, datagram(161)],
			[60, reply],
		],
		[`60 ${at161}`],
	);
	const quoted = datagram(161).subarray(14);
	const error = packet({ from: HOST, to: EVIL }, ICMP, icmp(3, 3, quoted));
	rings(
		t,
		"port unreachable",
		[
			[0, datagram(161)],
			[2, error],
		],
		[`6 ${at161}`],
	);
	const asked = datagram(161, { from: HOST, to: EVIL, sport: 4000 });
	const answered = datagram(4000, { sport: 161 });
	rings(
		t,
		"what we asked",
		[
			[0, asked],
			[119_000, answered],
		],
		[],
	);
	const again = [0, 100, 200].map((ms): Timed => [ms, datagram(161)]);
	rings(t, "repeated", again, [`60 ${at161}`, `700 ${at161} x2`]);
});
