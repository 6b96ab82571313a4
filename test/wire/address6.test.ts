import t from "tap";
import {
	addressAt,
	addressList,
	isLinkLocal,
} from "../../src/wire/address6.ts";
import { address, join } from "./frames.ts";

t.test("addresses one behind the other", async (t) => {
	const list = ["fe80::1", "2001:db8::53", "192.0.2.1"];
	const bytes = join(
		address("fe80::1"),
		address("2001:db8::53"),
		address("::ffff:192.0.2.1"),
	);
	t.equal(addressAt(bytes, 16), "2001:db8::53");
	t.same(addressList(bytes, 0, 48), list);
	t.same(addressList(bytes, 16, 47), ["2001:db8::53"], "no half ones");
	t.same(addressList(bytes, 48, 48), []);
	t.equal(addressList(Buffer.alloc(1600), 0, 1600).length, 16, "bounded");
});

t.test("fe80::/10 and its neighbours", async (t) => {
	for (const local of ["fe80::", "fe80::1", "fe9a::1", "febf:ffff::1"])
		t.ok(isLinkLocal(local), local);
	for (const other of ["fe7f::1", "fec0::1", "fe8::1", "::fe80", "2001:db8::"])
		t.notOk(isLinkLocal(other), other);
});
