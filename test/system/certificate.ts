import { must, peer } from "./process.ts";
import type { Certificate } from "./rsyslog.ts";
import { temporary } from "./temporary.ts";

/** A fresh self-signed certificate for these names and addresses; it is its own authority. */
export async function makeCertificate(
	names: readonly string[] = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"],
): Promise<Certificate> {
	const folder = temporary("certificate");
	const cert = `${folder}/cert.pem`;
	const key = `${folder}/key.pem`;
	await must(peer("openssl"), [
		...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
		...["-nodes", "-days", "2", "-subj", "/CN=klaxon test"],
		...["-addext", `subjectAltName=${names.join(",")}`],
		...["-keyout", key, "-out", cert],
	]);
	return { ca: cert, cert, key };
}
