import fc from "fast-check";
import { stringify } from "smol-toml";
import t from "tap";
import { locate } from "../../src/config/where.ts";

t.test("keys, elements and tables", async (t) => {
	const at = locate(`# [watch]
a = 1
"b.c" = { d = [1,
 2], e.f = 3 }
g.h = """
x = 1
[no]
"""""

[watch]
tcp = [ # ]
  1.5, "]", '''
[''',
  [2,
   3], 1979-05-27 07:32:00,
  { x = "a\\"}", y = 1 }
]
[[sink]]
type = 1

 [[ sink ]]
path = 'C:\\'
[[sink.sub]]
z = 1
[sink.other]
w = 1
[watch.except] # end
udp = 1`);
	const cases: [path: (string | number)[], line: number][] = [
		[["a"], 2],
		[["b.c"], 3],
		[["b.c", "d", 1], 4],
		[["b.c", "e", "f"], 4],
		[["g", "h"], 5],
		[["watch"], 10],
		[["watch", "tcp"], 11],
		[["watch", "tcp", 0], 12],
		[["watch", "tcp", 1], 12],
		[["watch", "tcp", 2], 12],
		[["watch", "tcp", 3], 14],
		[["watch", "tcp", 3, 1], 15],
		[["watch", "tcp", 4], 15],
		[["watch", "tcp", 5, "y"], 16],
		[["sink"], 18],
		[["sink", 0], 18],
		[["sink", 0, "type"], 19],
		[["sink", 1], 21],
		[["sink", 1, "path"], 22],
		[["sink", 1, "sub", 0, "z"], 24],
		[["sink", 1, "other", "w"], 26],
		[["watch", "except"], 27],
		[["watch", "except", "udp"], 28],
	];
	for (const [path, line] of cases) t.equal(at(path), line, path.join("."));
});

t.test("what isn't there is where its parent stands", async (t) => {
	const at = locate("\n[[sink]]\na = [\n1]\n");
	t.equal(at(["sink", 0, "path"]), 2);
	t.equal(at(["sink", 0, "a", 7]), 3);
	t.equal(at(["nothing"]), 1);
	t.equal(at([]), 1);
	t.equal(locate("")(["a"]), 1);
});

t.test("any text of keys and strings, one a line", async () => {
	const table = fc.dictionary(fc.string(), fc.string(), { maxKeys: 9 });
	fc.assert(
		fc.property(table, (table) => {
			const text = stringify(table);
			const at = locate(text);
			return Object.keys(table).every((key, i) => at([key]) === i + 1);
		}),
	);
});
