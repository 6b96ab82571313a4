/** A sweep of an open port: every connection is answered and looks honest, but for their number. */
import t from "tap";
import {
	accepts,
	briefs,
	connect,
	EVIL,
	range,
	type Setting,
	type Timed,
	told,
} from "./drive.ts";

const HOME: Setting = { scope: "segment", home: ["192.0.2.0/24"] };

/** Connections to `count` hosts that accept, `gap` ms apart. */
const reach = (count: number, gap: number, port = 80): Timed[] =>
	range(10, count).flatMap((n, i): Timed[] => {
		const host = `192.0.2.${n}`;
		return [
			[i * gap, connect(port, { to: host })],
			[i * gap + 1, accepts(port, { from: host })],
		];
	});

/** Those services are known before the sweep: nothing is left to be refuted. */
const known = range(10, 40).map(
	(n): Timed => [
		-1000,
		accepts(80, { from: `192.0.2.${n}`, to: "203.0.113.1", dport: 1 }),
	],
);
const swept = (traffic: readonly Timed[], setting: Setting = HOME) =>
	briefs(told(traffic, setting), "sweep");

t.test("ten hosts in one breath", async (t) => {
	t.same(swept(reach(9, 100)), []);
	t.same(swept(reach(10, 100)), [
		`1101 sweep start connect ${EVIL} 10 hosts x10`,
		`1401 sweep end connect ${EVIL} 10 hosts x10`,
	]);
	t.same(
		swept([...known, ...reach(10, 100)]),
		[
			`1101 sweep start connect ${EVIL} 10 hosts x10`,
			`1401 sweep end connect ${EVIL} 10 hosts x10`,
		],
		"services known before",
	);
	t.match(told(reach(25, 100), HOME).at(-1), { hostCount: 25, port: 80 });
	t.same(
		told(reach(25, 100), HOME).filter(({ kind }) => kind !== "sweep"),
		[],
	);
});

t.test("what isn't one", async (t) => {
	t.same(told(reach(30, 3001), HOME), [], "three seconds and more between");
	t.equal(
		swept(reach(30, 2998))[0],
		`27183 sweep start connect ${EVIL} 10 hosts x10`,
		"a little less",
	);
	t.same(
		told(reach(30, 100), { ...HOME, home: ["10.0.0.0/8"] }),
		[],
		"not at home",
	);
	t.same(told(reach(30, 100), { ...HOME, home: [] }), [], "no home known");
	const same = range(0, 50).flatMap(() => reach(9, 100));
	t.same(told(same, HOME), [], "the same nine again and again");
	const ports = range(80, 20).flatMap((port) => reach(5, 100, port));
	t.same(told(ports, HOME), [], "many ports of five hosts");
});
