/** What `klaxon --help` prints. */
export const HELP = `klaxon [options] [SERVICE]
A trap for a port nobody should touch: logs who came, and exits. Started by inetd,
xinetd or systemd socket activation with the port's socket; or by itself with --listen.

  -i, --ident[=SECONDS]   ask the peer's ident server (RFC 1413), 3 s by default;
                          refused on port 113
  -n, --numeric           no reverse DNS
  -l, --listen [udp:][ADDR:]PORT[-PORT|,PORT...]
                          no super-server: open the traps itself; may be repeated
      --user NAME         with --listen as root: become NAME once they are open (nobody)
      --idle SECONDS      wait mode: exit after this long without an encounter (60; 0 never)
      --read BYTES        log the first bytes the peer sends (0; at most 1500), waiting
                          at most 2 s
      --banner TEXT       say this first (default: say nothing, ever)
      --classic           the original's log lines
      --syslog URL        local: (default), udp://HOST[:514], tcp://HOST[:601],
                          tls://HOST[:6514][?ca=FILE&cert=FILE&key=FILE], or stdout:
      --fallback FILE     where lines go when syslog can't be reached
                          (/var/log/klaxon.log)
      --facility NAME     auth    --level NAME  notice    --tag NAME  klaxon
      --json              one JSON alert a line on standard output instead of syslog
                          (never under a super-server)
  -c, --config FILE       deliver through the sinks configured there as well
  -V, --version           -h, --help

exit: 0 done; 64 usage; 69 syslog out of reach, lines in the fallback file; 70 a bug;
71 a port can't be opened; 73 the fallback file can't be written either; 77 no permission
`;
