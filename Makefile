# Everything a newcomer or a CI machine types. Each target works alone on a fresh clone; each may be run again.

.DEFAULT_GOAL := help
.PHONY: help setup asterisk build test lint format demo demo-asterisk bench chaos clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the Debian packages that are missing
	@scripts/packages

asterisk: setup ## make the folder with a real Asterisk (.asterisk/)
	@scripts/asterisk-folder

build: setup ## build the release binary, .build/release/outpace
	@scripts/build

test: ## set up, check the format, build and run every test
	@scripts/test

lint: ## check the format of the sources
	@scripts/lint

format: ## format the sources in place
	@swift format --in-place --parallel --recursive Sources Tests bench Fuzz Plugins Package.swift

demo: build ## run a campaign of 300 contacts against a simulated call floor
	@scripts/demo $(if $(PORT),--port $(PORT))

demo-asterisk: build asterisk ## the same against a real Asterisk
	@scripts/demo --asterisk $(if $(PORT),--port $(PORT))

bench: setup ## run the benchmarks
	@scripts/bench

chaos: setup asterisk ## break everything, hundreds of times (two hours and more)
	@scripts/chaos

clean: ## remove what was built (.build/); keeps .asterisk/ and var/
	@scripts/clean
