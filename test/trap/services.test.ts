import t from "tap";
import { portOf, serviceOf } from "../../src/trap/services.ts";

const file = `# comment
tcpmux		1/tcp				# TCP port service multiplexer
echo		7/tcp
echo		7/udp
exec		512/tcp
shell		514/tcp		cmd syslog	# no passwords used
syslog		514/udp
broken
half		x/tcp
`;

t.test("a service by its name or an alias, for its transport", async (t) => {
	t.equal(portOf("tcpmux", "tcp", file), 1);
	t.equal(portOf("cmd", "tcp", file), 514);
	t.equal(portOf("tcpmux", "udp", file), undefined);
	t.equal(portOf("half", "tcp", file), undefined);
	t.equal(portOf("no", "tcp", file), undefined);
});

t.test("a port's service, or its number", async (t) => {
	t.equal(serviceOf(514, "tcp", file), "shell");
	t.equal(serviceOf(514, "udp", file), "syslog");
	t.equal(serviceOf(1, "udp", file), "1");
	t.equal(serviceOf(512, "tcp", ""), "512");
});
