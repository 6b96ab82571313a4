import { priority } from "./priority.ts";
import type { Entry, Sender } from "./sink.ts";

/** Section 4.1: bytes of a packet. */
const MAX_PACKET = 1024;
/** Section 4.1.3: characters of a TAG. */
const MAX_TAG = 32;
/** RFC 1035 section 2.3.4: octets of a label. */
const MAX_HOSTNAME = 63;
const ELLIPSIS = "...";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** TIMESTAMP (section 4.1.2): local time, `Nov  3 07:05:09`. */
function timestamp(ms: number): string {
	const date = new Date(ms);
	const two = (n: number) => String(n).padStart(2, "0");
	const day = String(date.getDate()).padStart(2, " ");
	const clock = [date.getHours(), date.getMinutes(), date.getSeconds()];
	return `${MONTHS[date.getMonth()]} ${day} ${clock.map(two).join(":")}`;
}

/** HOSTNAME (section 4.1.2): without a domain, without spaces. */
function hostField(hostname: string): string {
	const [label = ""] = hostname.split(".");
	return label.replace(/[^!-~]/g, "-").slice(0, MAX_HOSTNAME) || "-";
}

/** TAG (section 4.1.3): what isn't alphanumeric would end it; senders keep `-` and `_` all the same. */
const tagField = (tag: string) =>
	tag.replace(/[^\w-]/g, "-").slice(0, MAX_TAG) || "-";

/**
 * An entry as a BSD syslog message (RFC 3164 section 4.1), printable ASCII without a newline, at most
 * 1,024 octets: a line that is too long for that ends in `...`.
 */
export function message3164(
	{ time, level, line }: Entry,
	sender: Sender,
	hostname: string,
): string {
	const pri = `<${priority(sender.facility, level)}>`;
	const tag = `${tagField(sender.tag)}[${sender.pid}]:`;
	const head = `${pri}${timestamp(time)} ${hostField(hostname)} ${tag} `;
	const text = line.replace(/[^ -~]/g, "?");
	const room = MAX_PACKET - head.length;
	if (text.length <= room) return head + text;
	return head + text.slice(0, room - ELLIPSIS.length) + ELLIPSIS;
}
