import { existsSync } from "node:fs";
import type { Own, OwnWorld } from "./byself.ts";
import { handoverSink, socketOf } from "./handto.ts";
import { impatient } from "./impatient.ts";
import type { Entry, Sink } from "./sink.ts";

/** What `--config` comes to, and what is wrong with the file. */
export interface Configured {
	sinks: Sink[];
	errors: string[];
}

const reasonOf = (error: unknown) => (error as Error).message;

/** Loads what klaxon delivers by itself with. */
async function openOwn(file: string, world: OwnWorld): Promise<Own> {
	try {
		const { ownDelivery } = await import("./byself.ts");
		return await ownDelivery(file, world);
	} catch (error) {
		return { errors: [`--config: ${reasonOf(error)}`] }; // its part is missing
	}
}

/** A running tocsin's way, and where it doesn't take them klaxon's own. */
function handingOver(
	tocsin: Sink | undefined,
	own: () => Promise<Own>,
	isToldOf: boolean,
): Sink["deliver"] {
	return async (entries: Entry[]) => {
		try {
			if (tocsin && (await tocsin.deliver(entries)) === undefined)
				return undefined;
			const { sink, errors } = await own();
			const why = sink && (await sink.deliver(entries));
			// what was told at the start need not be told with each alert
			const whys = isToldOf ? [why] : [...errors, why];
			return whys.filter((each) => each !== undefined).join("; ") || undefined;
		} catch (error) {
			return reasonOf(error);
		}
	};
}

/**
 * klaxon's way out through a configuration file: a running tocsin takes the alerts, which costs a few ms and no
 * look into the file beyond where the socket is; where none does, klaxon reads the file and delivers itself.
 */
export async function configuredSinks(
	file: string,
	world: OwnWorld,
): Promise<Configured> {
	let opened: Promise<Own> | undefined;
	const own = () => {
		opened ??= openOwn(file, world);
		return opened;
	};
	const path = socketOf(file);
	const tocsin = path === undefined ? undefined : impatient(handoverSink(path));
	const isAlone = path === undefined || !existsSync(path);
	if (isAlone || world.stays) await own();
	const errors = isAlone ? (await own()).errors : [];
	const sink: Sink = {
		deliver: handingOver(tocsin, own, isAlone),
		async close() {
			try {
				return await (await opened)?.sink?.close();
			} catch (error) {
				return reasonOf(error);
			}
		},
	};
	return { sinks: [sink], errors };
}
