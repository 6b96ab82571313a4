import type { Alert } from "./alert.ts";

/** What an alert is in a few words, for a heading; nothing in it comes from the network. */
export const TITLES: Record<Alert["kind"], string> = {
	connection: "Trap touched",
	probe: "Port probed",
	scan: "Port scan",
	sweep: "Network sweep",
	ping: "Ping",
	poison: "Name poisoning",
	"rogue-dhcp": "Rogue DHCP server",
	"rogue-ra": "Rogue router",
	sensor: "Sensor",
};
