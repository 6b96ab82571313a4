import t from "tap";
import { inventHostname } from "../../src/lure/hostname.ts";
import { createLan, distinct } from "./lan.ts";

t.test("names of hosts that nobody has", async (t) => {
	const { world } = createLan();
	const names = Array.from({ length: 10_000 }, () =>
		inventHostname(world.random),
	);
	t.ok(names.every((name) => /^[A-Z][A-Z\d-]{5,13}[A-Z\d]$/.test(name)));
	t.ok(distinct(names) > 9_990);
	t.ok(distinct(names.map((name) => name.slice(0, 2))) >= 6);
	t.ok(distinct(names.map((name) => name.length)) >= 4);
});
