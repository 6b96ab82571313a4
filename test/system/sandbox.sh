#!/bin/sh
# Process 1 of a test's sandbox (see sandbox.ts, which starts it in namespaces of its own):
#   sandbox.sh ROOT COMMAND...
# Makes what the command sees private, runs it, and ends with it, whereupon the kernel ends everything else.
set -eu
umask 022
root=$1
shift
cd "$root"

mount -t proc proc /proc
mount -t tmpfs -o mode=755 run /run

# /dev: the usual nodes, and room for a /dev/log of our own.
mkdir -p /run/dev/pts /run/dev/shm
for node in null zero full random urandom tty; do
	: >"/run/dev/$node"
	mount --bind "/dev/$node" "/run/dev/$node"
done
ln -s /proc/self/fd /run/dev/fd
ln -s /proc/self/fd/0 /run/dev/stdin
ln -s /proc/self/fd/1 /run/dev/stdout
ln -s /proc/self/fd/2 /run/dev/stderr
ln -s pts/ptmx /run/dev/ptmx
mount --rbind /run/dev /dev
mount -t devpts -o newinstance,ptmxmode=666 devpts /dev/pts

# /etc: the machine's, by links, except for what would make a test depend on the machine.
mkdir /run/host-etc /run/etc
mount --rbind /etc /run/host-etc
find /etc -mindepth 1 -maxdepth 1 -type l -exec cp -P -t /run/etc {} +
find /run/host-etc -mindepth 1 -maxdepth 1 ! -type l -exec ln -s -t /run/etc {} +
mount --bind /run/etc /etc
cd /etc
rm -rf resolv.conf hosts hosts.allow hosts.deny nsswitch.conf services protocols rpc fail2ban
ln -s "$root"/.peers/netbase/etc/services "$root"/.peers/netbase/etc/protocols "$root"/.peers/netbase/etc/rpc "$root"/.peers/fail2ban/etc/fail2ban .
echo 'hosts: files dns' >nsswitch.conf
printf '127.0.0.1 localhost\n::1 localhost\n' >hosts
: >resolv.conf
cd "$root"

mount -t tmpfs -o mode=755 log /var/log
mount -t tmpfs -o mode=755 lib /var/lib
mount -t tmpfs -o mode=1777 tmp /tmp
# A checkout below one of these is hidden now, but still our working directory.
[ -e "$root/package.json" ] || { mkdir -p "$root" && mount -c --bind . "$root" && cd "$root"; }

hostname trap
.peers/bin/ip link set lo up

# Not exec: this shell stays, to reap what loses its parent.
code=0
"$@" || code=$?
exit "$code"
