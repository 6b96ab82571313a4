import t from "tap";
import type { Transport } from "../../src/alert/alert.ts";
import { addPorts } from "../../src/config/portlist.ts";
import { emptySets, toRanges } from "../../src/config/portset.ts";

const SERVICES = `exec	512/tcp
domain	53/tcp
domain	53/udp
3com-tsmux	106/tcp	poppassd
`;

function add(item: unknown, transports: Transport[] = ["tcp", "udp"]) {
	const sets = emptySets();
	const error = addPorts(sets, item, transports, SERVICES);
	return error ?? [toRanges(sets.tcp), toRanges(sets.udp)];
}

t.test("numbers, ranges, all and names", async (t) => {
	t.same(add(22), [[[22, 22]], [[22, 22]]]);
	t.same(add("22", ["udp"]), [[], [[22, 22]]]);
	t.same(add("6000-6063", ["tcp"]), [[[6000, 6063]], []]);
	t.same(add("0-65535", ["tcp"]), [[[0, 65535]], []]);
	t.same(add("all"), [[[0, 65535]], [[0, 65535]]]);
	t.same(add("domain"), [[[53, 53]], [[53, 53]]]);
	t.same(add("exec"), [[[512, 512]], []], "only where the service is");
	t.same(add("3com-tsmux"), [[[106, 106]], []], "a name may begin with digits");
	t.same(add("poppassd", ["tcp"]), [[[106, 106]], []], "an alias");
});

t.test("what can't be used adds nothing", async (t) => {
	const bounds = "ports are 0 to 65535";
	for (const bad of [
		"65536",
		"1-65536",
		"-1",
		"1-",
		"1-2-3",
		"1.5",
		"99999999",
	])
		t.equal(add(bad), `bad port '${bad}': ${bounds}`);
	t.equal(add("2-1"), "bad range '2-1': the lower port comes first");
	for (const bad of ["", " 22", "1,2", "ALL", "0x16", "NaN", "nosuch"])
		t.equal(
			add(bad, ["tcp"]),
			`unknown service '${bad}': it is not in /etc/services for tcp; give its port number`,
		);
	t.equal(
		add([22]),
		`bad port a list: give a number, "6000-6063", a service name or "all"`,
	);
	const sets = emptySets();
	addPorts(sets, "exec", ["udp"], SERVICES);
	t.same([toRanges(sets.tcp), toRanges(sets.udp)], [[], []]);
});
