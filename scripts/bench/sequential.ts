/** wait: connects one after another, against a C trap under nowait and a server that only accepts. */
import { writeFileSync } from "node:fs";
import { root, run, startRsyslog } from "../../test/system/harness.ts";
import { count, median, type Row, ratio } from "./table.ts";
import {
	childOf,
	dismiss,
	finalTally,
	inetdLine,
	klaxonLine,
	openInetd,
	stage,
	tally,
	total,
	touch,
} from "./trap.ts";

const ROUNDS = 60;
/** About equally long at each server. */
const KLAXON = { port: 7001, connects: 400 };
const BARE = { port: 7002, connects: 400 };
const C = { port: 7003, connects: 40 };
const EXPECTED = ROUNDS * KLAXON.connects;
const LEAST_OF_C = 15;
const LEAST_OF_BARE = 0.7;
const BARE_SERVER =
	'require("net").createServer((s) => s.destroy()).listen({ fd: 0 });';

/** Compiles scripts/trap.c; false where nobody can. */
async function compile(): Promise<boolean> {
	const args = ["-O2", "-o", "/tmp/ctrap", `${root}/scripts/trap.c`];
	const result = await run("cc", args, { timeout: 30_000 }).catch(() => null);
	if (result && result.code !== 0) throw new Error(result.stderr);
	return result !== null;
}

function race(hasC: boolean) {
	writeFileSync("/tmp/bare.cjs", BARE_SERVER);
	return stage(async (keep) => {
		const syslog = await keep(startRsyslog());
		const bareCommand = `${process.execPath} node /tmp/bare.cjs`;
		const inetd = await keep(
			openInetd(
				klaxonLine(KLAXON.port, "sequential"),
				inetdLine(BARE.port, "wait", bareCommand),
				hasC ? inetdLine(C.port, "nowait", "/tmp/ctrap ctrap") : "",
			),
		);
		const { seconds } = await touch(
			{
				targets: [KLAXON, BARE, ...(hasC ? [C] : [])],
				rounds: ROUNDS,
				sources: { net: 1, hosts: 1 },
				leave: "after the trap",
			},
			40_000,
		);
		await dismiss(childOf(inetd, "sequential"));
		const told = await finalTally(syslog, "sequential", EXPECTED);
		return { seconds, told, loggedByC: total(tally(syslog, "trap")) };
	});
}

export async function sequential(): Promise<Row[]> {
	const hasC = await compile();
	const { seconds, told, loggedByC } = await race(hasC);
	if (hasC && loggedByC !== ROUNDS * C.connects)
		throw new Error(`the C trap logged ${loggedByC} connects`);
	const rates = seconds.map(([klaxon = 0, bare = 0, c = 0]) => ({
		klaxon: KLAXON.connects / klaxon,
		bare: BARE.connects / bare,
		c: C.connects / c,
	}));
	const ofBare = median(rates.map(({ klaxon, bare }) => klaxon / bare));
	const timesC = median(rates.map(({ klaxon, c }) => klaxon / c));
	const rate = (of: "klaxon" | "bare" | "c") =>
		`${count(Math.round(median(rates.map((round) => round[of]))))}/s`;
	return [
		{
			what: "wait, sequential connects, against the C trap under the same inetd nowait",
			...(hasC
				? {
						measured: `${ratio(timesC)} (${rate("klaxon")} : ${rate("c")})`,
						met: timesC >= LEAST_OF_C,
					}
				: { measured: "no C compiler (cc) here" }),
			target: `>= ${ratio(LEAST_OF_C)}`,
		},
		{
			what: "wait, sequential connects, against a bare Node accept-and-destroy loop",
			measured: `${ratio(ofBare)} (${rate("klaxon")} : ${rate("bare")})`,
			target: `>= ${ratio(LEAST_OF_BARE)}`,
			met: ofBare >= LEAST_OF_BARE,
		},
		{
			what: "the same, alerts + folded encounters",
			measured: `${count(told.singles.length)} + ${count(told.folded)} = ${count(total(told))}`,
			target: count(EXPECTED),
			met: total(told) === EXPECTED,
		},
	];
}
