/** What `tocsin --help` prints. */
export const HELP = `tocsin [watch] [options] [PORT|SERVICE...]    hear who touches this machine
tocsin replay [options] FILE...               the same, over capture files
tocsin check [-c FILE]                        what would not work, and why
tocsin probe poison|dhcp|ra [-i PATTERN]      ask once, now: who answers?
tocsin learned [--forget [ADDRESS|MAC|ID...]] servers taken for rightful ones
tocsin alerts [--since 1h] [--kind KIND,...] [--source CIDR] [--follow]
                                              what was told
tocsin status                                 how the running watch does
tocsin test-alert [-c FILE]                   one marked alert to every sink
tocsin notify                                 popups in this desktop session

watch is a daemon that tells of probes, scans, sweeps and pings, half-open and
stealthy ones included; of who answers for names that don't exist, and of DHCP
servers and routers that should not be there. It needs the right to capture
(CAP_NET_RAW; as root it becomes an ordinary user that has that one right).
PORT is 23, 6000-6063, all, or a service's name; tcp:23 or udp:69 is one of the
two; several may be joined by commas. What is named replaces the watched ports
of the configuration; unnamed, those that nobody has a reason to use.

  -c, --config FILE        the configuration (/etc/tocsin.toml, if it exists)
  -i, --interface PATTERN  watch these interfaces, eth* or !veth*; may be
                           repeated (all that are up)
  -s, --segment            judge all that passes by, not only what is for us
  -T, --tcp-only           judge nothing but TCP
  -A, --all-except         watch all ports except the named ones
      --to CIDR            judge only what goes there; may be repeated
      --home CIDR          these addresses are ours; may be repeated
      --ip-options         tell of packets with IP options as well
  -o, --evidence FILE      keep the packets behind the alerts in a pcap file
      --user NAME          as root: become NAME (nobody)
      --syslog URL         local: (default), udp://HOST[:514], tcp://HOST[:601],
                           tls://HOST[:6514][?ca=FILE&cert=FILE&key=FILE],
                           or stdout:
      --fallback FILE      where lines go when syslog can't be reached
                           (/var/log/tocsin.log)
      --facility NAME      auth    --tag NAME  tocsin
      --state DIR          where it keeps what it learned, the history and the
                           outbox (/var/lib/tocsin)
      --socket FILE        where klaxons and 'tocsin status' reach it
                           (/run/tocsin/tocsin.sock)
      --json               one JSON alert a line on standard output, no syslog
  -V, --version            -h, --help

SIGHUP makes a watch read its rules and sinks again.
probe exits with 1 when somebody answered who should not; poison needs no root.
test-alert exits with 1 when a sink failed. alerts and status take --json too.
replay writes to standard output. It takes -c -s -T --to --home --ip-options
and --json, and judges the whole segment unless --home says who we are.

exit: 0 done; 64 usage; 65 a capture file can't be read; 69 libpcap is missing;
71 no interface can be opened; 77 no permission; 78 configuration
`;
