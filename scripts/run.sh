#!/bin/sh
# make run: a trap on $PORT and, for root, tocsin on the loopback interface, both telling this terminal.
# What it needs lies in a temporary folder and is gone at the end.
set -eu
umask 022

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
trap_on="--listen 127.0.0.1:$PORT --syslog stdout:"

if [ "$(id -u)" != 0 ]; then
	echo "a trap on 127.0.0.1 port $PORT: try 'telnet localhost $PORT' in another terminal; Ctrl-C ends it"
	echo "tocsin needs root (sudo make run): only CAP_NET_RAW may listen to the wire"
	# shellcheck disable=SC2086
	exec "$root/dist/klaxon" $trap_on
fi

# Both become nobody, who must be able to read them: a checkout may lie in root's home.
place=$(mktemp -d /tmp/klaxon-run.XXXXXX)
programs=
finish() {
	trap '' INT TERM HUP
	for program in $programs; do kill "$program" 2>/dev/null || true; done
	wait
	rm -rf "$place"
}
trap finish EXIT
trap 'exit 0' INT TERM HUP

# With a DESTDIR, and a fallback file of its own, so that this machine's logs are left alone.
PREFIX=$place DESTDIR=/ "$root/scripts/install.sh" >/dev/null
chmod 755 "$place"
# Without it tocsin says itself what is missing.
library=$("$root/scripts/libpcap.sh" sh -c 'echo "${TOCSIN_LIBPCAP:-}"') || library=
if [ "$library" = "$root/.peers/libpcap/libpcap.so.0.8" ]; then
	cp -r "$root/.peers/libpcap" "$place/"
	export TOCSIN_LIBPCAP="$place/libpcap/libpcap.so.0.8" LD_LIBRARY_PATH="$place/libpcap"
fi

nmap='nmap -sS localhost' hint=
command -v nmap >/dev/null || nmap="$root/.peers/bin/$nmap"
[ -x "${nmap%% -*}" ] || command -v nmap >/dev/null || hint=' (there after make test)'
echo "a trap on 127.0.0.1 port $PORT and a watch on lo: try 'telnet localhost $PORT' and '$nmap'$hint in another terminal; Ctrl-C ends both"

# shellcheck disable=SC2086
"$place/sbin/klaxon" $trap_on --fallback "$place/klaxon.log" &
programs=$!
"$place/sbin/tocsin" watch -i lo --syslog stdout: --state "$place/state" --socket "$place/run/tocsin.sock" &
programs="$programs $!"
code=0
for program in $programs; do
	wait "$program" || code=$?
done
programs=
exit $code
