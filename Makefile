# make run      both in this terminal            make test     everything, tests included
# make install  PREFIX=/usr/local DESTDIR=       make bench    speed and size, as a table

PREFIX ?= /usr/local
DESTDIR ?=
# Port 1 (tcpmux) is the original's first test; only root may open it.
PORT ?= $(shell [ "$$(id -u)" = 0 ] && echo 1 || echo 7001)

sources := $(shell find src -name '*.ts') scripts/build.ts scripts/launcher.ts
node := node_modules/.bin/node

.PHONY: run build test check bench install uninstall clean

build: dist/klaxon

run: dist/klaxon
	@PORT=$(PORT) scripts/run.sh

# Node itself comes as a package (npm runs its install script, see allowScripts in package.json).
node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	npm exec -- tap build
	touch $@

# This also makes dist/tocsin.
dist/klaxon: node_modules/.package-lock.json $(sources)
	npm run --silent build

.peers/stamp: scripts/peers.sh scripts/debian.sh
	scripts/peers.sh

test: dist/klaxon .peers/stamp check
	scripts/libpcap.sh npm run --silent test

check: node_modules/.package-lock.json
	npm run --silent types
	npm run --silent lint

bench: dist/klaxon .peers/stamp
	scripts/libpcap.sh $(node) scripts/bench.ts

install: dist/klaxon
	PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" scripts/install.sh

uninstall:
	rm -rf "$(DESTDIR)$(PREFIX)/lib/klaxon" "$(DESTDIR)$(PREFIX)/sbin/klaxon" "$(DESTDIR)$(PREFIX)/sbin/tocsin"

clean:
	rm -rf dist .tap
