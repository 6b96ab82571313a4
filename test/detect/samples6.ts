/** What an honest DHCPv6 server and an honest router say. */
import {
	dhcp6,
	dnsServers,
	dnssl,
	domainList,
	iaAddress,
	iaNa,
	prefix,
	ra,
	rdnss,
	serverId,
	sourceMac,
} from "../wire/answers6.ts";
import { advertise, answer, type From, GOOD } from "./rogues6.ts";

export const [GOOD_ID, EVIL_ID] = [
	"0001000100000001020000000002",
	"00030001020000000066",
];

export const offer = (id: string, ...more: Buffer[]) =>
	dhcp6(
		2,
		serverId(id),
		iaNa(1, 1800, 2880, iaAddress("2001:db8::7", 3600, 7200)),
		...more,
	);

/** The honest server's. */
export const goodOffer = answer(
	GOOD,
	offer(GOOD_ID, dnsServers("2001:db8::53"), domainList("example.org")),
);
/** What a router says that has a prefix and a DNS server. */
export const usual = (from: From, dns = "2001:db8::53") =>
	advertise(
		from,
		ra(
			{ flags: 0x40 },
			sourceMac(from.mac),
			prefix("2001:db8::", 64),
			rdnss(600, dns),
			dnssl(600, "example.org"),
		),
	);

/** The honest router's. */
export const goodRouter = usual(GOOD);
