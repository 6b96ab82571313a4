/** An integer from 0 to below `n`. */
export type Random = (n: number) => number;

/** What invented names are to look like those of. */
export interface Site {
	/** How the site's hosts are called: `[poison] prefixes`, lower case, at most 10 characters. */
	prefixes: readonly string[];
	/** This host's own name. */
	hostname: string;
}

/** NetBIOS has room for so many characters (RFC 1001 section 14). */
const LONGEST = 15;
/** Characters of a tail: four letters or digits are 1.6 million names beside which no real one stands. */
const [SHORTEST_TAIL, LONGEST_TAIL] = [4, 8];
/** Chrome looks for captive portals by three names of 7 to 15 lower-case letters (intranet_redirect_detector.cc). */
const [CHROME_SHORTEST, CHROME_LONGEST] = [7, 15];

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";

/** How hosts are called where nobody says how. */
const WORDS =
	"srv pc prn ws nas fs dc sql mail web app print scan file backup vpn cam lab dev test ts db mgmt erp hr it lap nb kiosk intra sp wiki git proxy fax desk office store voip ap build".split(
		" ",
	);

const pick = <T>(random: Random, from: ArrayLike<T>): T =>
	from[random(from.length)] as T;

function characters(random: Random, from: string, count: number): string {
	let text = "";
	for (let i = 0; i < count; i++) text += from[random(from.length)];
	return text;
}

/** Letters alone, as Chrome asks for. */
export const chromeName = (random: Random): string =>
	characters(
		random,
		LETTERS,
		CHROME_SHORTEST + random(CHROME_LONGEST - CHROME_SHORTEST + 1),
	);

/** Letters, letters and then digits, or both mixed; never digits alone: hosts are numbered. */
function tail(random: Random, length: number): string {
	switch (random(3)) {
		case 0:
			return characters(random, LETTERS, length);
		case 1: {
			const digits = 1 + random(length - 2);
			const letters = characters(random, LETTERS, length - digits);
			return letters + characters(random, DIGITS, digits);
		}
		default: {
			const mixed = characters(random, LETTERS + DIGITS, length);
			const at = random(length);
			return `${mixed.slice(0, at)}${pick(random, LETTERS)}${mixed.slice(at + 1)}`;
		}
	}
}

/** How the name begins: a prefix of the site's, the letters of this host's name, or a usual word. */
function stem(random: Random, { prefixes, hostname }: Site): string {
	if (prefixes.length > 0) return pick(random, prefixes);
	const [own] = /^[a-z]{2,8}/.exec(hostname.toLowerCase()) ?? [];
	return own !== undefined && random(3) === 0 ? own : pick(random, WORDS);
}

/** Like the site's hosts, with a tail that none of them has: `srv-k4t91`, `printqzmw07`. At most 15 characters. */
export function siteName(random: Random, site: Site): string {
	const begin = stem(random, site);
	const room = LONGEST - SHORTEST_TAIL - begin.length;
	const separator =
		begin.endsWith("-") || room < 1 ? "" : pick(random, ["", "-"]);
	const word = pick(random, WORDS);
	const middle =
		separator && word.length + 2 <= room && random(4) === 0 ? `${word}-` : "";
	const head = begin + separator + middle;
	const most = Math.min(LONGEST - head.length, LONGEST_TAIL);
	return head + tail(random, SHORTEST_TAIL + random(most - SHORTEST_TAIL + 1));
}
