# make demo       build and start a demo district on http://127.0.0.1:8080
# make test       everything a change must pass; installs what it needs
# make evidence   property tests and kills a hundred times over, the fuzzers, the benchmarks, every template in a browser
# make vectors    test vectors for every implementation, written anew
# make lint fmt bench setup clean

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint fmt bench evidence fuzz vectors web web-test rust-test contract e2e clean

tools := $(or $(SUNVOTE_CACHE),$(HOME)/.cache/sunvote)/tools
export PATH := $(PATH):$(tools)/bin

# nextest gives each test its own process and closes on one line of counts; plain `cargo test` runs the same tests.
rust_test := $(shell cargo nextest --version >/dev/null 2>&1 && echo "cargo nextest run --no-fail-fast" || echo "cargo test --no-fail-fast")

help:
	@sed -n 's/^# //p' Makefile | head -5

setup:
	.ci/setup test

demo:
	.ci/setup demo
	@$(MAKE) --no-print-directory web
	cargo run --bin sunvote -- demo

# The walks come last: they take longest.
test: setup lint web-test rust-test contract e2e

lint:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo check --no-default-features
	cargo deny --log-level warn check bans licenses sources

web:
	cd web && npm run build

web-test: web
	cd web && npm run check && npm test

rust-test:
	$(rust_test)

# The API against its own description.
contract: web
	cargo build --bin sunvote
	$(tools)/contract/bin/python tests/contract/run.py

# Whole walks in Chromium, against the program.
e2e: web
	cargo build --bin sunvote
	cd web && npm run e2e

# Moments at which demos begin: early and late in the day, a Sunday, the days before long holidays.
begins := 2026-11-16T16:05:00.000Z 2026-11-20T03:37:00.000Z 2026-11-22T09:00:00.000Z 2026-12-30T06:00:00.000Z 2027-01-31T15:50:00.000Z

# What takes long: the property tests with a hundred times their cases and the server killed a hundred times, optimised as
# released; then the benchmarks, primaries of a database cluster killed, every template in a browser, and the demo's walks on
# other days.
evidence: web
	.ci/setup evidence
	PROPTEST_CASES=$(or $(PROPTEST_CASES),25600) cargo test --release
	SUNVOTE_KILLS=100 cargo test --release --test app kill -- --nocapture
	cargo bench
	$(MAKE) --no-print-directory fuzz
	cargo build --release --bin sunvote
	tests/cluster/run
	cd web && npm run gallery
	for begin in $(begins); do (cd web && SUNVOTE_BEGIN=$$begin npm run e2e -- six readers); done

# Each fuzzer for so many seconds, from the kept inputs on; then all that they came upon through the browser's code.
fuzz_targets = $(notdir $(basename $(wildcard fuzz/fuzz_targets/*.rs)))
fuzz_run = cargo +nightly run --manifest-path fuzz/Cargo.toml --release --quiet --bin inputs --
fuzz:
	.ci/setup evidence
	$(fuzz_run) seed
	for target in $(fuzz_targets); do \
		cargo +nightly fuzz run --fuzz-dir fuzz $$target -- -max_total_time=$(or $(FUZZ_SECONDS),600) -timeout=10 -max_len=70000; \
	done
	$(fuzz_run) gather fuzz/gathered.json
	cd web && SUNVOTE_FUZZ_INPUTS=$(CURDIR)/fuzz/gathered.json npx vitest run test/fuzz.test.ts

# The tests compare what is kept with what is made; this keeps what is made.
vectors:
	SUNVOTE_WRITE_VECTORS=1 cargo test --test log vector
	SUNVOTE_WRITE_VECTORS=1 cargo test --test fuzz every_kept_input
	SUNVOTE_WRITE_VECTORS=1 cargo test --test records the_vectors_kept

fmt:
	cargo fmt

bench:
	cargo bench

clean:
	cargo clean
	rm -rf web/node_modules web/dist
