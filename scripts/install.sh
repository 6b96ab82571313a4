#!/bin/sh
# make install: the programs, klaxon's parts and a fitting Node under $DESTDIR$PREFIX/lib/klaxon, and links
# to them in $PREFIX/sbin. Nothing is enabled: which ports are traps is the administrator's word.
set -eu
umask 022

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
lib=$PREFIX/lib/klaxon
into=$DESTDIR$lib
oldest=24

fits() { # NODE: an absolute path to a Node that is new enough
	case $1 in /*) ;; *) return 1 ;; esac
	[ -x "$1" ] && [ "$("$1" -p 'process.versions.node.split(".")[0]')" -ge "$oldest" ]
}

# The system's Node gets its security updates with the system; ours is the one that was tested.
system=$(PATH=/usr/local/bin:/usr/bin:/bin command -v node || true)
mkdir -p "$into" "$DESTDIR$PREFIX/sbin"
if fits "$system"; then
	node=$system
	rm -f "$into/node"
else
	node=$lib/node
	install -m 755 "$root/node_modules/node/bin/node" "$into/node"
fi

rm -rf "$into/klaxon.d"
cp -r "$root/dist/klaxon.d" "$root/dist/package.json" "$into/"
built=$("$root/node_modules/.bin/node" -p process.execPath)
chmod -R u=rwX,go=rX "$into"
for program in klaxon tocsin; do
	sed "2,3s|$built|$node|g" "$root/dist/$program" >"$into/$program.new"
	chmod 755 "$into/$program.new"
	mv "$into/$program.new" "$into/$program"
	ln -sfn "../lib/klaxon/$program" "$DESTDIR$PREFIX/sbin/$program"
done

# Both run as nobody, who may not create a file in /var/log.
if [ -z "$DESTDIR" ] && [ "$(id -u)" = 0 ]; then
	for log in /var/log/klaxon.log /var/log/tocsin.log; do
		[ -e $log ] || install -m 640 -o nobody -g adm /dev/null $log
	done
fi

echo "installed $DESTDIR$PREFIX/sbin/klaxon and tocsin, run by $node; next: a line in inetd.conf or units of systemd (see inetd/)"
