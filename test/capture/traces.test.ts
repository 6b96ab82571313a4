import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import t from "tap";
import { readCapture } from "../../src/capture/file.ts";
import { cpuTime } from "../cputime.ts";

const TRACES = join(import.meta.dirname, "../../../shared/traces");

/** Files that libpcap refuses as well, and why; of all others tcpdump --count gives the count below. */
const REFUSED: Record<string, RegExp> = {
	"malformed/tests_pcap-invalid-version-1.pcap": /of pcap version 1\.4/,
	"malformed/tests_pcap-invalid-version-2.pcap": /of pcap version 2\.5/,
	"malformed/tests_pcapng-invalid-vers-1.pcapng": /of pcapng version 0\.1/,
	"malformed/tests_pcapng-invalid-vers-2.pcapng": /of pcapng version 1\.1/,
	"malformed/tests_shb-option-too-long.pcapng": /claims 52 bytes at its head/,
};

/** What tcpdump 4.99.3 --count says of some. */
const TCPDUMP: Record<string, number> = {
	"attacks/ack.pcap": 204,
	"malformed/OSPFv2_Capture_FINAL.pcapng": 30,
	"attacks/arpping.pcap": 32,
	"attacks/sctp.pcap": 107,
	"attacks/null.pcap": 202,
	"attacks/proto.pcap": 176,
	"malformed/DECnet_Phone.pcap": 139,
	"malformed/bfd-multihop.pcap": 40,
	"protocols/ndpi-netbios.pcap": 261,
	"malformed/edns-opts.pcap": 42,
	"malformed/ISIS_p2p_adjacency.pcap": 26,
	"protocols/zeek-dhcp_dhcp_flood.pcap": 500,
	"malformed/bcm-li.pcap": 71,
};

/** Packets and their bytes in a file that is known to be sound, counted in the plainest way. */
function plainCount(file: Buffer): { records: number; bytes: number } {
	const little = file[0] === 0xd4 || file[0] === 0x4d || file[8] === 0x4d;
	const word = (at: number) =>
		little ? file.readUInt32LE(at) : file.readUInt32BE(at);
	const isPcapng = file.readUInt32BE(0) === 0x0a0d0d0a;
	let [records, bytes] = [0, 0];
	for (let at = isPcapng ? 0 : 24; at < file.length; ) {
		const enhanced = isPcapng && word(at) === 6;
		if (!isPcapng || enhanced) {
			records++;
			bytes += word(at + (enhanced ? 20 : 8));
		}
		at += isPcapng ? word(at + 4) : 16 + word(at + 8);
	}
	return { records, bytes };
}

t.test("every public capture, each within a second", async (t) => {
	if (!existsSync(TRACES)) {
		t.comment(`no ${TRACES}: its captures are not tested here`);
		return;
	}
	const files = readdirSync(TRACES, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
	let slowest = 0;
	for (const file of files) {
		const name = relative(TRACES, file);
		let bytes = 0;
		const began = cpuTime();
		const { records, error } = await readCapture(file, (_, __, captured) => {
			bytes += captured;
		});
		slowest = Math.max(slowest, cpuTime() - began);
		const refused = REFUSED[name];
		if (refused) t.match({ records, error }, { records: 0, error: refused });
		else {
			t.equal(error, undefined, name);
			t.same({ records, bytes }, plainCount(readFileSync(file)), name);
		}
		if (TCPDUMP[name] !== undefined) t.equal(records, TCPDUMP[name], name);
	}
	t.ok(slowest < 1000, `${files.length} files, the slowest in ${slowest} ms`);
});
