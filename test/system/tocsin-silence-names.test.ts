/** An hour of questions, 45 times as fast, beside honest responders: nobody is accused. */
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import type { Alert } from "../../src/alert/alert.ts";
import type { Libpcap } from "../../src/capture/handle.ts";
import { loadLibpcap } from "../../src/capture/libpcap.ts";
import { createLive } from "../../src/capture/live.ts";
import { walkBatch } from "../../src/capture/pcap.ts";
import { parseConfig } from "../../src/config/config.ts";
import { createAgenda } from "../../src/detect/agenda.ts";
import { createAnswers, isAnswer } from "../../src/detect/answers.ts";
import { createKnown } from "../../src/detect/known.ts";
import { createPoisonLure } from "../../src/lure/poison.ts";
import {
	createLetter,
	letterFrame,
	type Question,
} from "../../src/lure/question.ts";
import { lureInterfaces } from "../../src/watch/lures.ts";
import { mergeOptions } from "../../src/watch/merge.ts";
import { parseOptions } from "../../src/watch/options.ts";
import { createRandom } from "../../src/watch/random.ts";
import { rosterOptions } from "../../src/watch/watch.ts";
import { decode } from "../../src/wire/link.ts";
import { createPacket } from "../../src/wire/packet.ts";
import {
	addHost,
	enterSandbox,
	home,
	peer,
	runIn,
	waitFor,
} from "./harness.ts";
import { startAvahi, startNmbd, startResolved } from "./nameservices.ts";

enterSandbox(import.meta.url);

/** How much faster than the clock. */
const SPEED = 45;
const HOUR = 3_600_000;
const START = Date.now();

const config = parseConfig("none", "");
if (Array.isArray(config)) throw new Error(config.join());
const { lures } = config;
const options = mergeOptions(
	"watch",
	parseOptions(["watch", "-i", "lan0"]).options,
	config,
);
const lib = loadLibpcap() as Libpcap;
if (typeof lib === "string") throw new Error(lib);

/** Hears lan0 as a watch does, with a clock of its own. */
function hear(now: () => number) {
	const alerts: Alert[] = [];
	const agenda = createAgenda();
	const answers = createAnswers(
		{
			lures,
			known: createKnown([], () => {}),
			names: { interface: () => "lan0", service: () => undefined },
			emit: (alert) => alerts.push(alert),
		},
		agenda,
	);
	const packet = createPacket();
	let heard = 0;
	const live = createLive(rosterOptions(options), {
		lib,
		now,
		idle: () => {},
		tell: () => {},
		batch(handle, iface, bytes) {
			walkBatch(handle, iface, bytes, (b, offset, captured, length) => {
				decode(b, offset, captured, length, handle.linktype, packet);
				if (!isAnswer(packet)) return;
				heard++;
				answers.packet(packet, b, now(), false);
			});
		},
	});
	const errors = live.start();
	if (errors.length > 0) throw new Error(errors[0]?.message);
	const running = live.run();
	return {
		alerts,
		agenda,
		answers,
		heard: () => heard,
		async stop() {
			live.stop();
			await running;
		},
	};
}

const files = await addHost("files");
const resolver = await addHost("resolver");
const printer = await addHost("printer");
await startResolved(resolver);
await runIn(files, peer("ip"), ["link", "set", "lo", "up"]); // it is its own WINS server
await startNmbd(files);
await startAvahi(printer);

const interfaces = () => lureInterfaces(lib, ["lan0"]);

t.test("they answer for their own names", async (t) => {
	const ear = hear(Date.now);
	const [face] = interfaces();
	const broadcast = face?.ipv4[0]?.broadcast ?? "";
	const ask = (question: Partial<Question>, to: string) => {
		const one = {
			version: 4,
			interface: "lan0",
			type: "A",
			id: 0x1234,
			from: home.ipv4,
			sport: 50_000,
			to,
			time: Date.now(),
			...question,
		} as Question;
		ear.answers.asked(one);
		const letter = createLetter(one, face?.mac ?? "");
		if (letter) lib.send("lan0", letterFrame(letter, one.id, 1));
	};
	const accused = (name: string, ms = 15_000) =>
		waitFor(
			name,
			() => {
				ear.agenda.advance(Date.now());
				return ear.alerts.find(
					(alert) => alert.kind === "poison" && alert.names.includes(name),
				);
			},
			ms,
		);
	ask({ protocol: "mdns", name: "printer", sport: 5353, id: 0 }, "224.0.0.251");
	t.match(await accused("printer"), { source: { mac: printer.mac } }, "avahi");
	ask({ protocol: "llmnr", name: "trap" }, "224.0.0.252");
	t.match(await accused("trap"), { source: { mac: resolver.mac } }, "resolved");
	// nmbd needs a while to register its names
	for (let i = 0; i < 15 && ear.alerts.length < 3; i++) {
		ask(
			{
				protocol: "nbns",
				name: "filesrv",
				suffix: 0x20,
				type: "NB",
				sport: 137,
			},
			broadcast,
		);
		await sleep(1000);
		ear.agenda.advance(Date.now());
	}
	t.match(await accused("filesrv"), { source: { mac: files.mac } }, "nmbd");
	await ear.stop();
});

t.test("nobody answers for names that nobody has", async (t) => {
	const now = () => START + (Date.now() - START) * SPEED;
	const ear = hear(now);
	const asked = new Set<string>();
	let sent = 0;
	const lure = createPoisonLure(lures.poison, {
		agenda: ear.agenda,
		random: createRandom(),
		interfaces,
		send: (name, frame) => void lib.send(name, frame),
		asked(question) {
			sent++;
			asked.add(question.name);
			ear.answers.asked(question);
		},
		hasWpad: async () => false,
		hostname: "site-pc7",
	});
	const begin = now();
	lure.start(begin);
	while (now() - begin < HOUR) {
		ear.agenda.advance(now());
		await sleep(2);
	}
	lure.stop();
	t.comment(
		`${sent} questions for ${asked.size} names, ${ear.heard()} answers or so heard`,
	);
	t.ok(sent > 2000, "an hour of cycles");
	t.ok(asked.size > 80, "for many names");
	t.same(ear.alerts, []);
	await ear.stop();
});
