/** UDP, ICMP and ARP that must not ring, as frames with packet time: in both scopes, over IPv4 and IPv6. */
import t from "tap";
import {
	back,
	icmp,
	many,
	ROUTER,
	S,
	silent,
	type Timed,
	tcp,
	udp,
	unreachable,
	whoHas,
} from "./chatter.ts";

silent(t, {
	"our own UDP scan": ({ us, peer }) =>
		many(500, (i) => {
			const go = { from: us, to: peer, sport: 40_000, dport: 1 + i, data: 0 };
			return [
				[i * 10, udp(go)],
				[i * 10 + 1, unreachable({ from: peer, to: us }, udp(go))],
			];
		}),
	"DNS and NTP replies, in time and after our socket closed": ({
		us,
		stranger,
	}) =>
		many(60, (i) => {
			const dport = i % 2 === 0 ? 53 : 123;
			const from = us;
			const go = {
				from,
				to: stranger(i),
				sport: 33_000 + i,
				dport,
				toMac: ROUTER,
			};
			const answer = udp({ ...back(go), data: 100 });
			return [
				[i * 50, udp(go)],
				[i * 50 + 200, answer],
				[i * 50 + 200.1, unreachable({ from: us, to: go.to }, answer)],
			];
		}),
	"late replies to questions we never saw": ({ us, stranger }) =>
		many(60, (i) => {
			const sport = i % 2 === 0 ? 53 : 123;
			const ends = { from: stranger(i % 3), to: us, fromMac: ROUTER };
			const answer = udp({ ...ends, sport, dport: 33_000 + i * 50 });
			return [
				[i * 50, answer],
				[i * 50 + 0.1, unreachable({ from: us, to: ends.from }, answer)],
			];
		}),
	"a busy DNS server": ({ us, stranger }) =>
		many(1000, (i) => {
			const go = { from: stranger(i), to: us, sport: 30_000 + i, dport: 53 };
			const query = { ...go, fromMac: ROUTER };
			return [
				[i, udp(query)],
				[i + 0.5, udp({ ...back(query), data: 120 })],
			];
		}),
	"syslog that nobody answers": ({ us, peer }) =>
		many(300, (i) => [
			[i * 50, udp({ from: peer, to: us, sport: 514, dport: 514 })],
		]),
	"ICMP errors that answer a flood elsewhere": ({ us, stranger }) =>
		many(500, (i) => {
			const [from, victim] = [stranger(7), stranger(8)];
			const go = { from: us, to: victim, sport: 1 + i * 13, dport: 80 };
			const ends = { from, to: us, fromMac: ROUTER };
			return [[i, unreachable(ends, tcp({ ...go, flags: S }))]];
		}),
	"traceroute by UDP": ({ us, peer }) =>
		many(48, (i) => {
			const go = { from: peer, to: us, sport: 40_000 + i, dport: 33_434 + i };
			const ttl = 1 + (i % 8);
			const probe = udp({ ...go, ttl, data: 32 });
			return [
				[i * 30, probe],
				[i * 30 + 0.1, unreachable({ from: us, to: peer }, probe)],
			];
		}),
	"searches to everybody and their answers": ({ us, peer, all }) =>
		many(40, (i) => {
			const toMac = "01:00:5e:7f:ff:fa";
			const port = [137, 1900, 5353, 5355][i % 4] ?? 0;
			const from = i % 8 < 4 ? us : peer;
			const go = { from, to: all, toMac, sport: 45_000 + i, dport: port };
			const reply = { sport: port, dport: 45_000 + i, to: from };
			return [
				[i * 100, udp(go)],
				...many(30, (n): Timed[] => [
					[
						i * 100 + n,
						udp({
							...reply,
							from: n % 2 ? peer : all.replace(/255$|1$/, `${50 + n}`),
						}),
					],
				]),
			];
		}),
	"announcements, and neighbours looked for now and then": ({ us, peer }) =>
		peer.includes(":")
			? []
			: many(30, (i) => [
					[i * 4000, whoHas(peer, `10.77.0.${20 + i}`)],
					[i * 4000 + 10, whoHas(peer, peer)],
					[i * 4000 + 20, whoHas(peer, us)],
				]),
	"our own pings and their replies": ({ us, stranger }) =>
		many(100, (i) => {
			const type = us.includes(":") ? [128, 129] : [8, 0];
			const [from, to] = [us, stranger(i % 20)];
			return [
				[i * 10, icmp({ from, to, toMac: ROUTER }, type[0] ?? 0)],
				[
					i * 10 + 5,
					icmp({ from: to, to: from, fromMac: ROUTER }, type[1] ?? 0),
				],
			];
		}),
});
