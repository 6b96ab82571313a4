import * as z from "zod/mini";
import { SOCKET } from "../handover/protocol.ts";
import { duration } from "./duration.ts";
import { told, typed } from "./meaning.ts";
import { reading } from "./reading.ts";
import { absolute, sizeOf, userName } from "./values.ts";

/** hier(7): what a daemon keeps from one start to the next. */
const STATE = "/var/lib/tocsin";
/** sun_path of <sys/un.h>, less its terminating zero. */
const MAX_SOCKET = 107;

/** An hour: less would be gone before anybody looked. */
const MIN_AGE = 3_600_000;
/** A database with its log of changes is some of that when it is empty. */
const MIN_HISTORY = 1_000_000;

/** Where tocsin tells its state over HTTP: an address of this machine alone. */
export interface Listen {
	/** Without brackets. */
	host: string;
	port: number;
}

export interface StatusConfig {
	listen?: Listen | undefined;
}

/** How much of the alerts' history is kept. */
export interface HistoryConfig {
	/** ms */
	age: number;
	/** Bytes. */
	size: number;
}

const listen = typed(
	"address",
	z.pipe(
		z.string(),
		reading((text: string, complain): Listen => {
			const [, v4, v6, digits] =
				/^(?:(127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3})|\[(::1)\]):(\d{1,5})$/.exec(
					text,
				) ?? [];
			const [host, port] = [v4 ?? v6, Number(digits)];
			if (host !== undefined && port >= 1 && port <= 65_535)
				return { host, port };
			complain(
				`bad address '${text}': give one of this machine alone, as 127.0.0.1:9877 or [::1]:9877`,
			);
			return z.NEVER;
		}),
	),
);

const size = sizeOf(MIN_HISTORY, "the history needs at least 1MB");

/** What stands above all tables, and the tables about the daemon itself. */
export const daemonShape = () => ({
	state: told(
		z._default(absolute(), STATE),
		"a directory: what tocsin learned, the history and what waits for a sink",
	),
	socket: told(
		z._default(
			absolute().check(
				z.maxLength(MAX_SOCKET, `give at most ${MAX_SOCKET} bytes`),
			),
			SOCKET,
		),
		"where klaxons hand over, and `tocsin status` asks",
	),
	handover: told(
		z._default(z.array(userName()), () => ["nobody"]),
		"users whose klaxons may hand over",
	),
	status: told(
		z.prefault(
			z.strictObject({
				listen: told(
					z.optional(listen),
					"Prometheus text at `http://ADDRESS/metrics`, to this machine alone: `127.0.0.1:9877`",
					"nowhere",
				),
			}),
			{},
		),
		"tocsin's state",
	),
	history: told(
		z.prefault(
			z.strictObject({
				age: told(
					z.prefault(duration(MIN_AGE), "90d"),
					"older alerts are forgotten",
				),
				size: told(
					z.prefault(size, "200MB"),
					"the oldest are forgotten beyond it",
				),
			}),
			{},
		),
		"the alerts that were told, for `tocsin alerts`",
	),
});
