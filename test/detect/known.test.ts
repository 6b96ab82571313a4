import t from "tap";
import {
	createKnown,
	type KnownServer,
	type ServerKind,
} from "../../src/detect/known.ts";

const server = (n: number, place: Partial<KnownServer> = {}): KnownServer => ({
	kind: "dhcp",
	interface: "eth0",
	vlan: -1,
	ip: `192.0.2.${n}`,
	facts: {},
	first: n,
	...place,
});

/** A memory and how often it changed. */
function create(initial: readonly KnownServer[] = []) {
	let changes = 0;
	const known = createKnown(initial, () => changes++);
	return { known, changes: () => changes };
}

t.test(
	"by kind, interface and VLAN, in the order they were learned",
	async (t) => {
		const { known, changes } = create();
		const all = [
			server(1),
			server(2, { kind: "ra" }),
			server(3, { interface: "eth1" }),
			server(4, { vlan: 10 }),
			server(5),
		];
		for (const one of all) t.equal(known.learn(one), true);
		const ips = (kind: ServerKind, name: string, vlan: number) =>
			known.at(kind, name, vlan).map(({ ip }) => ip);
		t.strictSame(ips("dhcp", "eth0", -1), ["192.0.2.1", "192.0.2.5"]);
		t.strictSame(ips("ra", "eth0", -1), ["192.0.2.2"]);
		t.strictSame(ips("dhcp", "eth1", -1), ["192.0.2.3"]);
		t.strictSame(ips("dhcp", "eth0", 10), ["192.0.2.4"]);
		t.strictSame(ips("dhcp6", "eth0", -1), []);
		t.strictSame(ips("dhcp", "", -1), []);
		t.strictSame(known.all(), all);
		t.equal(changes(), 5);
	},
);

t.test("what a known one tells is changed in place", async (t) => {
	const { known, changes } = create([server(1), server(2)]);
	const [, second] = known.at("dhcp", "eth0", -1);
	if (!second) throw new Error("nothing learned");
	known.update(second, { dns: "192.0.2.53" });
	t.strictSame(known.all(), [
		server(1),
		server(2, { facts: { dns: "192.0.2.53" } }),
	]);
	t.equal(changes(), 1);
});

t.test("bounded", async (t) => {
	const { known, changes } = create();
	for (let n = 0; n < 256; n++) t.equal(known.learn(server(n)), true);
	t.equal(known.learn(server(256)), false);
	t.equal(known.all().length, 256);
	t.equal(changes(), 256, "what found no room changed nothing");
	const many = Array.from({ length: 300 }, (_, n) => server(n));
	t.equal(create(many).known.all().length, 256);
	known.reset(many);
	t.equal(known.all().length, 256);
});

t.test(
	"what is known instead, without a word to whoever keeps it",
	async (t) => {
		const { known, changes } = create([server(1)]);
		known.reset([server(2)]);
		t.strictSame(known.all(), [server(2)]);
		known.reset([]);
		t.strictSame(known.all(), []);
		t.equal(changes(), 0);
		known.learn(server(3));
		t.strictSame(known.all(), [server(3)], "and there is room again");
	},
);

t.test("the list it began with is its caller's", async (t) => {
	const initial = [server(1)];
	const { known } = create(initial);
	known.learn(server(2));
	t.equal(initial.length, 1);
});
