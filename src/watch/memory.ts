import { createKnown, type Known } from "../detect/known.ts";
import { learnedAt, loadLearned, saveLearned } from "./state.ts";

/** What is known of rightful servers, and kept where there is a place for it. */
export interface Memory {
	known: Known;
	/** Reads anew what somebody else has changed: `tocsin learned --forget`. */
	refresh(): void;
}

/** `state` is the directory; undefined: nothing outlives this process. Each trouble is told once. */
export function createMemory(
	state: string | undefined,
	complain: (sentence: string) => void,
): Memory {
	let wasTold: string | undefined;
	function tellOnce(trouble: string | undefined): void {
		if (trouble !== undefined && trouble !== wasTold) complain(trouble);
		wasTold = trouble;
	}

	let at = 0;
	function load() {
		if (state === undefined) return [];
		at = learnedAt(state);
		const loaded = loadLearned(state);
		tellOnce(typeof loaded === "string" ? loaded : undefined);
		return typeof loaded === "string" ? [] : loaded;
	}

	const known = createKnown(load(), () => {
		if (state === undefined) return;
		tellOnce(saveLearned(state, known.all()));
		at = learnedAt(state);
	});

	return {
		known,
		refresh() {
			if (state !== undefined && learnedAt(state) !== at) known.reset(load());
		},
	};
}
