import t from "tap";
import { createRaLure } from "../../src/lure/ra.ts";
import { START } from "../detect/drive.ts";
import { createLan, distinct } from "./lan.ts";

t.test("a router solicitation from every interface that can", async (t) => {
	const { world, sent, until } = createLan();
	const lure = createRaLure({ every: 300_000 }, world);
	lure.start(START);
	while (sent.length < 2 * 1000) until((sent.at(-1)?.ms ?? 0) + 600_000);
	lure.stop();
	let told = 0;
	for (const { name, packet, frame } of sent) {
		const mac = name === "eth0" ? "02:00:00:00:00:01" : "02:00:00:00:00:02";
		const is = [
			packet.mac,
			packet.toMac,
			packet.destination,
			packet.ttl,
			packet.sport,
			packet.dport,
		];
		const wants = [mac, "33:33:00:00:00:02", "ff02::2", 255, 133, 0];
		if (is.join() !== wants.join()) t.fail(`${is}`);
		const message = frame.subarray(54).toString("hex");
		const option = `0101${mac.replaceAll(":", "")}`;
		const rest = message.slice(8);
		if (rest === `00000000${option}`) told++;
		else if (rest !== "00000000") t.fail(message);
	}
	t.same([...new Set(sent.map(({ name }) => name))].sort(), ["eth0", "eth1"]);
	t.ok(
		told > sent.length * 0.45 && told < sent.length * 0.55,
		`${told} tell it`,
	);
	t.ok(
		distinct(sent.map(({ frame }) => frame.readUInt32BE(14))) > 1900,
		"flow labels",
	);
	t.ok(distinct(sent.map(({ ms }) => ms % 1000)) > 580, "times"); // of 1,000 draws 632 differ
});

t.test("once", async (t) => {
	const { world, sent, until } = createLan();
	createRaLure({ every: 0 }, world).once(START);
	until(10_000);
	t.equal(sent.length, 2);
	t.equal(world.agenda.next(), undefined, "and no more");
});
