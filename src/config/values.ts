import * as z from "zod/mini";
import { typed } from "./meaning.ts";
import { reading } from "./reading.ts";
import { parseSize } from "./size.ts";

/** A user name as useradd(8) takes it. */
export const USER = /^\w[\w.-]*\$?$/;

export const userName = () =>
	z.string().check(z.regex(USER, "give a user's name"));

export const absolute = () =>
	typed(
		"path",
		z.string().check(z.regex(/^\/[^\0]*$/, "give an absolute path")),
	);

/** A whole number in bounds. */
export const whole = (min: number, max: number) =>
	z
		.int("give a whole number")
		.check(
			z.minimum(min, `give at least ${min}`),
			z.maximum(max, `give at most ${max}`),
		);

/** Bytes: at least `min`, or 0 where `remedy` allows it. */
export const sizeOf = (min: number, remedy: string, mayBeNone = false) =>
	typed(
		"size",
		reading((value, complain): number => {
			const bytes = parseSize(value);
			if (typeof bytes === "string") complain(bytes);
			else if (bytes < min && !(mayBeNone && bytes === 0))
				complain(`bad size '${value}': ${remedy}`);
			return bytes as number;
		}),
	);
