/** Spreads work: a pause that ends early, and is none any more, once somebody is in a hurry. */
export interface Pacer {
	pause(): Promise<void>;
	hurry(): void;
}

export function createPacer(ms: number): Pacer {
	let hurried = false;
	let wake = () => {};
	return {
		pause: () =>
			new Promise((resolve) => {
				if (hurried) return resolve();
				wake = resolve;
				setTimeout(resolve, ms);
			}),
		hurry() {
			hurried = true;
			wake();
		},
	};
}
