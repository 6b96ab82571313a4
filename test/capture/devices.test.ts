import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { chooseInterfaces } from "../../src/capture/devices.ts";
import type { Interface } from "../../src/capture/handle.ts";

interface Device {
	/** DEVTYPE of its uevent. */
	kind?: string;
	master?: string;
	lower?: string[];
	isDown?: boolean;
}

/** A machine's sysfs; `unlisted` interfaces are not in it. */
function machine(
	t: Test,
	devices: Record<string, Device>,
	unlisted: string[] = [],
) {
	const sys = t.testdir();
	for (const [name, { kind, master, lower = [] }] of Object.entries(devices)) {
		mkdirSync(`${sys}/${name}`);
		const type = kind === undefined ? "" : `DEVTYPE=${kind}\n`;
		writeFileSync(`${sys}/${name}/uevent`, `${type}INTERFACE=${name}\n`);
		if (master) symlinkSync(`../${master}`, `${sys}/${name}/master`);
		for (const one of lower)
			symlinkSync(`../${one}`, `${sys}/${name}/lower_${one}`);
	}
	const names = [...Object.keys(devices), ...unlisted];
	const found: Interface[] = names.map((name) => ({
		name,
		mac: undefined,
		isLoopback: name === "lo",
		isUp: !devices[name]?.isDown,
	}));
	return (wants = (_name: string) => true, isNamed = false) =>
		chooseInterfaces(found, wants, isNamed, sys).map(({ name }) => name);
}

t.test("all that are wanted", async (t) => {
	const choose = machine(t, {
		lo: {},
		eth0: {},
		wg0: {},
		eth1: { isDown: true },
	});
	t.strictSame(choose(), ["lo", "eth0", "wg0", "eth1"]);
	t.strictSame(
		choose((name) => name.startsWith("eth")),
		["eth0", "eth1"],
	);
});

t.test("of a bridge and its ports the bridge", async (t) => {
	const devices = {
		br0: { kind: "bridge", lower: ["eth0", "tap1"] },
		eth0: { master: "br0" },
		tap1: { master: "br0" },
		lo: {},
	};
	const choose = machine(t, devices);
	t.strictSame(choose(), ["br0", "lo"]);
	t.strictSame(
		choose((name) => name !== "br0"),
		["eth0", "tap1", "lo"],
		"!br0",
	);
	t.strictSame(
		choose(() => true, true),
		["br0", "eth0", "tap1", "lo"],
		"named",
	);
});

t.test("the ports of a bridge that is down", async (t) => {
	const br0 = { kind: "bridge", lower: ["eth0"], isDown: true };
	const choose = machine(t, { br0, eth0: { master: "br0" } });
	t.strictSame(choose(), ["br0", "eth0"]);
});

t.test("of a VLAN and its parent the parent", async (t) => {
	const choose = machine(t, {
		eth0: {},
		"eth0.5": { kind: "vlan", lower: ["eth0"] },
		"eth0.5.7": { kind: "vlan", lower: ["eth0.5"] },
		macvlan0: { lower: ["eth0"] },
	});
	t.strictSame(choose(), ["eth0"]);
	t.strictSame(
		choose((name) => name !== "eth0"),
		["eth0.5", "macvlan0"],
	);
});

t.test(
	"a VLAN of a bridge's port, for the bridge does not hear it",
	async (t) => {
		const choose = machine(t, {
			br0: { kind: "bridge", lower: ["eth0"] },
			eth0: { master: "br0" },
			"eth0.5": { kind: "vlan", lower: ["eth0"] },
		});
		t.strictSame(choose(), ["br0", "eth0.5"]);
	},
);

t.test("bonds and teams hear all, VRFs only IP", async (t) => {
	const choose = machine(t, {
		bond0: { kind: "bond" },
		eth0: { master: "bond0" },
		team0: {},
		eth1: { master: "team0" },
		vrf0: { kind: "vrf" },
		eth2: { master: "vrf0" },
	});
	t.strictSame(choose(), ["bond0", "team0", "vrf0", "eth2"]);
});

t.test("tunnels, whose parents hear them packed", async (t) => {
	const choose = machine(t, {
		eth0: {},
		vxlan0: { kind: "vxlan", lower: ["eth0"] },
		macsec0: { kind: "macsec", lower: ["eth0"] },
	});
	t.strictSame(choose(), ["eth0", "vxlan0", "macsec0"]);
});

t.test("sysfs of another namespace is not believed", async (t) => {
	const devices = { eth0: { master: "br0" }, br0: { kind: "bridge" } };
	t.strictSame(machine(t, devices)(), ["br0"]);
	t.strictSame(machine(t, devices, ["veth9"])(), ["eth0", "br0", "veth9"]);
});
