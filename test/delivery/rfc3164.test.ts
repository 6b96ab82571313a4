import fc from "fast-check";
import t from "tap";
import { message3164 } from "../../src/delivery/rfc3164.ts";

process.env.TZ = "Europe/Berlin";

const SENDER = { facility: "auth", tag: "tocsin", pid: 123 };
const entry = (line: string) => ({
	time: Date.UTC(2026, 10, 3, 6, 5, 9),
	level: "notice",
	line,
});

t.test("a message", async (t) => {
	t.equal(
		message3164(entry("ALERT: x"), SENDER, "trap"),
		"<37>Nov  3 07:05:09 trap tocsin[123]: ALERT: x",
	);
	t.equal(
		message3164(
			{ ...entry("y"), time: Date.UTC(2026, 6, 22, 12), level: "warning" },
			{ ...SENDER, facility: "local7" },
			"trap.example.net",
		),
		"<188>Jul 22 14:00:00 trap tocsin[123]: y",
		"a host name has no domain, and summer its own time",
	);
});

t.test("at most 1,024 octets", async (t) => {
	const text = message3164(entry("x".repeat(1024)), SENDER, "trap");
	t.equal(text.length, 1024);
	t.match(text, /x\.\.\.$/);
	t.equal(message3164(entry("x".repeat(985)), SENDER, "trap").slice(-3), "xxx");
});

t.test(
	"whatever comes, one printable line with its header whole",
	async (t) => {
		const any = fc.string({ unit: "binary", maxLength: 1200 });
		const check = fc.property(any, any, any, (line, hostname, tag) => {
			const text = message3164(entry(line), { ...SENDER, tag }, hostname);
			return (
				Buffer.byteLength(text) <= 1024 &&
				/^<37>Nov {2}3 07:05:09 [!-~]{1,63} [\w-]{1,32}\[123\]: [ -~]*$/.test(
					text,
				)
			);
		});
		t.doesNotThrow(() => fc.assert(check));
	},
);
