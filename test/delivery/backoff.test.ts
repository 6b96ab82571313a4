import t from "tap";
import { backoff } from "../../src/delivery/backoff.ts";

t.test(
	"attempts are ever further apart, up to five minutes, and spread",
	async (t) => {
		const middle = [1, 2, 3, 4, 8, 9, 10, 1000].map((n) => backoff(n, 0.5));
		t.same(
			middle,
			[1000, 2000, 4000, 8000, 128_000, 256_000, 300_000, 300_000],
		);
		t.equal(backoff(1, 0), 500);
		t.equal(backoff(10, 0.75), 375_000);
	},
);
