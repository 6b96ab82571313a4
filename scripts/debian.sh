# shellcheck shell=sh
# Sourced by peers.sh and libpcap.sh, which set $root: Debian packages, unpacked and never installed.

peers=$root/.peers
apt=$peers/apt
# Every Debian has these, or only scripts that never run here want them (x11-utils would bring Mesa and LLVM).
ASSUMED="
adduser base-files base-passwd bsdutils coreutils dash debconf debianutils diffutils dmsetup dpkg findutils grep gzip
inetutils-syslogd init-system-helpers libc-bin libc6 libcap2-bin libpam-modules libpam-modules-bin libpam-runtime login
lsb-base media-types mount ncurses-base passwd perl perl-base sed sysvinit-utils tar tcpd update-inetd usrmerge util-linux
default-dbus-session-bus fontconfig shared-mime-info ucf x11-common x11-utils xauth xdg-utils
"

say() {
	echo "peers: $*" >&2
}

try() { # COMMAND...: up to three times, since networks hiccup
	for pause in 2 5 0; do
		"$@" >>"$apt/log" 2>&1 </dev/null && return
		sleep "$pause"
	done
	tail -n 20 "$apt/log" >&2
	say "failed: $*"
	return 1
}

# Alone in .peers until this process ends.
lock_peers() {
	for tool in apt-get dpkg flock; do
		command -v "$tool" >/dev/null || { say "needs $tool: what is fetched are Debian packages" && exit 69; }
	done
	export HOME="$apt" # su and sudo may leave one that we can't read
	mkdir -p "$peers"
	exec 9>"$peers/lock"
	flock 9
}

# An apt that owns its state: it believes that only $ASSUMED is installed, so that the result
# is the same whatever this machine has, and the machine's own hooks don't run.
configure_apt() {
	mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial"
	: >"$apt/status"
	architecture=$(dpkg --print-architecture)
	for package in $ASSUMED; do
		# Multi-Arch: allowed also satisfies who depends on perl:any.
		printf 'Package: %s\nStatus: install ok installed\nArchitecture: %s\nMulti-Arch: allowed\nVersion: 99:0\nMaintainer: -\nDescription: -\n\n' \
			"$package" "$architecture" >>"$apt/status"
	done
	cat >"$apt/conf" <<-END
		Dir::State "$apt/state";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt/cache";
		Dir::Cache::pkgcache "";
		Dir::Cache::srcpkgcache "";
		APT::Sandbox::User "root";
		APT::Install-Recommends "false";
		APT::Install-Suggests "false";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Debug::NoLocking "true";
		#clear APT::Update;
		#clear DPkg;
		APT::Update::Error-Mode "any";
	END
}

update_apt() {
	# One unreachable third-party source must not stop us; a missing package will.
	try apt-get -c "$apt/conf" -q update || say "going on with what the update got"
}

download() { # PACKAGE...: them and all they depend on, into $apt/cache/archives
	try apt-get -c "$apt/conf" -q -y --download-only install "$@"
}

# .peers/libpcap: libpcap.so.0.8 and, beside it, the libraries it needs that this machine lacks, for
# LD_LIBRARY_PATH. All of it and no more: what the machine has must not meet another version of itself.
collect_libpcap() { # FOLDER...: trees of unpacked packages
	flat=$peers/libpcap.new
	rm -rf "$flat"
	mkdir "$flat"
	missing=libpcap.so.0.8
	while [ -n "$missing" ]; do
		for library in $missing; do
			file=$(find "$@" -name "$library" 2>/dev/null | head -n 1)
			[ -n "$file" ] || { say "the packages have no $library" && return 1; }
			cp -L "$file" "$flat/"
		done
		missing=$(LD_LIBRARY_PATH=$flat ldd "$flat/libpcap.so.0.8" 2>/dev/null | sed -n 's/^[[:blank:]]*\(.*\) => not found$/\1/p')
	done
	chmod -R u=rwX,go=rX "$flat"
	rm -rf "$peers/libpcap"
	mv "$flat" "$peers/libpcap"
}
