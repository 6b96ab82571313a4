#!/bin/sh
# make install: the program, its parts and a fitting Node under $DESTDIR$PREFIX/lib/klaxon, and a
# link to it in $PREFIX/sbin. Nothing is enabled: which ports are traps is the administrator's word.
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
sed "2,3s|$built|$node|g" "$root/dist/klaxon" >"$into/klaxon.new"
chmod -R u=rwX,go=rX "$into"
chmod 755 "$into/klaxon.new"
mv "$into/klaxon.new" "$into/klaxon"
ln -sfn ../lib/klaxon/klaxon "$DESTDIR$PREFIX/sbin/klaxon"

# Traps run as nobody, who may not create a file in /var/log.
log=/var/log/klaxon.log
if [ -z "$DESTDIR" ] && [ "$(id -u)" = 0 ] && [ ! -e $log ]; then
	install -m 640 -o nobody -g adm /dev/null $log
fi

echo "installed $DESTDIR$PREFIX/sbin/klaxon, run by $node; next: a line in inetd.conf or a .socket unit (see inetd/)"
