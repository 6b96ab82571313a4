/** What a system test needs, in one place; each file says more. */
export { makeCertificate } from "./certificate.ts";
export { connectAndReset, type End, readAll } from "./client.ts";
export { startDnsmasq, useResolver } from "./dns.ts";
export { childrenOf, isAlive } from "./family.ts";
export { addHost, type Host, home, runIn } from "./host.ts";
export { startOidentd } from "./ident.ts";
export {
	must,
	type Peer,
	type Program,
	peer,
	type Result,
	run,
	start,
} from "./process.ts";
export { type Rsyslog, type SyslogLine, startRsyslog } from "./rsyslog.ts";
export { enterSandbox, privileged, root } from "./sandbox.ts";
export { listeningPorts, listensOn } from "./sockets.ts";
export { startInetd, startSocketActivate, startXinetd } from "./superserver.ts";
export { waitFor } from "./wait.ts";
