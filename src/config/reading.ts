import * as z from "zod/mini";

export type Complain = (message: string, path?: PropertyKey[]) => void;

/** A value that `read` reads or complains about. */
export const reading = <T, V = unknown>(
	read: (value: V, complain: Complain) => T,
) =>
	z.transform((value: V, { issues }) =>
		read(value, (message, path = []) =>
			issues.push({ code: "custom", message, path, input: value }),
		),
	);
