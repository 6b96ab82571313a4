/** Units of an interface's timestamps: 10 or 2 to the minus `exponent` seconds, and seconds to add. */
export interface Resolution {
	binary: boolean;
	exponent: number;
	offset: number;
}

/** Without if_tsresol and if_tsoffset: microseconds since the epoch (pcapng draft, section 4.2). */
export const MICROSECONDS: Resolution = {
	binary: false,
	exponent: 6,
	offset: 0,
};

const WORD = 2 ** 32;

/** Turns the two words of a timestamp into ms since the epoch, cut to whole microseconds. */
export type Clock = (high: number, low: number) => number;

/**
 * The clock of an interface. Sums are kept apart so that nothing is rounded before the microsecond is
 * cut, for units of 10^-12 s and coarser; V8 has no cheap 64-bit integers.
 */
export function clockOf({ binary, exponent, offset }: Resolution): Clock {
	const added = offset * 1e6;
	if (binary) {
		const unit = 2 ** -exponent;
		return (high, low) => {
			const upper = high * WORD * unit;
			const seconds = Math.floor(upper + low * unit);
			const fraction = upper - seconds + low * unit;
			return (seconds * 1e6 + Math.floor(fraction * 1e6) + added) / 1000;
		};
	}
	if (exponent < 6) {
		const unit = 10 ** (6 - exponent);
		return (high, low) => ((high * WORD + low) * unit + added) / 1000;
	}
	const divisor = 10 ** (exponent - 6);
	const rest = WORD % divisor;
	const whole = (WORD - rest) / divisor;
	return (high, low) =>
		(high * whole + Math.floor((high * rest + low) / divisor) + added) / 1000;
}
