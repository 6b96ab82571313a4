import fc from "fast-check";
import t from "tap";
import {
	decodeDhcp6,
	eachOption,
	INFORMATION_REQUEST,
	SOLICIT,
} from "../../src/wire/dhcp6.ts";
import {
	addressWanted,
	clientFqdn,
	clientId,
	elapsedTime,
	encodeDhcp6,
	optionRequest,
	vendorClass,
} from "../../src/wire/dhcp6question.ts";
import { hex } from "./frames.ts";

t.test("a SOLICIT, byte for byte", async (t) => {
	const message = encodeDhcp6(SOLICIT, 0x123456, [
		clientId(hex("00030001020000000001")),
		addressWanted(0xdeadbeef),
		elapsedTime(258),
		optionRequest([82, 23]),
		clientFqdn(1, "pc-1"),
		vendorClass(311, "MSFT 5.0"),
	]);
	t.equal(
		Buffer.from(message).toString("hex"),
		[
			"01123456",
			"0001000a00030001020000000001",
			"0003000cdeadbeef0000000000000000",
			"000800020102",
			"0006000400520017",
			"0027000601" + "0470632d31",
			"0010000e0000013700084d53465420352e30",
		].join(""),
	);
});

t.test("what is written is read", async () => {
	const duid = fc.uint8Array({ minLength: 3, maxLength: 130 });
	const nat24 = fc.nat(0xffffff);
	const nat32 = fc.nat(0xffffffff);
	fc.assert(
		fc.property(duid, nat24, nat32, fc.boolean(), (duid, id, iaid, asks) => {
			const options = [clientId(duid), ...(asks ? [addressWanted(iaid)] : [])];
			const type = asks ? SOLICIT : INFORMATION_REQUEST;
			const m = decodeDhcp6(encodeDhcp6(type, id, options));
			const [a] = m.associations;
			return (
				!m.malformed &&
				m.type === type &&
				m.transaction === id &&
				m.client === Buffer.from(duid).toString("hex") &&
				(asks ? a?.iaid === iaid && a.t1 === 0 && a.t2 === 0 : !a)
			);
		}),
	);
});

t.test("options stand apart", async (t) => {
	const message = encodeDhcp6(INFORMATION_REQUEST, 1, [
		optionRequest([1, 2, 3]),
		elapsedTime(0),
	]);
	const seen: [number, number][] = [];
	t.ok(
		eachOption(message, 4, message.length, (code, from, to) =>
			seen.push([code, to - from]),
		),
	);
	t.same(seen, [
		[6, 6],
		[8, 2],
	]);
});
