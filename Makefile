# Copyright (c) 2026, wharf.docker contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# "make help" shows the text after "##".

SHELL := /bin/bash
BIN := .venv/bin
COLLECTIONS := $(CURDIR)/.cache/collections
COLLECTION := $(COLLECTIONS)/ansible_collections/wharf/docker
# For tools that start Ansible by name: they find it, and the collection.
WITH_ANSIBLE := env PATH="$(CURDIR)/$(BIN):$$PATH" ANSIBLE_COLLECTIONS_PATH="$(COLLECTIONS)"

# The engine of the tests: 20.10 (the installed one, whatever its version), 26.1 or 28.5; the image store: overlay2 or
# containerd; the tests to run: files, or options of pytest such as "-k name".
ENGINE ?= 20.10
STORE ?= overlay2
TESTS ?=
# If set: all tests, and as many random cases as are worth their time, not a sample. SEED=123 draws the same cases as
# the run with that seed; each run prints its own.
EXHAUSTIVE ?=
SEED ?=
# With N, one in N rows (parameters) of a test is run, with 1.5 two thirds of them: a sample is enough, except for tests
# marked each_row.
ROWS ?=
# A pytest marker expression that selects tests (the markers are in pyproject.toml).
MARKERS ?= $(if $(EXHAUSTIVE),,not exhaustive)
# How many engines share the work of engine-test, podman-test and playbook-test. They wait half of the time, therefore
# two for each of two cores.
WORKERS ?= 4
# How often bench measures each task, and the directory with the page and the plot to update (docs), if any.
ROUNDS ?= 5
BENCH_OUT ?=
BASE ?=
# How much bench-streams moves, in MB.
BENCH_SIZE ?= 200
# The release of ansible-core for sanity; if empty, the one in .venv.
CORE ?=
# The version for release: it has to be that in galaxy.yml.
VERSION ?=
# If set: demo shows all output of Ansible.
V ?=
export ENGINE STORE EXHAUSTIVE SEED ROWS ROUNDS BENCH_OUT BENCH_SIZE CORE

# Two targets joined by "+" run in parallel: one waits for engines while the other computes.
PARTS := unit+lint oldest-engine-test+sanity newer-engine-test playbook-test+podman-test docs-lint
ALL_PARTS := unit+lint oldest-engine-test+sanity newer-engine-test newer-overlay-test playbook-test+podman-test matrix package docs-lint
PYTEST = $(BIN)/python -m pytest --numprocesses $(WORKERS) $(if $(MARKERS),-m "$(MARKERS)")
# If TESTS has only options of pytest, they follow the directory; otherwise TESTS replaces it.
chosen = $(if $(filter -%,$(firstword $(TESTS))),$(1) $(TESTS),$(or $(TESTS),$(1)))

.DEFAULT_GOAL := help
.PHONY: help demo test test-all setup engine podman lint format unit engine-test oldest-engine-test newer-engine-test newer-overlay-test podman-test playbook-test house matrix sanity docs-lint bench bench-streams package changelog release clean

help: ## Show this list
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## The life of a container, on the engine that is there or else on a private one: [V=1]
	@python=$$(tools/setup.sh demo) && V="$(V)" "$$python" tools/demo.py

test: setup engine ## All of the parts below, one after another
	@+tools/parts.sh "$(MAKE)" $(PARTS)

test-all: setup engine ## The same without leaving anything out, on three engines, and matrix: takes hours
	@+EXHAUSTIVE=1 tools/parts.sh "$(MAKE)" $(ALL_PARTS)

lint: setup ## Style and types: ruff, mypy, yamllint, ansible-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p ansible_collections.wharf.docker.plugins
	$(BIN)/mypy tools
	$(BIN)/yamllint --strict .
	$(WITH_ANSIBLE) ansible-lint --offline --strict --nocolor playbooks roles

unit: setup ## Tests without an engine
	$(PYTEST) $(call chosen,tests/unit)

