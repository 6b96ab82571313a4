/** TCP that must not ring, as frames with packet time: in both scopes, over IPv4 and IPv6. */
import t from "tap";
import {
	A,
	back,
	F,
	MSS,
	many,
	P,
	R,
	ROUTER,
	S,
	session,
	silent,
	type Timed,
	tcp,
} from "./chatter.ts";

const SERVED = [80, 443, 25, 993, 587, 22, 8080, 3306];

silent(t, {
	"200 HTTP requests from one client": ({ us, peer }) =>
		many(200, (i) =>
			session(i * 20, { from: peer, to: us, sport: 40_000 + i, dport: 80 }),
		),
	"8 served ports, sessions closed, reset by either side": ({ us, peer }) =>
		many(48, (i) =>
			session(
				i * 500,
				{ from: peer, to: us, sport: 40_000 + i, dport: SERVED[i % 8] ?? 0 },
				(["fin", "reset", "reset by server"] as const)[i % 3],
			),
		),
	"30 passive data connections": ({ us, peer }) =>
		many(30, (i) =>
			session(i * 100, {
				...{ from: peer, to: us, sport: 40_000 + i, dport: 50_000 + i * 7 },
			}),
		),
	"a health check each second": ({ us, peer }) =>
		many(120, (i) =>
			session(i * 1000, { from: peer, to: us, sport: 40_000 + i, dport: 8080 }),
		),
	"a monitoring host: six ports each 5 s": ({ us, peer }) =>
		many(120, (i) =>
			session(Math.floor(i / 6) * 5000 + (i % 6), {
				...{ from: peer, to: us },
				...{ sport: 40_000 + i, dport: SERVED[i % 6] ?? 0 },
			}),
		),
	"SYN, SYN|ACK and data repeated": ({ us, peer }) =>
		many(8, (i) => {
			const go = {
				from: peer,
				to: us,
				sport: 41_000 + i,
				dport: SERVED[i] ?? 0,
			};
			const syn = tcp({ ...go, flags: S });
			const answer = tcp({ ...back(go), flags: S | A });
			const data = tcp({ ...go, flags: P | A, data: 100 });
			const at = i * 100;
			return [
				...[0, 1000, 3000].map((ms): Timed => [at + ms, syn]),
				...[0.1, 1000.1, 3000.1].map((ms): Timed => [at + ms, answer]),
				...[6060, 6300, 7000].map((ms): Timed => [at + ms, data]),
				...session(at + 7100, go).slice(-3),
			];
		}),
	"clients that give up before the SYN|ACK comes": ({ us, peer }) =>
		many(8, (i) => {
			const go = {
				from: peer,
				to: us,
				sport: 41_000 + i,
				dport: SERVED[i] ?? 0,
			};
			return [
				[i * 2000, tcp({ ...go, flags: S })],
				[i * 2000 + 0.1, tcp({ ...back(go), flags: S | A })],
				[i * 2000 + 60, tcp({ ...go, flags: R })],
			];
		}),
	"a server that was restarted: data to ports closed just now": ({
		us,
		peer,
	}) =>
		many(8, (i) => {
			const go = {
				from: peer,
				to: us,
				sport: 41_000 + i,
				dport: SERVED[i] ?? 0,
			};
			const at = i * 1000;
			return [
				// the old process ends; what its client goes on sending finds nobody, then the new one serves
				[at, tcp({ ...back(go), flags: F | A })],
				[at + 1, tcp({ ...go, flags: A })],
				[at + 900, tcp({ ...go, flags: P | A, data: 100 })],
				[at + 900.1, tcp({ ...back(go), flags: R })],
				[at + 950, tcp({ ...go, sport: 42_000 + i, flags: S })],
				[at + 950.1, tcp({ ...back(go), dport: 42_000 + i, flags: R | A })],
				...session(at + 1200, { ...go, sport: 43_000 + i }),
			] as Timed[];
		}),
	"a server that crashed: old clients go on, nobody knows them": ({
		us,
		peer,
	}) =>
		many(4, (i) => {
			const dport = [22, 443, 3306, 8080][i] ?? 0;
			const go = { from: peer, to: us, sport: 41_000 + i, dport };
			return [
				[i * 1000, tcp({ ...go, flags: P | A, data: 100 })],
				[i * 1000 + 0.1, tcp({ ...back(go), flags: R })],
			];
		}),
	"connections that began before we did": ({ us, peer }) =>
		many(8, (i) => {
			const go = {
				from: peer,
				to: us,
				sport: 41_000 + i,
				dport: SERVED[i] ?? 0,
			};
			return [
				[i * 100, tcp({ ...go, flags: A })],
				[i * 100 + 10, tcp({ ...back(go), flags: P | A, data: 500 })],
				[i * 100 + 20, tcp({ ...go, flags: F | A })],
				[i * 100 + 21, tcp({ ...back(go), flags: F | A })],
				[i * 100 + 22, tcp({ ...go, flags: A })],
				[i * 100 + 30, tcp({ ...go, flags: R | A })],
			];
		}),
	"a small stack's long connections, both ways": ({ us, peer }) =>
		// lwIP and its like: no DF, no timestamps
		[23, 1883].flatMap((port, n) => {
			const go = { from: peer, to: us, sport: 41_000 + n, dport: port };
			const ours = { from: us, to: peer, sport: 42_000 + n, dport: port };
			const small = { df: false, options: "", window: 5744 };
			return [
				...session(n * 10, go).slice(0, 5),
				...session(n * 10 + 5, ours).slice(0, 5),
				...many(40, (i): Timed[] => [
					[1000 + i * 30_000, tcp({ ...go, ...small, flags: A })],
					[1001 + i * 30_000, tcp({ ...back(ours), ...small, flags: A })],
				]),
			];
		}),
	"our connections, refused and answered": ({ us, peer }) =>
		many(1000, (i) => {
			const go = { from: us, to: peer, sport: 33_000, dport: 1 + i };
			const open = i % 10 === 0;
			return [
				[i, tcp({ ...go, flags: S, options: MSS, df: false, window: 1024 })],
				[i + 0.2, tcp({ ...back(go), flags: open ? S | A : R | A })],
				...(open ? [[i + 0.3, tcp({ ...go, flags: R })] as Timed] : []),
			];
		}),
	"our own stealth scans": ({ us, peer }) =>
		many(1000, (i) => {
			const go = { from: us, to: peer, sport: 33_000, dport: 1 + i };
			const flags = [0, F, F | P | 32, A, F | A][i % 5] ?? 0;
			const bare = { options: "", df: false, window: 1024 };
			const answer = (flags & A) !== 0 ? R : R | A;
			return [
				[i, tcp({ ...go, ...bare, flags })],
				[i + 0.2, tcp({ ...back(go), flags: answer })],
			];
		}),
	"backscatter from services": ({ us, stranger }) =>
		many(4000, (i) => {
			const sport = [80, 443, 22, 25_565, 30_120][i % 5] ?? 0;
			const dport = 1 + ((i * 7919) % 65_000);
			const ends = { from: stranger(i % 4), to: us, fromMac: ROUTER };
			const go = { ...ends, sport, dport };
			// SYNPROXY answers with a window of 0
			const shape = i % 3 === 0 ? { options: MSS, window: 0 } : {};
			const flags = i % 2 === 0 ? S | A : R | A;
			const answered = flags === (S | A);
			return [
				[i, tcp({ ...go, ...(answered ? shape : {}), flags, ack: 7 })],
				...(answered
					? [[i + 0.1, tcp({ ...back(go), flags: R })] as Timed]
					: []),
			];
		}),
	"resets that answer a spoofed ACK flood elsewhere": ({ us, stranger }) =>
		many(2000, (i) => {
			const dport = 1 + ((i * 7919) % 65_000);
			const ends = { from: stranger(1), to: us, fromMac: ROUTER };
			return [[i, tcp({ ...ends, sport: 80, dport, flags: R })]];
		}),
});

silent(
	t,
	{
		"answers from far away": ({ us, peer }) =>
			many(8, (i) => {
				const dport = SERVED[i] ?? 0;
				const go = { from: peer, to: us, sport: 41_000 + i, dport };
				const late = { ...go, sport: 42_000 + i };
				return [
					[i * 2000, tcp({ ...go, flags: S })],
					[i * 2000 + 250, tcp({ ...back(go), flags: S | A })],
					[i * 2000 + 251, tcp({ ...go, flags: A })],
					[i * 2000 + 500, tcp({ ...late, flags: S })],
					[i * 2000 + 750, tcp({ ...back(late), flags: S | A })],
					[i * 2000 + 751, tcp({ ...late, flags: R })],
				] as Timed[];
			}),
	},
	{ segment: {} },
);
