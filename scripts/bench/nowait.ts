/** nowait: what one encounter costs, from posix_spawn to the end of the process. */
import { writeFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import {
	startDnsmasq,
	startOidentd,
	startRsyslog,
} from "../../test/system/harness.ts";
import { close, connectedPair, runOn } from "./libc.ts";
import { median, type Row, ratio } from "./table.ts";
import { finalTally, KLAXON, stage } from "./trap.ts";

const ROUNDS = 100;
const MOST = 1.35;
/** Comes with a name and an ident server. */
const PEER = "127.9.0.1";
const PEER_NAME = "peer.example.net";
const ENVIRONMENT = ["PATH=/usr/bin:/bin"];
const EMPTY = "/tmp/empty.cjs";

const CONTESTANTS = {
	bare: [process.execPath, EMPTY],
	plain: [KLAXON, "-n", "plain"],
	ident: [KLAXON, "-n", "-i", "ident"],
	name: [KLAXON, "name"],
};
type Name = keyof typeof CONTESTANTS;
type Times = Record<Name, number>;
const NAMES = Object.keys(CONTESTANTS) as Name[];

function once(name: Name): number {
	const [client, server] = connectedPair(PEER);
	const start = performance.now();
	const status = runOn(server, CONTESTANTS[name], ENVIRONMENT);
	const ms = performance.now() - start;
	close(server);
	close(client);
	if (status !== 0) throw new Error(`${name}: wait status ${status}`);
	return ms;
}

/** All contestants one after another, so that the machine's moods meet them alike. */
async function race(): Promise<Times[]> {
	const rounds: Times[] = [];
	while (rounds.length < ROUNDS) {
		const order = rounds.length % 2 ? NAMES : NAMES.toReversed();
		const times = order.map((name) => [name, once(name)]);
		rounds.push(Object.fromEntries(times));
		await turn(); // dnsmasq would wait if nobody read what it writes
	}
	return rounds;
}

/** Runs the race; throws unless every line came, with what was asked for. */
function runs(): Promise<Times[]> {
	return stage(async (keep) => {
		await keep(startOidentd());
		await keep(startDnsmasq({ hosts: { [PEER_NAME]: PEER } }));
		const syslog = await keep(startRsyslog());
		NAMES.forEach(once); // their files come into the page cache
		const rounds = await race();
		for (const name of ["plain", "ident", "name"]) {
			const { singles } = await finalTally(syslog, name, ROUNDS + 1);
			if (singles.length !== ROUNDS + 1)
				throw new Error(`${name}: ${singles.length} of ${ROUNDS + 1} alerts`);
		}
		const lines = syslog.lines().map(({ message }) => message);
		for (const known of ['user="root"', `name="${PEER_NAME}"`])
			if (lines.filter((line) => line.includes(known)).length !== ROUNDS + 1)
				throw new Error(`not every alert has ${known}`);
		return rounds;
	});
}

export async function nowait(): Promise<Row[]> {
	writeFileSync(EMPTY, "");
	const rounds = await runs();
	const plain = median(rounds.map(({ bare, plain }) => plain / bare));
	const bareMs = median(rounds.map(({ bare }) => bare)).toFixed(1);
	const added = (name: Name) =>
		median(rounds.map((ms) => (ms[name] - ms.plain) / ms.bare));
	return [
		{
			what: "nowait, whole process, `-n`, no ident, local syslog",
			measured: `${ratio(plain)} the bare runtime on an empty file (${bareMs} ms)`,
			target: `<= ${ratio(MOST)}`,
			met: plain <= MOST,
		},
		{
			what: "nowait, what ident adds (oidentd on this machine)",
			measured: `${ratio(added("ident"))} the bare runtime`,
		},
		{
			what: "nowait, what reverse DNS adds (dnsmasq on this machine)",
			measured: `${ratio(added("name"))} the bare runtime`,
		},
	];
}
