import t from "tap";
import { patternError, wantsInterface } from "../../src/config/interfaces.ts";

t.test("named ones, and all where none is", async (t) => {
	t.ok(wantsInterface([], "eth0"));
	t.ok(wantsInterface(["eth0"], "eth0"));
	t.notOk(wantsInterface(["eth0"], "eth01"));
	t.ok(wantsInterface(["eth*"], "eth0.100"));
	t.notOk(wantsInterface(["eth*"], "veth0"));
	t.ok(wantsInterface(["eth?"], "eth1"));
	t.notOk(wantsInterface(["eth?"], "eth10"));
	t.notOk(wantsInterface(["eth0.1"], "eth0x1"), "a dot is a dot");
	t.ok(wantsInterface(["lo", "wl*"], "wlan0"));
});

t.test("an exclusion wins, in whatever order", async (t) => {
	t.ok(wantsInterface(["!veth*"], "eth0"));
	t.notOk(wantsInterface(["!veth*"], "veth0"));
	t.notOk(wantsInterface(["*", "!veth*"], "veth0"));
	t.notOk(wantsInterface(["!veth*", "*"], "veth0"));
	t.notOk(wantsInterface(["eth*", "!veth*"], "wlan0"));
});

t.test("a pattern that could never match is refused", async (t) => {
	for (const good of ["eth0", "!veth*", "*", "br-lan", "eth0.100", "wl?n+@x"])
		t.equal(patternError(good), undefined, good);
	for (const bad of ["", "!", "!!eth0", "eth[0-9]", "eth0 ", "a/b", "eth{0,1}"])
		t.equal(
			patternError(bad),
			`bad interface pattern '${bad}': a name with * and ?, and ! in front to exclude`,
		);
	t.equal(patternError("*234567890123456"), undefined);
	t.equal(
		patternError("1234567890123456*"),
		"bad interface pattern '1234567890123456*': interface names have at most 15 characters",
	);
});
