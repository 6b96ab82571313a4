import t from "tap";
import { nobodyOn } from "../../src/watch/asking.ts";
import { rightful } from "../../src/watch/probe.ts";
import { OFFER } from "../alert/samples.ts";

t.test(
	"what a server says stays one value, whatever stands in it",
	async (t) => {
		const source = { ip: "192.0.2.1", mac: "02:00:00:00:00:01" };
		const details = { server: "192.0.2.1", domain: 'a server=192.0.2.9 "b"' };
		t.equal(
			rightful({ ...OFFER, source, message: "offer", details }),
			'ok  192.0.2.1 02:00:00:00:00:01 offer server=192.0.2.1 domain="a server=192.0.2.9 \\"b\\""\n',
		);
	},
);

t.test("nobody answered", async (t) => {
	t.equal(nobodyOn(["eth0", "eth1"]), "nobody answered on eth0, eth1\n");
	t.equal(nobodyOn(["e\x1b[2J"]), "nobody answered on e\\x1b[2J\n");
});
