#!/bin/sh
# libpcap.sh COMMAND...: runs it where tocsin finds libpcap: the machine's own, or else Debian's, unpacked
# into .peers/libpcap. Installs nothing, asks nothing, and says nothing when there is nothing to fetch.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
# shellcheck source=scripts/debian.sh
. "$root/scripts/debian.sh"
apt=$peers/apt.libpcap

machine_has_it() {
	PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -Eq '^[[:blank:]]libpcap\.so\.(0\.8|1) '
}

fetch() {
	say "fetching libpcap into $peers/libpcap"
	umask 022
	configure_apt
	# The machine's own lists save a second or ten, where there are any and they aren't too old.
	apt-get -c "$apt/conf" -o Dir::State::lists=/var/lib/apt/lists -q -y --download-only install libpcap0.8 \
		>>"$apt/log" 2>&1 </dev/null || { update_apt && download libpcap0.8; }
	for archive in "$apt"/cache/archives/*.deb; do
		dpkg-deb -x "$archive" "$apt/tree"
	done
	collect_libpcap "$apt/tree"
	rm -rf "$apt"
}

if [ -z "${TOCSIN_LIBPCAP:-}" ] && ! machine_has_it; then
	# A subshell, so that neither the lock nor HOME reaches the command.
	[ -e "$peers/libpcap" ] || (
		lock_peers
		[ -e "$peers/libpcap" ] || fetch
	)
	export TOCSIN_LIBPCAP="$peers/libpcap/libpcap.so.0.8"
	export LD_LIBRARY_PATH="$peers/libpcap${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
fi
[ $# = 0 ] || exec "$@"
