/** What senders of router advertisements get up to: invalid, in fragments, too much. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { readCapture } from "../../src/capture/file.ts";
import type { RaConfig } from "../../src/config/lures.ts";
import { prefix, ra, rdnss } from "../wire/answers6.ts";
import { hex, ICMP6 } from "../wire/frames.ts";
import { START } from "./drive.ts";
import {
	advertise,
	charges,
	createRogues,
	EVIL,
	firstFragment,
	GOOD,
} from "./rogues6.ts";
import { goodRouter as good, usual } from "./samples6.ts";

t.test(
	"what hosts ignore rings, is not learned, and is told as that",
	async (t) => {
		const message = ra({}, prefix("2001:db8::", 64));
		const cases: [Buffer, string][] = [
			[
				advertise({ ...EVIL, ttl: 64 }, message),
				"hosts ignore it: hop limit 64",
			],
			[
				advertise({ ...EVIL, from: "2001:db8::66" }, message),
				"hosts ignore it: not from a link-local address",
			],
			[advertise(EVIL, ra({ code: 1 })), "hosts ignore it: code 1"],
			[advertise(EVIL, ra({}, hex("0100"))), "hosts ignore it: malformed"],
			[advertise(EVIL, hex("86000000 00000000")), "hosts ignore it: malformed"],
			[
				firstFragment({ ttl: 255, ...EVIL }, ICMP6, message),
				"hosts ignore it: in fragments, not read",
			],
		];
		for (const [frame, note] of cases) {
			const rogues = createRogues();
			rogues.see(0, frame);
			t.match(rogues.alerts, [{ technique: "ra", note }], note);
			rogues.see(1, good);
			rogues.see(
				2,
				advertise({ ...GOOD, ttl: 1 }, ra({}, rdnss(9, "2001:db8::66"))),
			);
			t.match(rogues.known.all(), [{ ip: GOOD.from }]);
			t.equal(rogues.known.all().length, 1);
		}
	},
);

t.test("a listed MAC address may bear any address; few are kept", async (t) => {
	const rogues = createRogues({ routers: [{ mac: GOOD.mac }] });
	for (let i = 0; i < 1000; i++)
		rogues.see(i, usual({ ...GOOD, from: `fe80::1:${i.toString(16)}` }));
	t.same(charges(rogues), []);
	t.equal(rogues.known.all().length, 16);
});

t.test(
	"random advertisements: no exception, printable, told at most once each",
	async () => {
		const body = fc.uint8Array({ maxLength: 200 }).map((b) => Buffer.from(b));
		const list = fc.constantFrom<RaConfig["routers"][]>(
			undefined,
			[],
			[{ mac: EVIL.mac }],
			[{ ip: EVIL.from }],
		);
		fc.assert(
			fc.property(
				list,
				fc.array(body, { maxLength: 10 }),
				(routers, bodies) => {
					const rogues = createRogues({ routers });
					for (const [i, bytes] of bodies.entries()) {
						rogues.see(i, advertise(EVIL, Buffer.concat([hex("8600"), bytes])));
						rogues.see(i, advertise(EVIL, ra({}, bytes)));
					}
					const isPrintable = /^[\x20-\x7e]*$/.test(
						JSON.stringify(rogues.alerts),
					);
					return isPrintable && rogues.alerts.length <= 2 * bodies.length;
				},
			),
			{ numRuns: 500 },
		);
	},
);

const RESPONDER = join(
	import.meta.dirname,
	"../../../shared/traces/attacks/responder_v6.pcap",
);

if (existsSync(RESPONDER))
	t.test("Responder --rdnss, as captured", async (t) => {
		const rogues = createRogues();
		await readCapture(RESPONDER, (bytes, offset, captured) =>
			rogues.see(0, Buffer.from(bytes.slice(offset, offset + captured))),
		);
		t.strictSame(rogues.alerts, [
			{
				time: START,
				interface: "eth0",
				kind: "rogue-ra",
				carrier: "ipv6-icmp",
				technique: "no-router",
				message: "router advertisement",
				details: {
					lifetime: 0,
					preference: "medium",
					rdnss: "fe80::4d3:3aff:fe52:9253",
				},
				tool: "responder",
				note: "if it is yours, name it in [ra] routers",
				source: {
					ip: "fe80::4d3:3aff:fe52:9253",
					mac: "06:d3:3a:52:92:53",
				},
				destination: { ip: "ff02::1" },
			},
		]);
	});
else t.pass(`no ${RESPONDER}: the capture is not replayed`);
