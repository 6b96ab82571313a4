import type { Status } from "../../src/watch/status.ts";

export const NOW = Date.UTC(2026, 10, 22, 2);
const MINUTE = 60_000;

export const QUIET: Status = {
	version: "2.0.0",
	since: NOW - 1000,
	uptime: 1,
	blind: true,
	interfaces: [],
	packets: 0,
	drops: 0,
	alerts: {},
	rules: [],
	sinks: [],
	desktops: 0,
	memory: 1_000_000,
};

export const BUSY: Status = {
	version: "2.0.0",
	since: NOW - 120 * MINUTE,
	uptime: 7200,
	blind: false,
	interfaces: [
		{ name: "eth0", packets: 123_400 },
		{ name: "wlan0", packets: 56, drops: 3 },
	],
	packets: 123_456,
	drops: 3,
	alerts: { scan: 12, poison: 3 },
	rules: [
		{ block: "ignore", n: 1, why: 'backup "nightly"', count: 40 },
		{ block: "route", n: 2, count: 3 },
	],
	sinks: [
		{
			name: "ops",
			type: "mail",
			queued: 7,
			oldest: NOW - 10 * MINUTE,
			failingSince: NOW - 6 * MINUTE,
			lastError: "relay.example.net: connection refused",
			delivered: 12,
			dead: 1,
		},
		{
			name: "/var/log/x",
			type: "file",
			queued: 0,
			delivered: 15,
			dead: 0,
		},
	],
	history: { alerts: 15, bytes: 1_500_000 },
	desktops: 2,
	memory: 67_000_000,
};
