import fc from "fast-check";
import t from "tap";
import {
	busctlArguments,
	notifySendArguments,
	parseHeard,
} from "../../src/watch/popup.ts";

t.test("what the socket says", async (t) => {
	const popup = { summary: "Port scan", body: "a\nb", urgency: "critical" };
	t.strictSame(parseHeard(JSON.stringify({ popup })), { popup });
	t.strictSame(parseHeard('{"error":"user 7 is\\u001b not"}'), {
		error: "user 7 is? not",
	});
	for (const other of [
		'{"subscribed":"desktop"}',
		"",
		"null",
		"7",
		"nonsense",
		'{"popup":7}',
		'{"popup":null}',
	])
		t.equal(parseHeard(other), undefined, other);
	t.strictSame(
		parseHeard(
			JSON.stringify({
				popup: { summary: "\x1b\n", body: ["x"], urgency: "loud" },
			}),
		),
		{ popup: { summary: "? ", body: "", urgency: "normal" } },
	);
	const long = { summary: "s".repeat(999), body: "b".repeat(9999) };
	const heard = parseHeard(JSON.stringify({ popup: long }));
	t.equal(heard && "popup" in heard && heard.popup.summary.length, 200);
	t.equal(heard && "popup" in heard && heard.popup.body.length, 1000);
});

const POPUP = {
	summary: "-x <b>",
	body: '<img src="x"> & \\x2d',
	urgency: "critical",
} as const;

t.test("busctl's arguments", async (t) => {
	t.strictSame(busctlArguments(POPUP), [
		"--user",
		"--quiet",
		"call",
		"--",
		"org.freedesktop.Notifications",
		"/org/freedesktop/Notifications",
		"org.freedesktop.Notifications",
		"Notify",
		"susssasa{sv}i",
		"tocsin",
		"0",
		"security-medium",
		"-x <b>",
		'&lt;img src="x"&gt; &amp; \\x2d',
		"0",
		"2",
		"urgency",
		"y",
		"2",
		"category",
		"s",
		"network",
		"-1",
	]);
});

t.test("notify-send's arguments", async (t) => {
	t.strictSame(notifySendArguments(POPUP), [
		"--app-name=tocsin",
		"--icon=security-medium",
		"--category=network",
		"--urgency=critical",
		"--",
		"-x <b>",
		'&lt;img src="x"&gt; &amp; \\\\x2d',
	]);
});

t.test(
	"whatever comes, no markup, and the same number of arguments",
	async (t) => {
		const any = fc.string({ unit: "binary" });
		const check = fc.property(any, any, any, (summary, body, urgency) => {
			const heard = parseHeard(
				JSON.stringify({ popup: { summary, body, urgency } }),
			);
			if (!heard || !("popup" in heard)) return false;
			const args = busctlArguments(heard.popup);
			return (
				args.length === 23 &&
				args.every((arg) => /^[ -~\n]*$/.test(arg)) &&
				!/[<>]|&(?!(amp|lt|gt);)/.test(args[13] ?? "<")
			);
		});
		t.doesNotThrow(() => fc.assert(check));
	},
);
