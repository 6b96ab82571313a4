#!/bin/sh
# Puts the real servers and tools the tests talk to into .peers, and nothing on the machine.
#
#   .peers/bin/NAME    what to run: starts the program with the libraries it came with
#   .peers/PACKAGE/    one tree for each package asked for (super-servers conflict with each other)
#   .peers/shared/     everything they depend on
#   .peers/libpcap/    libpcap alone (see libpcap.sh)
#   .peers/fonts/      what an X server and a program that draws need of fonts
#
# Needs no root and asks nothing. Does nothing when all is there; run it again after an interruption.
set -eu
umask 022

# No two packages of one group may conflict with each other: apt resolves a group at a time.
GROUPS_OF_PACKAGES="
openbsd-inetd oidentd rsyslog rsyslog-openssl nmap inetutils-telnet fail2ban dnsmasq-base systemd iproute2 openssl netbase
tcpdump masscan hping3 iputils-arping iputils-ping ndisc6
udhcpd isc-dhcp-server kea-dhcp4-server radvd avahi-daemon systemd-resolved dbus-daemon samba tshark
msmtp msmtp-mta prometheus-alertmanager dunst tightvncserver xfonts-base
inetutils-inetd
xinetd
"
LAYOUT=4 # raise it when the trees or the wrappers below change

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
# shellcheck source=scripts/debian.sh
. "$root/scripts/debian.sh"
wanted="layout $LAYOUT$GROUPS_OF_PACKAGES"

is_complete() {
	[ -r "$peers/stamp" ] && [ "$(cat "$peers/stamp")" = "$(printf %s "$wanted")" ]
}

fetch() {
	say "fetching Debian packages into $peers"
	configure_apt
	update_apt
	# What an interrupted run got may have been replaced by a newer version since.
	try apt-get -c "$apt/conf" -q -y autoclean
	echo "$GROUPS_OF_PACKAGES" | while read -r group; do
		# shellcheck disable=SC2086
		[ -z "$group" ] || download $group
	done
}

