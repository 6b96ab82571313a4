import fc from "fast-check";
import type { ConnectionAlert } from "../../src/alert/alert.ts";
import { printable } from "../../src/alert/printable.ts";

export const TIME = Date.UTC(2026, 10, 22, 2);

export const CONNECTION: ConnectionAlert = {
	kind: "connection",
	time: TIME,
	transport: "tcp",
	service: "rexec",
	source: { ip: "192.0.2.7", port: 40_312, name: "evil.example.net" },
	destination: { ip: "192.0.2.1", port: 512 },
	ident: { kind: "user", os: "UNIX", user: "joe" },
};

/** Printable text as klaxon makes it of anything. */
const text = (max: number) =>
	fc.string({ unit: "binary" }).map((value) => printable(value, max));
const port = fc.integer({ min: 0, max: 65_535 });
const token = fc.stringMatching(/^[\x21-\x39\x3b-\x7e]{1,64}$/);
const time = fc.integer({ min: TIME - 86_400_000, max: TIME + 60_000 });

/** Every alert that klaxon may make at about `TIME`. */
export const connections: fc.Arbitrary<ConnectionAlert> = fc.record(
	{
		kind: fc.constant("connection" as const),
		time,
		transport: fc.constantFrom("tcp" as const, "udp" as const),
		service: fc.stringMatching(/^\w[\w.+-]{0,63}$/),
		source: fc.record(
			{
				ip: fc.oneof(fc.ipV4(), fc.ipV6()),
				port,
				zone: fc.stringMatching(/^[a-z0-9]{1,15}$/),
				name: text(255),
			},
			{ requiredKeys: [] },
		),
		destination: fc.record(
			{ ip: fc.oneof(fc.ipV4(), fc.ipV6()), port },
			{ requiredKeys: [] },
		),
		ident: fc.oneof(
			fc.record(
				{
					kind: fc.constant("user" as const),
					os: token,
					charset: token,
					user: text(128),
				},
				{ requiredKeys: ["kind", "os", "user"] },
			),
			fc.record({
				kind: fc.constant("error" as const),
				error: fc.constantFrom("NO-USER" as const, "Xlocal" as const),
			}),
			fc.record({
				kind: fc.constant("failed" as const),
				reason: fc.constantFrom("timeout" as const, "busy" as const),
			}),
		),
		data: text(6000),
		fold: fc
			.tuple(fc.integer({ min: 1, max: 2 ** 40 }), time, time)
			.map(([count, a, b]) => ({
				count,
				first: Math.min(a, b),
				last: Math.max(a, b),
			})),
		note: text(300),
	},
	{
		requiredKeys: [
			"kind",
			"time",
			"transport",
			"service",
			"source",
			"destination",
		],
	},
);
