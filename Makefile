# Two commands do everything on a fresh Debian machine with cargo: `make demo` and `make test`.

.PHONY: demo test test-container test-faults test-stress test-instructions test-fuzz lint suite suite-debian13 bench examples docs clean
CARGO = cargo
# Where cargo looks for the program that runs test binaries on this machine's own target.
HOST := $(shell rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
ROOT := $(filter 0,$(shell id -u))

demo:
	scripts/setup demo
	$(CARGO) build --release --locked
	scripts/demo

test:
	scripts/setup test
	$(MAKE) lint suite $(if $(ROOT),suite-debian13,not-root) test-faults test-stress test-instructions test-fuzz

# Of all tests those of the image alone: its scripts and services, the broker, and whole containers in namespaces.
test-container:
	scripts/setup test
	scripts/hadolint
	root=$(if $(ROOT),$$(scripts/debian13-root)) && HERMES_S6GEN_DEBIAN13=$$root $(CARGO) test --locked --test suite -- broker:: container:: engine:: front:: image:: prepare:: services::

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	$(CARGO) fmt --check --manifest-path fuzz/Cargo.toml
	$(CARGO) clippy --locked --manifest-path fuzz/Cargo.toml --target-dir fuzz/target -- -D warnings
	shellcheck scripts/* .ci/run
	scripts/hadolint
	scripts/forbid

# One test runs the real hermes-agent, from PyPI; another builds an image on a Debian 13.
suite:
	program=$$(scripts/hermes-agent) && root=$(if $(ROOT),$$(scripts/debian13-root)) && \
	HERMES_S6GEN_HERMES=$$program HERMES_S6GEN_DEBIAN13=$$root $(CARGO) test --locked

# The same tests where s6 is 2.13: its s6-svscan differs in ways that matter.
suite-debian13:
	CARGO_TARGET_$(HOST)_RUNNER=$(CURDIR)/scripts/in-debian13 $(CARGO) test --locked --test suite

# Every system call on the file system fails in turn, and the program is killed before and after it. An even sample;
# HERMES_S6GEN_FAULTS=0 tries them all.
test-faults:
	$(CARGO) test --locked --test faults -- --ignored --nocapture

# Sixteen operators at once, for HERMES_S6GEN_STRESS seconds, and daemons killed under them.
test-stress:
	$(CARGO) test --locked --test stress -- --ignored --nocapture

# How many instructions a reconciliation takes; tests/instructions/budget has what it may take.
test-instructions:
	$(CARGO) build --release --locked
	$(CARGO) test --locked --test instructions -- --ignored --nocapture

# Every parser is fed what a fuzzer makes of its coverage, for HERMES_S6GEN_FUZZ seconds each.
test-fuzz:
	scripts/fuzz

# Side by side with hermes-agent, with s6's own programs and with the bare system calls; writes docs/bench.md and .svg.
# The trees lie where /run does in a container, in memory.
bench:
	scripts/setup bench
	$(CARGO) build --release --locked
	program=$$(scripts/hermes-agent) && HERMES_S6GEN_HERMES=$$program TMPDIR=/dev/shm \
		$(CARGO) bench --locked --profile dev --bench compare

.PHONY: not-root
not-root:
	@echo 'not run, as they need root: the tests that say "skipped", and all of them on Debian 13' >&2
	@test -z "$$CI"

# The trees in generated-examples/, rendered again.
examples:
	$(CARGO) build --release --locked
	scripts/examples

# What is in docs/ and made from the program itself.
docs:
	$(CARGO) build --release --locked
	target/release/hermes-s6gen lint --explain all >docs/lint.md

clean:
	$(CARGO) clean
	rm -rf fuzz/target fuzz/corpus