engine-test: setup engine ## Tests with private engines: [ENGINE=20.10|26.1|28.5] [STORE=overlay2|containerd] [WORKERS=4] [TESTS=...]
	$(PYTEST) --dist worksteal $(call chosen,tests/engine tests/faults)

oldest-engine-test: setup engine ## The same on Engine 20.10: two thirds of the rows
	@+$(MAKE) --no-print-directory engine-test ENGINE=20.10 ROWS=1.5

newer-engine-test: setup engine ## The same on Engine 28.5 with the containerd image store: a sample, without what one engine is enough for
	@+$(MAKE) --no-print-directory engine-test ENGINE=28.5 STORE=containerd ROWS=4 \
	    MARKERS="$(if $(EXHAUSTIVE),,not exhaustive and not one_engine)"

newer-overlay-test: setup engine ## The same on Engine 28.5 with overlay2
	@+$(MAKE) --no-print-directory engine-test ENGINE=28.5 STORE=overlay2 ROWS=4 \
	    MARKERS="$(if $(EXHAUSTIVE),,not exhaustive and not one_engine)"

podman-test: setup podman ## What the page on Podman says, on a private one: [TESTS=...]
	$(PYTEST) --dist worksteal $(call chosen,tests/podman)

playbook-test: setup engine ## Tests that run whole playbooks: [ENGINE=...] [STORE=...] [TESTS=...]
	$(PYTEST) --dist worksteal $(call chosen,tests/integration)

sanity: setup ## ansible-test sanity, imports on all Python versions that are found: [CORE=2.17|2.18|2.19|2.20|2.21]
	@tools/sanity.sh

docs-lint: setup ## The documentation and the changelog
	$(WITH_ANSIBLE) antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs self \
	    --check-extra-docs-refs "$(COLLECTION)"
	$(BIN)/antsibull-changelog lint

.PHONY: docs
docs: setup ## Build the site, .cache/docs/html/index.html: the guides, and the documentation of all modules and roles
	@$(BIN)/python tools/docs.py

house: ## Draw the rooms of module_utils from their imports: docs/house.svg
	@python3 tools/house.py

.PHONY: pictures
pictures: setup engine ## Make the pictures in docs/images, those of terminals by real runs: [PICTURES="timeline ..."]
	@$(BIN)/python tools/pictures.py $(PICTURES)

matrix: setup engine ## Both executions of the modules on each release of ansible-core; says which can't be had here
	$(BIN)/python tests/matrix.py

bench: setup engine ## How long tasks take, beside community.docker, or BASE=<commit>: [ROUNDS=5] [BENCH_OUT=docs]; fails where a bar is missed
	$(BIN)/python tests/bench/$(if $(BASE),before.py $(BASE),executions.py)

# All are run, even if the first one fails.
bench-streams: setup engine ## Time of much data beside the docker command, of much output of exec, and memory: [ROUNDS=5] [BENCH_SIZE=200]; fails where a bar is missed
	@failed=; for part in exec_output export_memory streams; do $(BIN)/python tests/bench/$$part.py || failed=1; done; test -z "$$failed"

package: setup ## The artefact as Galaxy imports it, the licences of all files, and what an execution environment gets
	$(BIN)/python tools/package.py

changelog: setup ## Put the fragments into the changelog of the version in galaxy.yml
	cd "$(COLLECTION)" && $(WITH_ANSIBLE) antsibull-changelog release --update-existing --reload-plugins --refresh-plugins

release: setup engine ## Build the artefact of a release and try it in a clean place, publish nothing: VERSION=1.0.0
	@$(BIN)/python tools/release.py $(VERSION)

format: setup ## Put the Python files into shape
	$(BIN)/ruff check --select I --fix .
	$(BIN)/ruff format .

setup: ## Get the Python packages that all of this needs, into .venv
	@tools/setup.sh

engine: ## Get what a private engine needs, from the distribution
	@tools/setup.sh engine

podman: ## Get what a private Podman needs, from the distribution
	@tools/setup.sh podman

clean: ## Remove .venv, .cache and what else the tools left
	rm -rf .venv .cache .ansible .benchmarks .mypy_cache .pytest_cache .ruff_cache tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
