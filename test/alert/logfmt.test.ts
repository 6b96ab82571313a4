import t from "tap";
import { foldWords, logfmt } from "../../src/alert/logfmt.ts";

t.test(
	"values are quoted when they need it, a peer's words always",
	async (t) => {
		t.equal(logfmt(["sport", 40312]), "sport=40312");
		t.equal(logfmt(["dst", "2001:db8::1"]), "dst=2001:db8::1");
		t.equal(logfmt(["note", 'a "b"']), 'note="a \\"b\\""');
		t.equal(logfmt(["if", ""]), 'if=""');
		t.equal(logfmt(["name", "a.example"]), 'name="a.example"');
		t.equal(logfmt(["user", "joe"]), 'user="joe"');
	},
);

t.test("values are capped", async (t) => {
	t.equal(logfmt(["note", `${"x".repeat(300)} `]).length, "note=".length + 160);
	t.equal(logfmt(["name", "x".repeat(300)]).length, "name=".length + 257);
});

t.test("the words of a fold", async (t) => {
	const fold = { count: 37, first: 1_000_000, last: 1_050_000 };
	t.equal(foldWords({ time: 1_060_000, fold }), " 37 more times in 60s");
	t.equal(foldWords({ time: 1_000_000, fold }), " 37 more times in 1s");
	t.equal(foldWords({ time: 1_000_000 }), "");
});
