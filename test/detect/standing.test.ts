import t from "tap";
import type { KnownServer } from "../../src/detect/known.ts";
import {
	type Listed,
	type Sender,
	standingOf,
} from "../../src/detect/standing.ts";

const record = (id: string, mac?: string): KnownServer => ({
	kind: "dhcp6",
	interface: "eth0",
	vlan: -1,
	ip: "fe80::1",
	id,
	mac,
	facts: {},
	first: 0,
});

const [ONE, TWO, NO_MAC] = [
	record("one", "m1"),
	record("two", "m2"),
	record("bare"),
];

/** A standing in short. */
function standing(
	entries: Listed[] | undefined,
	records: KnownServer[],
	id: Sender["id"],
	mac: Sender["mac"],
): string {
	const known = records.map((record) => ({ id: record.id, record }));
	const s = standingOf(entries, known, { id, mac });
	if (s.is === "impersonation") return `not ${s.expected}`;
	return s.is === "rightful" ? `rightful ${s.record?.id ?? "new"}` : s.is;
}

t.test("without a list: the first and no other", async (t) => {
	const among = (records: KnownServer[], id?: string, mac?: string) =>
		standing(undefined, records, id, mac);
	t.equal(among([], "one", "m1"), "first");
	t.equal(among([], undefined, "m1"), "unlisted", "it doesn't say who it is");
	t.equal(among([ONE], "one", "m1"), "rightful one");
	t.equal(among([ONE], "one", "m9"), "not m1");
	t.equal(among([ONE], "two", "m1"), "unlisted");
	t.equal(among([ONE], "two", "m2"), "unlisted");
	t.equal(among([ONE], undefined, "m1"), "rightful new");
	t.equal(among([ONE], undefined, "m2"), "unlisted");
	t.equal(among([ONE], undefined, undefined), "unlisted");
	t.equal(among([ONE], "one", undefined), "rightful one", "no addresses here");
	t.equal(among([NO_MAC], "bare", "m9"), "rightful bare");
	t.equal(among([ONE, record("one", "m2")], "one", "m2"), "rightful one");
});

t.test("listed by its name: the first MAC address is learned", async (t) => {
	const list = [{ id: "one" }, { id: "two" }];
	t.equal(standing(list, [], "one", "m1"), "rightful new");
	t.equal(standing(list, [ONE], "one", "m1"), "rightful one");
	t.equal(standing(list, [ONE], "one", "m9"), "not m1");
	t.equal(standing(list, [ONE], "two", "m2"), "rightful new");
	t.equal(standing(list, [ONE, TWO], "three", "m1"), "unlisted");
	t.equal(standing(list, [ONE], undefined, "m1"), "rightful new");
	t.equal(standing(list, [record("old", "m9")], undefined, "m9"), "unlisted");
	t.equal(standing(list, [ONE], "one", undefined), "rightful one");
});

t.test("listed with its MAC address", async (t) => {
	const list = [{ id: "one", mac: "m1" }];
	t.equal(standing(list, [], "one", "m1"), "rightful new");
	t.equal(standing(list, [], "one", "m2"), "not m1");
	t.equal(standing(list, [record("one", "m2")], "one", "m2"), "not m1");
	t.equal(standing(list, [record("one", "m2")], "one", "m1"), "rightful new");
	t.equal(standing(list, [], "two", "m1"), "unlisted", "another name");
	t.equal(standing(list, [], undefined, "m1"), "rightful new");
	t.equal(standing(list, [], "one", undefined), "rightful new");
});

t.test("listed by its MAC address alone, and twice", async (t) => {
	const list = [{ mac: "m1" }];
	t.equal(standing(list, [], "one", "m1"), "rightful new");
	t.equal(standing(list, [ONE], "one", "m1"), "rightful one");
	t.equal(standing(list, [], undefined, "m1"), "rightful new");
	t.equal(standing(list, [ONE], "one", "m2"), "unlisted");
	t.equal(standing(list, [], "one", undefined), "unlisted");
	const relays = [
		{ id: "one", mac: "m1" },
		{ id: "one", mac: "m2" },
	];
	t.equal(standing(relays, [ONE], "one", "m2"), "rightful new");
	t.equal(standing(relays, [ONE], "one", "m3"), "not m1");
	t.equal(standing([], [], "one", "m1"), "unlisted", "nobody may be there");
});
