/** Every threshold of the detectors, each with its reason. Times in ms. */

/** A new port within this time goes on with the burst: scanlogd's SCAN_DELAY_THRESHOLD. */
export const FAST_GAP = 3_000;
/** Privileged ports weigh more, for that's where services are: scanlogd's SCAN_WEIGHT_THRESHOLD of 21. */
export const PRIVILEGED_WEIGHT = 3;
export const HIGH_WEIGHT = 1;
export const SCAN_WEIGHT = 21;
export const PRIVILEGED = 1024;
/** Closed ports that make a slow scan; TRW needs 4 failures in a row to flag (Jung et al. 2004), one more is kinder. */
export const SLOW_PORTS = 5;
/** How long a source's sparse attempts are remembered: nmap -T0 sends five ports in 25 minutes. */
export const SLOW_WINDOW = 3_600_000;
/** A slow scan is spread at least so far; what is faster must reach the weight of a fast one. */
export const SLOW_SPAN = 8_000;
/** Protocols that make an IP protocol scan; no host speaks five odd ones with another. */
export const SCAN_PROTOCOLS = 5;
/** Hosts that make a sweep. */
export const SWEEP_HOSTS = 10;
/** A new host within this time goes on with the sweep, where asking many hosts is no offence in itself. */
export const SWEEP_GAP = 3_000;
/** Unanswered or crafted packets are an offence: they may come as slowly as this and still be one sweep. */
export const SWEEP_WINDOW = 600_000;
/** Answers to the last packet arrive within this time, so that a served port is not called closed. */
export const SCAN_GRACE = 200;
/** The same for a single probe of our own ports: the kernel answers a SYN at once, a program a datagram soon. */
export const TCP_GRACE = 12;
export const UDP_GRACE = 60;
/** Another host's answer may have a long way. */
export const FAR_GRACE = 300;
/** From a refusal to the alert: time enough for the decoys that nmap sends in the same breath. */
export const DECOY_WAIT = 4;
/** A source's further probes wait this long: they may turn out to be a scan, which is one alert. */
export const PROBE_HOLD = 500;
/** Repeated alerts are counted for this long and then told as one: klaxon's own window. */
export const FOLD_WINDOW = 60_000;
/** A scan that goes on is told again so often. */
export const SCAN_UPDATE = 60_000;
/** A scan has ended when nothing came for this long, a slow one (nmap -T0 waits 5 minutes) for that long. */
export const SCAN_QUIET = 10_000;
export const SLOW_QUIET = 900_000;
/** Probes a minute from one MAC address (or router), and as many scans; more are told as one line with their sum. */
export const LINES_A_MINUTE = 8;
/** The same for all MAC addresses together: beside a flood there is room for three others. */
export const ALL_LINES_A_MINUTE = 32;
/** MAC addresses that begin to be told of in a minute: those are spoofed as easily. */
export const MACS_A_MINUTE = 16;
/** All lines a minute from one MAC address, ends of scans included: with two sums, what a person still reads (20). */
export const JOINT_LINES = 17;
/** The same for all MAC addresses together. */
export const ALL_JOINT_LINES = 48;
/** Attempts at a host, none of them in an alert of its own, that make a flood, within FLOOD_TICK. */
export const FLOOD_ATTEMPTS = 1_000;
export const FLOOD_TICK = 1_000;
/** A flood is told when it begins, and then so often. */
export const FLOOD_REPORT = 60_000;
/** Targets whose floods are counted apart. */
export const FLOOD_TARGETS = 256;
/** A reply may come so late that its asker is gone: DNS resolvers give up after 30 s, NTP polls each 64 s. */
export const ASKED_WINDOW = 120_000;
/** How long a port that answered counts as served. */
export const SERVED_WINDOW = 3_600_000;
/** From SYN to the reset that breaks it off; Linux repeats SYN|ACK for 63 s. */
export const HANDSHAKE_WINDOW = 64_000;
/** Two sources that send the same packet within this time are one: nmap sends all decoys of a probe at once. */
export const DECOY_WINDOW = 2_000;
/** Where the fragments of a probe are put together. Linux waits 30 s (ipfrag_time). */
export const FRAGMENT_WINDOW = 30_000;
/** First fragments shorter than this hide TCP's flags (RFC 1858 section 3 wants them dropped). */
export const TINY_FRAGMENT = 16;
export const FRAGMENT_SLOTS = 256;
/** UDP of traceroute(8): ports from 33434 on, and few hops left when it arrives. */
export const TRACEROUTE_PORT = 33_434;
export const TRACEROUTE_PORTS = 512;
export const TRACEROUTE_TTL = 10;
/** Ephemeral ports of Linux (ip_local_port_range): what comes to them from a service is a reply. */
export const EPHEMERAL = 32_768;

/**
 * Sources with one attempt, as a power of two, 16 bytes each. Under half a million new ones a second each
 * lasts a quarter of one, so every fifth gap of nmap -T2 is survived, and one is enough.
 */
export const NEWCOMER_BITS = 17;
/** Sources with several attempts, as a power of two, 32 bytes each. */
export const SOURCE_BITS = 16;
/** Sources with details: 5 or more attempts. */
export const SUSPECTS = 4_096;
/** New ones a second from one MAC address: bounds what a flood that varies its ports can cost. */
export const SUSPECTS_A_SECOND = 500;
/** Targets and sweeps of a suspect, and how many of them are told singly. */
export const SUSPECT_TARGETS = 64;
export const SUSPECT_LINES = 4;
/** Addresses of decoys and of swept hosts that an alert names. */
export const NAMED_HOSTS = 32;
/** Sources that are known to belong to a group of decoys. */
export const DECOYS = 2_048;
/** Ports of a scan that an alert lists. */
export const NAMED_PORTS = 1_000;
/** Probes and pings that are being folded. */
export const FOLDS = 4_096;
/** Probes of one MAC address that wait for an answer at a time; more can't be told singly anyhow. */
export const PENDING = 64;
/** ms within which a server or poisoner that goes on is counted: several cycles of questions. */
export const REPEAT_WINDOW = 300_000;
/** Servers and poisoners that are counted apart. */
export const REPEATS = 256;
/** Lines a minute that tell of them: of each MAC address, of all, and MAC addresses. */
export const REPEAT_LINES = { lines: 6, all: 20, macs: 12 };
/** Servers and routers that are remembered as rightful ones. */
export const KNOWN_SERVERS = 256;
/** An answer to a question for a name comes within this: Responder's take 1 ms, RFC 4795 section 7 lets hosts wait 1 s. */
export const ANSWER_WINDOW = 3_000;
/** Questions for names that are remembered within that time: a cycle of forty interfaces twice over. */
export const ASKED_NAMES = 4_096;
/** From the first answer for an invented name to the alert: the same breath's other protocols are in. */
export const POISON_WAIT = 400;
/** A second name is asked for within 10 s, three times within 2 s; its answer is waited for as long. */
export const CONFIRM_WINDOW = 14_000;
/** Who answers for invented names is remembered for this long: names answered in different cycles add up. */
export const POISON_MEMORY = 3_600_000;
/** Those who answer for invented names that are told apart. */
export const POISONERS = 256;
/** Names that an alert lists, and the latest ones beside them that are not counted twice. */
export const NAMED_POISON = 16;
export const RECENT_POISON = 64;
/** Addresses that we ask from. */
export const OWN_ADDRESSES = 256;
/** Rightful servers of one kind at one interface and VLAN: a listed MAC address may bear any number of names. */
export const PLACE_SERVERS = 16;
