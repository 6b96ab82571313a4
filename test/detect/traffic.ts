/** Traffic of all sorts, for property tests. */
import fc from "fast-check";
import type { WireAlert } from "../../src/alert/alert.ts";
import type { Scope } from "../../src/config/watch.ts";
import {
	A,
	ethernet,
	F,
	fragmented,
	IP4,
	R,
	S,
	TCP,
	tcp,
} from "../wire/frames.ts";
import {
	accepts,
	connect,
	datagram,
	HOST,
	nmap,
	OTHER,
	ping,
	refuses,
	type Setting,
	segment,
	soliciting,
	type Timed,
	whoHas,
} from "./drive.ts";

const attackers = ["198.51.100.7", "198.51.100.8", "203.0.113.9", OTHER];
const source = fc.constantFrom(...attackers);
const port = fc.oneof(fc.integer({ min: 20, max: 30 }), fc.nat(65_535));
const target = fc.constantFrom(HOST, OTHER);
const sport = fc.constantFrom(40_000, 40_001, 50_000);

/** A frame of a scanner, a client or a host that answers. */
const frame: fc.Arbitrary<Buffer> = fc
	.record({
		what: fc.nat(13),
		from: source,
		to: target,
		port,
		sport,
		n: fc.nat(200),
	})
	.map(({ what, from, to, port, sport, n }) => {
		const ends = { from, to, sport, seq: n + 1, id: n };
		const back = { from: to, to: from, dport: sport };
		const makers = [
			() => nmap(port, ends),
			() => nmap(port, ends),
			() => connect(port, ends),
			() => connect(port, ends),
			() => accepts(port, back),
			() => refuses(port, back),
			() => segment({ ...ends, dport: port, flags: R, window: 0, df: false }),
			() =>
				segment({ ...ends, dport: port, flags: A, window: 1024, df: false }),
			() =>
				segment({
					...ends,
					dport: port,
					flags: F | (n & 1 ? A : 0),
					df: false,
				}),
			() => datagram(port, { ...ends, data: n & 7 }),
			() => ping(ends),
			() => whoHas(`192.0.2.${n}`, from),
			() => soliciting(`2001:db8::${n}`),
			() => firstFragment(from, to, port, n),
		];
		return makers[what]?.() ?? Buffer.alloc(0);
	});

const firstFragment = (from: string, to: string, dport: number, id: number) => {
	const syn = tcp({ sport: 40_000, dport, flags: S });
	const parts = fragmented({ from, to, id }, TCP, syn, 8);
	return ethernet(IP4, parts[id % parts.length] as Buffer);
};

const pause = fc.oneof(fc.nat(20), fc.nat(400), fc.nat(5000), fc.nat(90_000));
/** Up to 120 frames, moments or minutes apart. */
export const traffic = fc
	.array(fc.tuple(pause, frame), { maxLength: 120, size: "max" })
	.map((steps) => {
		let now = 0;
		return steps.map(([ms, bytes]): Timed => {
			now += ms;
			return [now, bytes];
		});
	});
export const setting: fc.Arbitrary<Setting> = fc.record({
	scope: fc.constantFrom<Scope>("host", "segment"),
	seed: fc.integer(),
	watched: fc.constantFrom([23], [22, 23, 24, 25, 161]),
});

export const json = (alerts: readonly WireAlert[]) => JSON.stringify(alerts);
