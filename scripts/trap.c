/* The least a trap can do, as the original did it: who is there, a line to syslog. Only the bench compiles it. */
#include <netdb.h>
#include <sys/socket.h>
#include <syslog.h>

int main(void)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof peer;
	char host[NI_MAXHOST] = "unknown", port[NI_MAXSERV] = "0";

	if (getpeername(0, (struct sockaddr *)&peer, &length) == 0)
		getnameinfo((struct sockaddr *)&peer, length, host, sizeof host, port, sizeof port,
			    NI_NUMERICHOST | NI_NUMERICSERV);
	openlog("trap", LOG_PID, LOG_AUTH);
	syslog(LOG_NOTICE, "ALERT: host %s accessing port trap sport=%s", host, port);
	return 0;
}
