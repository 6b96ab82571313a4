import t from "tap";
import { createSending } from "../../src/watch/sending.ts";

t.test("what can't be sent is told, once until it can", async (t) => {
	let why: string | undefined;
	const sent: string[] = [];
	const said: string[] = [];
	const send = createSending({
		send: () => why,
		sent: (name) => sent.push(name),
		complain: (sentence) => said.push(sentence),
	});
	const frames = (name: string, n: number) => {
		for (let i = 0; i < n; i++) send(name, new Uint8Array(60));
	};
	frames("eth0", 2);
	t.same(sent, ["eth0", "eth0"]);
	why = "eth0 takes no frame";
	frames("eth0", 9);
	t.same(said, [], "a full queue passes");
	frames("eth0", 30);
	const sentence =
		"can't ask on eth0, nobody there is heard: eth0 takes no frame";
	t.same(said, [sentence]);
	why = undefined;
	frames("eth0", 1);
	why = "eth0 takes no frame";
	frames("eth0", 10);
	t.same(said, [sentence, sentence]);
	t.equal(sent.length, 3);
});
