/** An item of a list and how many things it stands for: `21-23` for three. */
type Item = [text: string, weight: number];

/** Joins items with commas up to `max` characters; what is left out of `total` ends the list as `+N`. */
function fitList(items: Iterable<Item>, total: number, max: number): string {
	const rest = (left: number) => (left > 0 ? [`+${left}`] : []);
	const shown: string[] = [];
	let left = total;
	let length = 0; // of what is shown, with a comma behind each
	for (const [text, weight] of items) {
		const end = rest(left - weight).join();
		const longer = length + text.length + (end && `,${end}`).length;
		if (longer > max) break;
		shown.push(text);
		left -= weight;
		length += text.length + 1;
	}
	return [...shown, ...rest(left)].join();
}

function* runs(ports: number[]): Generator<Item> {
	for (let i = 0; i < ports.length; i++) {
		const first = ports[i] ?? 0;
		let last = first;
		while (ports[i + 1] === last + 1) last = ports[++i] ?? last;
		if (last - first > 1) {
			yield [`${first}-${last}`, last - first + 1];
		} else {
			yield [`${first}`, 1];
			if (last > first) yield [`${last}`, 1];
		}
	}
}

/**
 * Ascending ports (or protocols) of `total`, three and more in a row as `21-23`: `1,7,9,21-23,+90`,
 * at most `max` characters (at least 12), no item split; the ports left out are counted behind the `+`.
 */
export function portList(ports: number[], total: number, max: number): string {
	return fitList(runs(ports), total, max);
}

/** The first addresses of `total`: `192.0.2.3,192.0.2.4,+10`, at most `max` characters (at least 12). */
export function hostList(hosts: string[], total: number, max: number): string {
	const items = hosts.map((host): Item => [host, 1]);
	return fitList(items, total, max);
}
