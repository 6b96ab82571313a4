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
	const cases: [path: (string | number)[], line: number, column: number][] = [
		[["a"], 2, 5],
		[["b.c"], 3, 9],
		[["b.c", "d", 1], 4, 2],
		[["b.c", "e", "f"], 4, 12],
		[["g", "h"], 5, 7],
		[["watch"], 10, 1],
		[["watch", "tcp"], 11, 7],
		[["watch", "tcp", 0], 12, 3],
		[["watch", "tcp", 1], 12, 8],
		[["watch", "tcp", 2], 12, 13],
		[["watch", "tcp", 3], 14, 3],
		[["watch", "tcp", 3, 1], 15, 4],
		[["watch", "tcp", 4], 15, 8],
		[["watch", "tcp", 5, "y"], 16, 21],
		[["sink"], 18, 1],
		[["sink", 0], 18, 1],
		[["sink", 0, "type"], 19, 8],
		[["sink", 1], 21, 2],
		[["sink", 1, "path"], 22, 8],
		[["sink", 1, "sub", 0, "z"], 24, 5],
		[["sink", 1, "other", "w"], 26, 5],
		[["watch", "except"], 27, 1],
		[["watch", "except", "udp"], 28, 7],
	];
	for (const [path, line, column] of cases)
		t.same(at(path), { line, column }, path.join("."));
	t.same(at(["watch", "tcp"], "key"), { line: 11, column: 1 });
	t.same(at(["b.c", "d"], "key"), { line: 3, column: 11 });
	t.same(at(["watch"], "key"), { line: 10, column: 1 });
});

t.test("what isn't there is where its parent stands", async (t) => {
	const at = locate("\n[[sink]]\na = [\n1]\n");
	t.same(at(["sink", 0, "path"]), { line: 2, column: 1 });
	t.same(at(["sink", 0, "a", 7]), { line: 3, column: 5 });
	t.same(at(["nothing"]), { line: 1, column: 1 });
	t.same(at([]), { line: 1, column: 1 });
	t.same(locate("")(["a"]), { line: 1, column: 1 });
});

t.test("any text of keys and strings, one a line", async () => {
	const table = fc.dictionary(fc.string(), fc.string(), { maxKeys: 9 });
	fc.assert(
		fc.property(table, (table) => {
			const text = stringify(table);
			const at = locate(text);
			return Object.keys(table).every((key, i) => {
				const { line, column } = at([key], "key");
				return line === i + 1 && column === 1;
			});
		}),
	);
});
