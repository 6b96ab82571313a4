import type { Alert } from "../alert/alert.ts";
import type { Cidr, Words } from "../config/cidr.ts";
import type { PortSet } from "../config/portset.ts";
import type { Protocol, Scope } from "../config/watch.ts";
import type { Agenda } from "./agenda.ts";
import type { Answers } from "./answers.ts";
import type { Names } from "./report.ts";

/** What a detector judges, and what it needs of the world. */
export interface DetectorOptions {
	scope: Scope;
	/** Watched ports, exceptions taken away. */
	tcp: PortSet;
	udp: PortSet;
	protocols: readonly Protocol[];
	/** Only these destinations are judged; empty: all in scope. */
	to: readonly Cidr[];
	/** Networks where answered connections to many hosts are a sweep; empty: none. */
	home: readonly Cidr[];
	/** IP options are a probe by themselves. */
	ipOptions: boolean;
	/** Secret in a live watch, so that nobody can aim at a table's slot; a constant in replay. */
	seed: number;
	names: Names;
	/** Whether this host has a socket on a port of its address; undefined where nobody knows. */
	isBound(
		transport: "tcp" | "udp",
		port: number,
		address: Words,
	): boolean | undefined;
	/** Judges of what servers say; left out: nobody listens to them. */
	answers?: ((agenda: Agenda) => Answers) | undefined;
	emit(alert: Alert): void;
}