unpack() {
	for archive in "$apt"/cache/archives/*.deb; do
		package=${archive##*/}
		package=${package%%_*}
		tree=shared
		for asked in $GROUPS_OF_PACKAGES; do
			[ "$package" != "$asked" ] || tree=$package
		done
		mkdir -p "$peers/$tree"
		dpkg-deb -x "$archive" "$peers/$tree"
		rm -rf "$peers/$tree/usr/share/doc" "$peers/$tree/usr/share/man" "$peers/$tree/usr/share/locale"
	done
	rm "$peers/prometheus-alertmanager/usr/bin/amtool" # 19 MB
	# Run as root, dpkg keeps set-user-ID bits and private modes; nobody wants either here.
	chmod -R u-s,g-s,a+rX "$peers"/*/
}

program() { # NAME PACKAGE FILE [VARIABLE=VALUE|-OPTION...]: a wrapper in .peers/bin
	name=$1 package=$2 file=$3 options=
	shift 3
	path=$(cd "$peers" && ls -d "$package"/usr/*bin/"$file" "$package"/*bin/"$file" "$package"/lib/systemd/"$file" "$package"/usr/lib/systemd/"$file" 2>/dev/null | head -n 1)
	[ -n "$path" ] || { say "$package has no program $file" && return 1; }
	{
		echo '#!/bin/sh'
		# shellcheck disable=SC2016
		echo 'here=$(cd "${0%/*}/.." && pwd)'
		for extra in "$@"; do
			case $extra in
			-*) options="$options $extra" ;;
			*) echo "export $extra" ;;
			esac
		done
		# The loader gets the library path as an argument: what the program starts must not inherit it.
		printf 'exec %s --argv0 %s --library-path "%s" "$here/%s"%s "$@"\n' "$loader" "$name" "$libraries" "$path" "$options"
	} >"$peers/bin/$name"
	chmod 755 "$peers/bin/$name"
}

find_libraries() { # every folder with a shared library in it, for the loader
	(cd "$peers" && find ./*/lib ./*/usr/lib -name '*.so.*' -o -name 'libsystemd-shared*.so' 2>/dev/null) |
		sed 's,/[^/]*$,,; s,^\.,$here,' | sort -u | paste -sd: -
}

# An X server must find its fonts `fixed` and `cursor`, and whoever draws into it one that scales.
make_fonts() {
	mkdir -p "$peers/fonts"
	cp "$peers"/xfonts-base/usr/share/fonts/X11/misc/6x13-ISO8859-1.pcf.gz "$peers"/xfonts-base/usr/share/fonts/X11/misc/cursor.pcf.gz "$peers/fonts"
	rm -rf "$peers/xfonts-base" "$peers/shared/usr/share/fonts/X11"
	printf '2\n6x13-ISO8859-1.pcf.gz fixed\ncursor.pcf.gz cursor\n' >"$peers/fonts/fonts.dir"
	cat >"$peers/fonts/fonts.conf" <<-END
		<?xml version="1.0"?>
		<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
		<fontconfig>
		<dir prefix="relative">../shared/usr/share/fonts</dir>
		<cachedir prefix="xdg">fontconfig</cachedir>
		</fontconfig>
	END
}

# The host's loader, which goes with the host's libc.
find_loader() {
	for file in /lib64/ld-linux-*.so.? /lib/ld-linux-*.so.?; do
		[ ! -x "$file" ] || { echo "$file" && return; }
	done
	say "no dynamic loader found" && return 1
}

wrap() {
	mkdir -p "$peers/bin"
	loader=$(find_loader)
	libraries=$(find_libraries)
	modules=$(cd "$peers" && echo rsyslog/usr/lib/*/rsyslog)
	units=$(cd "$peers" && ls -d systemd/usr/lib/systemd/system systemd/lib/systemd/system 2>/dev/null | head -n 1)
	python='PYTHONHOME="$here/shared/usr" PYTHONPATH="$here/fail2ban/usr/lib/python3/dist-packages"'
	program openbsd-inetd openbsd-inetd inetd
	program inetutils-inetd inetutils-inetd inetutils-inetd
	program xinetd xinetd xinetd
	program oidentd oidentd oidentd
	program rsyslogd rsyslog rsyslogd "RSYSLOG_MODDIR=\"\$here/$modules:\$here/rsyslog-openssl/${modules#*/}\""
	program nmap nmap nmap 'NMAPDIR="$here/shared/usr/share/nmap"'
	program telnet inetutils-telnet inetutils-telnet
	program dnsmasq dnsmasq-base dnsmasq
	program ip iproute2 ip
	program ss iproute2 ss
	program openssl openssl openssl 'OPENSSL_CONF="$here/openssl/etc/ssl/openssl.cnf"'
	program systemd-socket-activate systemd systemd-socket-activate
	program systemd-analyze systemd systemd-analyze "SYSTEMD_UNIT_PATH=\"\$here/$units\""
	program tcpdump tcpdump tcpdump -Zroot # Debian's would become the user tcpdump, who isn't here
	program masscan masscan masscan
	program hping3 hping3 hping3
	program arping iputils-arping arping
	program ping iputils-ping ping
	program ndisc6 ndisc6 ndisc6
	program rdisc6 ndisc6 rdisc6
	program udhcpd shared busybox
	program dumpleases shared busybox
	program dhcpd isc-dhcp-server dhcpd
	program kea-dhcp4 kea-dhcp4-server kea-dhcp4
	program radvd radvd radvd
	program nmbd samba nmbd
	program avahi-daemon avahi-daemon avahi-daemon
	program systemd-resolved systemd-resolved systemd-resolved
	program dbus-daemon dbus-daemon dbus-daemon
	program tshark tshark tshark
	program systemd-journald systemd systemd-journald
	program journalctl systemd journalctl
	program busctl systemd busctl
	program loginctl systemd loginctl
	program msmtp msmtp msmtp
	program sendmail msmtp msmtp # a link in msmtp-mta
	program prometheus-alertmanager prometheus-alertmanager prometheus-alertmanager
	program Xtightvnc tightvncserver Xtightvnc '-fp "$here/fonts"'
	program dunst dunst dunst 'FONTCONFIG_FILE="$here/fonts/fonts.conf"'
	program python3 shared python3 "$python"
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nexec "${0%%/*}/python3" "${0%%/*}/../fail2ban/usr/bin/fail2ban-regex" "$@"\n' >"$peers/bin/fail2ban-regex"
	chmod 755 "$peers/bin/fail2ban-regex"
}

! is_complete || exit 0
lock_peers
! is_complete || exit 0
# What an interrupted run downloaded stays; what it unpacked may be half a tree.
find "$peers" -mindepth 1 -maxdepth 1 ! -name lock ! -name apt ! -name libpcap -exec rm -rf {} +
fetch
unpack
make_fonts
wrap
collect_libpcap "$peers/shared"
printf %s "$wanted" >"$peers/stamp.new"
mv "$peers/stamp.new" "$peers/stamp"
rm -rf "$apt"
say "ready, $(du -sh "$peers" | cut -f1)"
