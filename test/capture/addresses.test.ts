import t from "tap";
import {
	type InterfaceTable,
	ownAddresses,
	ownMacs,
	ownNetworks,
} from "../../src/capture/addresses.ts";
import { formatAddress, formatCidr } from "../../src/config/cidr.ts";

const mac = "02:00:00:00:00:01";

/** What os.networkInterfaces() answers of a host. */
const TABLE: InterfaceTable = {
	lo: [
		{
			address: "127.0.0.1",
			netmask: "255.0.0.0",
			family: "IPv4",
			mac: "00:00:00:00:00:00",
			internal: true,
			cidr: "127.0.0.1/8",
		},
	],
	eth0: [
		{
			address: "192.0.2.1",
			netmask: "255.255.255.0",
			family: "IPv4",
			mac,
			internal: false,
			cidr: "192.0.2.1/24",
		},
		{
			address: "2001:db8::1",
			netmask: "ffff:ffff:ffff:ffff::",
			family: "IPv6",
			mac,
			internal: false,
			cidr: "2001:db8::1/64",
			scopeid: 0,
		},
		{
			address: "fe80::1",
			netmask: "ffff:ffff:ffff:ffff::",
			family: "IPv6",
			mac,
			internal: false,
			cidr: "fe80::1/64",
			scopeid: 2,
		},
	],
	ppp0: [
		{
			address: "198.51.100.7",
			netmask: "255.255.255.255",
			family: "IPv4",
			mac,
			internal: false,
			cidr: "198.51.100.7/32",
		},
	],
	gone: undefined,
};

t.test("all addresses of this host", async (t) => {
	t.strictSame(ownAddresses(TABLE).map(formatAddress), [
		"127.0.0.1",
		"192.0.2.1",
		"2001:db8::1",
		"fe80::1",
		"198.51.100.7",
	]);
	t.strictSame(ownAddresses({}), []);
});

t.test("the networks it is in", async (t) => {
	t.strictSame(ownNetworks(TABLE).map(formatCidr), [
		"192.0.2.1/24",
		"2001:db8::1/64",
		"fe80::1/64",
		"198.51.100.7/32",
	]);
	t.strictSame(ownNetworks({}), []);
});

t.test("each MAC address once", async (t) => {
	t.same(ownMacs({}), []);
	t.same(ownMacs(TABLE), ["00:00:00:00:00:00", mac]);
});
