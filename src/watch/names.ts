import { readFileSync } from "node:fs";
import type { Names } from "../detect/report.ts";
import { serviceOf } from "../trap/services.ts";

function servicesFile(): string {
	try {
		return readFileSync("/etc/services", "latin1");
	} catch {
		return "";
	}
}

/** Names of services as this machine has them, and of interfaces as the capture has them. */
export function createNames(
	interfaceName: (index: number) => string | undefined,
): Names {
	const services = servicesFile();
	return {
		interface: interfaceName,
		service(port, transport) {
			const name = serviceOf(port, transport, services);
			return name === String(port) ? undefined : name;
		},
	};
}
