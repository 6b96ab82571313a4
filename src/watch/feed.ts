import type { OnRecord } from "../capture/record.ts";
import { isAnswer } from "../detect/answers.ts";
import type { Detector } from "../detect/detector.ts";
import { decode } from "../wire/link.ts";
import { createPacket, Kind, type Packet } from "../wire/packet.ts";

/** Packets announced before the first of them is judged: as many as a processor can wait for at once. */
const AHEAD = 32;

/** Packets whose judges look into the payload, which is gone when the record's turn is over. */
const looksInside = (p: Packet) =>
	p.kind === Kind.Icmp4 ||
	p.kind === Kind.Icmp6 ||
	p.kind === Kind.Fragment ||
	isAnswer(p);

/** From records to a detector, in order. */
export interface Feed {
	record: OnRecord;
	/** Judges what was announced; to be called when no record follows at once. */
	flush(): void;
}

/**
 * Decodes records and hands them to a detector, a handful at a time: first all are announced, then judged.
 * Under a flood of sources each of them is a miss of the cache, and a few at once take no longer than one.
 */
export function createFeed(detector: Detector): Feed {
	const packets = Array.from({ length: AHEAD }, createPacket);
	const nothing = new Uint8Array(0);
	let count = 0;

	function flush(): void {
		for (let i = 0; i < count; i++) detector.warm(packets[i] as Packet);
		for (let i = 0; i < count; i++)
			detector.packet(packets[i] as Packet, nothing);
		count = 0;
	}

	return {
		flush,
		record(bytes, offset, captured, length, time, linktype, iface) {
			const packet = packets[count] as Packet;
			decode(bytes, offset, captured, length, linktype, packet);
			packet.time = time;
			packet.interface = iface;
			if (packet.kind === Kind.Other) return;
			detector.announce(packet);
			if (looksInside(packet)) {
				flush();
				detector.packet(packet, bytes);
			} else if (++count === AHEAD) flush();
		},
	};
}

/** A feed that hands on the records that were attempts, one at a time: for evidence. */
export function createKeepingFeed(detector: Detector, keep: OnRecord): Feed {
	const feed = createFeed(detector);
	return {
		flush: feed.flush,
		record(bytes, offset, captured, length, time, linktype, iface) {
			const before = detector.tried();
			feed.record(bytes, offset, captured, length, time, linktype, iface);
			feed.flush();
			if (detector.tried() !== before)
				keep(bytes, offset, captured, length, time, linktype, iface);
		},
	};
}
