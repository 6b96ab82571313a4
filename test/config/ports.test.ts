import t from "tap";
import { DEFAULT_TCP, DEFAULT_UDP } from "../../src/config/ports.ts";

t.test("the ancestors' traps and today's, each once", async (t) => {
	t.same(
		DEFAULT_TCP,
		[
			0, 1, 7, 9, 11, 13, 15, 17, 19, 21, 22, 23, 77, 79, 87, 95, 102, 109, 110,
			111, 113, 119, 135, 139, 143, 389, 445, 502, 512, 513, 514, 517, 518, 540,
			873, 1080, 1433, 1521, 1723, 2049, 2323, 2375, 2376, 2379, 3128, 3306,
			3389, 4444, 5432, 5555, 5900, 5985, 5986, 6000, 6379, 7547, 8080, 8291,
			9200, 10250, 11211, 27017, 31337,
		],
	);
	t.same(
		DEFAULT_UDP,
		[7, 13, 17, 19, 69, 111, 161, 389, 517, 518, 623, 5060, 11211],
	);
});

t.test("none that Linux gives to a client", async (t) => {
	t.ok([...DEFAULT_TCP, ...DEFAULT_UDP].every((port) => port < 32768));
});
