/** In a sandbox: whether an interface is a bridge's port is told by sysfs. */
import type { NetworkInterfaceInfo } from "node:os";
import fc from "fast-check";
import t from "tap";
import type { Interface } from "../../src/capture/handle.ts";
import { lureInterface, lureInterfaces } from "../../src/watch/lures.ts";
import { formatAddress } from "../../src/wire/address.ts";
import { enterSandbox, must, peer } from "../system/harness.ts";

enterSandbox(import.meta.url);

const MASKS: Record<number, string> = {
	8: "255.0.0.0",
	16: "255.255.0.0",
	22: "255.255.252.0",
	24: "255.255.255.0",
	30: "255.255.255.252",
	31: "255.255.255.254",
	32: "255.255.255.255",
};

/** An address as os.networkInterfaces() lists it. */
function info(cidr: string): NetworkInterfaceInfo {
	const [address = "", bits] = cidr.split("/");
	const common = { address, cidr, mac: "02:00:00:00:00:01", internal: false };
	return address.includes(":")
		? { ...common, family: "IPv6", netmask: "ffff::", scopeid: 2 }
		: { ...common, family: "IPv4", netmask: MASKS[Number(bits)] ?? "" };
}

const device = (name: string, change: Partial<Interface> = {}): Interface => ({
	name,
	mac: "02:00:00:00:00:01",
	isLoopback: false,
	isUp: true,
	...change,
});

const eth0 = { name: "eth0", mac: "02:00:00:00:00:01" };
const addresses = (...cidrs: string[]) =>
	lureInterface(eth0, { eth0: cidrs.map(info) });

t.test("broadcast addresses", async (t) => {
	const cases: [cidr: string, broadcast: string][] = [
		["192.0.2.1/24", "192.0.2.255"],
		["10.1.2.3/8", "10.255.255.255"],
		["172.16.5.9/16", "172.16.255.255"],
		["192.168.5.1/22", "192.168.7.255"],
		["198.51.100.5/30", "198.51.100.7"],
	];
	for (const [cidr, broadcast] of cases) {
		const [address = ""] = cidr.split("/");
		t.strictSame(addresses(cidr).ipv4, [{ address, broadcast }], cidr);
	}
	t.strictSame(addresses("192.0.2.1/24", "10.1.2.3/8").ipv4, [
		{ address: "192.0.2.1", broadcast: "192.0.2.255" },
		{ address: "10.1.2.3", broadcast: "10.255.255.255" },
	]);
});

t.test("any network's broadcast address", async () => {
	fc.assert(
		fc.property(fc.integer(), fc.integer({ min: 1, max: 30 }), (word, bits) => {
			const text = (w: number) => formatAddress(0, 0, 0xffff, w);
			const mask = -1 << (32 - bits);
			const address = text(word);
			const one = {
				...info("192.0.2.1/24"),
				address,
				netmask: text(mask),
				cidr: `${address}/${bits}`,
			};
			const { ipv4 } = lureInterface(eth0, { eth0: [one] } as never);
			return ipv4[0]?.broadcast === text(word | ~mask | 0);
		}),
	);
});

t.test("no broadcast without one: /31 and /32", async (t) => {
	t.strictSame(addresses("192.0.2.0/31", "192.0.2.9/32").ipv4, []);
	t.strictSame(addresses("192.0.2.0/31", "192.0.2.1/30").ipv4, [
		{ address: "192.0.2.1", broadcast: "192.0.2.3" },
	]);
});

t.test("of IPv6 link-local addresses only", async (t) => {
	t.strictSame(
		addresses(
			"2001:db8::1/64",
			"fe80::1/64",
			"fd00::fe80/64",
			"febf::2/10",
			"fec0::1/64",
			"::1/128",
		).ipv6,
		["fe80::1", "febf::2"],
	);
});

t.test("an interface as it is", async (t) => {
	t.strictSame(addresses("192.0.2.1/24", "fe80::1/64"), {
		name: "eth0",
		mac: "02:00:00:00:00:01",
		ipv4: [{ address: "192.0.2.1", broadcast: "192.0.2.255" }],
		ipv6: ["fe80::1"],
	});
	t.strictSame(lureInterface({ name: "tun0", mac: undefined }, {}), {
		name: "tun0",
		mac: undefined,
		ipv4: [],
		ipv6: [],
	});
});

const table = Object.fromEntries(
	["lo", "eth0", "eth1", "veth7", "br0"].map((name) => [
		name,
		[info("192.0.2.1/24")],
	]),
);
const names = (
	found: readonly Interface[] | string,
	patterns: readonly string[] = [],
) =>
	lureInterfaces(
		{ interfaces: () => found as Interface[] },
		patterns,
		table,
	).map(({ name }) => name);

t.test("those that are up, wanted and no loopback", async (t) => {
	const all = [
		device("lo", { isLoopback: true, mac: undefined }),
		device("eth0"),
		device("eth1", { isUp: false }),
		device("veth7"),
	];
	t.strictSame(names(all), ["eth0", "veth7"]);
	t.strictSame(names(all, ["eth*"]), ["eth0"]);
	t.strictSame(names(all, ["!veth*"]), ["eth0"]);
	t.strictSame(names(all, ["lo"]), [], "loopback isn't asked, wanted or not");
	t.strictSame(names([]), []);
	t.strictSame(names("can't read /proc/self/net/dev"), []);
	t.strictSame(lureInterfaces({ interfaces: () => all }, ["eth0"], table), [
		{
			name: "eth0",
			mac: "02:00:00:00:00:01",
			ipv4: [{ address: "192.0.2.1", broadcast: "192.0.2.255" }],
			ipv6: [],
		},
	]);
});

t.test("a bridge asks for its ports", async (t) => {
	await must("/bin/mount", ["-t", "sysfs", "sysfs", "/sys"]);
	const lines = [
		"link add br0 type bridge",
		"link add veth7 type veth peer name eth0",
		"link set veth7 master br0",
	];
	await must(peer("ip"), ["-batch", "-"], { input: lines.join("\n") });
	const all = [device("veth7"), device("br0"), device("eth0")];
	t.strictSame(names(all), ["br0", "eth0"]);
	t.strictSame(names(all, ["veth7"]), [], "named or not: it has no address");
});
