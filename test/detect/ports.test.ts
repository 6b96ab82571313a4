import fc from "fast-check";
import t from "tap";
import { createPorts } from "../../src/detect/ports.ts";

t.test("edges", async (t) => {
	const ports = createPorts();
	for (const port of [65_535, 0, 80]) t.equal(ports.add(port), true);
	t.equal(ports.add(80), false);
	t.same(ports.list(10), [0, 80, 65_535]);
	t.same(ports.list(2), [0, 80]);
	t.equal(ports.remove(443), false);
	t.equal(ports.remove(80), true);
	t.equal(ports.has(80), false);
	t.equal(ports.size(), 2);
});

t.test("against a Set, small and large", async () => {
	// mostly neighbours, so that the 64 that fit are passed and some are removed again
	const port = fc.oneof(fc.nat(150), fc.nat(65_535));
	const step = fc.tuple(fc.constantFrom("add", "add", "add", "remove"), port);
	const steps = fc.array(step, { maxLength: 300, size: "max" });
	fc.assert(
		fc.property(steps, fc.nat(200), (steps, max) => {
			const ports = createPorts();
			const model = new Set<number>();
			for (const [what, port] of steps) {
				const had = model.has(port);
				if (ports.has(port) !== had) return false;
				if (what === "add") {
					model.add(port);
					if (ports.add(port) !== !had) return false;
				} else {
					model.delete(port);
					if (ports.remove(port) !== had) return false;
				}
				if (ports.size() !== model.size) return false;
			}
			const sorted = [...model].sort((a, b) => a - b).slice(0, max);
			return JSON.stringify(ports.list(max)) === JSON.stringify(sorted);
		}),
		{ numRuns: 300 },
	);
});
