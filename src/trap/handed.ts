import type { Ends } from "./bare.ts";

/** A socket that the super-server passed and what it calls it (LISTEN_FDNAMES). */
export interface Inherited {
	fd: number;
	name?: string;
}

/** What the process was started with. */
export type Handed =
	| { kind: "nothing" }
	| ({ kind: "connection"; fd: number; name?: string | undefined } & Ends)
	| { kind: "sockets"; sockets: Inherited[] };
