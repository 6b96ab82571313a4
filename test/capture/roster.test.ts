import t from "tap";
import { createRoster } from "../../src/capture/roster.ts";
import { createFake, summary } from "./fake.ts";

/** A roster that wants every interface that isn't `hidden`, and what it told since the last question. */
function setUp(filter = "ip") {
	const fake = createFake("/dev/null");
	let told: string[] = [];
	const hidden = new Set<string>();
	const left: string[] = [];
	const roster = createRoster(
		{
			promiscuous: true,
			filter: (linktype) => `${filter}${linktype === 1 ? "" : linktype}`,
			choose: (found) => found.filter(({ name }) => !hidden.has(name)),
		},
		{
			lib: fake.lib,
			now: () => 0,
			tell: (alert) => told.push(summary(alert)),
			opened: () => {},
			left: ({ handle }) => left.push(handle.name),
		},
	);
	const look = (failed?: string): string[] => {
		roster.look(failed);
		const all = told;
		told = [];
		return all;
	};
	return { fake, roster, look, hidden, left };
}

t.test("what is there at the start is told by nobody", async (t) => {
	const { fake, roster, look } = setUp();
	fake.plug("lo", "eth0", "!eth1");
	t.strictSame(roster.start(), []);
	t.strictSame([...roster.watched.keys()], ["lo", "eth0"]);
	t.equal(fake.handles.get("eth0")?.filter, "ip");
	t.strictSame(look(), []);
	fake.plug("lo", "eth0", "eth1");
	t.strictSame(look(), ["up eth1: eth1 is up and is being watched"]);
	t.strictSame(look(), []);
});

t.test("coming and going, each told once", async (t) => {
	const { fake, roster, look, left } = setUp();
	fake.plug("lo");
	roster.start();
	fake.plug("lo", "!veth1");
	t.strictSame(look(), [], "not yet of use");
	fake.plug("lo", "veth1");
	t.strictSame(look(), ["appeared veth1: veth1 appeared and is being watched"]);
	fake.plug("lo", "!veth1");
	t.strictSame(look(), ["down veth1: veth1 went down"]);
	t.strictSame(look(), []);
	t.strictSame(left, ["veth1"]);
	fake.plug("lo", "veth1");
	t.strictSame(look(), ["up veth1: veth1 is up and is being watched"]);
	fake.plug("lo");
	t.strictSame(look(), ["vanished veth1: veth1 vanished"]);
	t.strictSame(look(), []);
	fake.plug("lo", "veth1");
	t.strictSame(look(), ["appeared veth1: veth1 appeared and is being watched"]);
	fake.plug("lo", "!veth1");
	look();
	fake.plug("lo");
	t.strictSame(look(), ["vanished veth1: veth1 vanished"], "while down");
});

t.test("what nobody heard of goes unheard", async (t) => {
	const { fake, roster, look } = setUp();
	fake.plug("lo", "!eth0");
	roster.start();
	fake.plug("lo", "!eth1");
	t.strictSame(look(), []);
	fake.plug("lo");
	t.strictSame(look(), []);
});

t.test("down and up again between two looks", async (t) => {
	const { fake, roster, look, left } = setUp();
	fake.plug("lo", "eth0");
	roster.start();
	const before = fake.handles.get("eth0");
	t.strictSame(look("eth0"), [
		"down eth0: eth0 went down",
		"up eth0: eth0 is up and is being watched",
	]);
	t.strictSame(left, ["eth0"]);
	t.not(fake.handles.get("eth0"), before);
	t.equal(roster.watched.get("eth0")?.index, 1, "it keeps its number");
	t.equal(roster.nameOf(1), "eth0");
});

t.test("what can't be opened is tried again and told once", async (t) => {
	const { fake, roster, look } = setUp();
	fake.plug("lo", "eth0");
	const eth0 = { kind: "permission", message: "not permitted" } as const;
	fake.errors.set("eth0", eth0);
	t.strictSame(roster.start(), [
		{ kind: "permission", message: "eth0: not permitted" },
	]);
	t.strictSame(look(), [], "the start's errors are told by others");
	fake.plug("lo", "eth0", "eth1");
	fake.errors.set("eth1", { kind: "other", message: "no memory" });
	t.strictSame(look(), ["blind eth1: can't hear eth1: no memory"]);
	t.strictSame(look(), []);
	fake.errors.clear();
	t.strictSame(look(), [
		"up eth0: eth0 is up and is being watched",
		"up eth1: eth1 is up and is being watched",
	]);
});

t.test("a filter that is refused", async (t) => {
	const { fake, roster } = setUp("bad");
	fake.plug("eth0");
	t.strictSame(roster.start(), [
		{ kind: "other", message: "eth0: filter refused: syntax error" },
	]);
	t.equal(fake.handles.get("eth0")?.isClosed, true);
	t.equal(roster.watched.size, 0);
});

t.test("blind, and seeing again", async (t) => {
	const { fake, roster, look } = setUp();
	fake.plug("eth0");
	roster.start();
	fake.plug("!eth0");
	t.strictSame(look(), [
		"down eth0: eth0 went down",
		"blind -: no interface is left to watch",
	]);
	t.strictSame(look(), []);
	fake.plug("eth0");
	t.strictSame(look(), ["up eth0: eth0 is up and is being watched"]);
	fake.plug();
	t.strictSame(look(), [
		"vanished eth0: eth0 vanished",
		"blind -: no interface is left to watch",
	]);
});

t.test("a port that a bridge takes in, and lets go", async (t) => {
	const { fake, roster, look, hidden } = setUp();
	fake.plug("lo", "eth0");
	roster.start();
	hidden.add("eth0");
	t.strictSame(look(), [
		"vanished eth0: eth0 is heard as a part of another now",
	]);
	t.strictSame(look(), []);
	hidden.clear();
	t.strictSame(look(), ["appeared eth0: eth0 appeared and is being watched"]);
});

t.test("the end", async (t) => {
	const { fake, roster, left } = setUp();
	fake.plug("lo", "eth0");
	roster.start();
	roster.leaveAll();
	t.strictSame(left, ["lo", "eth0"]);
	t.equal(roster.watched.size, 0);
});
