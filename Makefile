# Frontdesk: `make up` starts it, `make test` tests it, `make help` lists the rest.
# Every target works alone on a fresh machine that has Python 3.11 to 3.14, make and a registry.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: up test check bench lock help clean chromium

PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$each -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
	>/dev/null 2>&1; then echo $$each; break; fi; done)
WORKERS ?= 2
ARGS ?=
EXTRAS ?=

VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8
UV := $(BIN)/uv
INSTALL := $(UV) pip install --quiet --python $(BIN)/python
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate

help: ## List these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | \
	awk 'BEGIN {FS = ":.*## "} {printf "  make %-8s %s\n", $$1, $$2}'

up: $(VENV)/.app $(EXTRAS:%=$(VENV)/.extras-%) ## Install what is missing and start everything on this machine (ARGS="--port 8080", EXTRAS="ocr")
	@exec $(BIN)/frontdesk up $(ARGS)

test: $(VENV)/.dev chromium ## Run every test: the fast ones side by side, then the ones that break things
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m "not fault" $(ARGS)
	@# 5: there was no such test.
	$(BIN)/pytest -m fault $(ARGS) || test $$? -eq 5

check: $(VENV)/.dev ## Lint, types, layers and locks: what CI runs first
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports
	@if grep -nE '://|^ *-(i|f|-index|-extra-index|-find-links)' requirements*.lock; \
	then echo "The locks must name no index; run: make lock" >&2; exit 1; fi
	@cp requirements.lock $(VENV)/fresh.lock && cp requirements-dev.lock $(VENV)/fresh-dev.lock
	@cp requirements-extras.lock $(VENV)/fresh-extras.lock
	@$(COMPILE) pyproject.toml --output-file $(VENV)/fresh.lock
	@$(COMPILE) --group dev pyproject.toml --output-file $(VENV)/fresh-dev.lock
	@$(COMPILE) --all-extras pyproject.toml --output-file $(VENV)/fresh-extras.lock
	@cmp requirements.lock $(VENV)/fresh.lock && cmp requirements-dev.lock $(VENV)/fresh-dev.lock \
	&& cmp requirements-extras.lock $(VENV)/fresh-extras.lock \
	|| { echo "The locks do not match pyproject.toml; run: make lock" >&2; exit 1; }

bench: $(VENV)/.dev ## Measure speed and memory against floors taken in the same run
	$(BIN)/python -m bench $(ARGS)

lock: $(VENV)/.uv ## Resolve the dependencies of pyproject.toml again (ARGS="--upgrade" for new versions)
	$(COMPILE) $(ARGS) pyproject.toml --output-file requirements.lock
	$(COMPILE) $(ARGS) --group dev pyproject.toml --output-file requirements-dev.lock
	$(COMPILE) $(ARGS) --all-extras pyproject.toml --output-file requirements-extras.lock

clean: ## Remove the environment and the caches, but no data
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The browser of the tests of pages, from Debian. They are skipped where there is none.
chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the tests of pages"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } \
		>/dev/null 2>&1 </dev/null || echo "Chromium could not be installed; going on without"; \
	else echo "There is no Chromium; tests of pages are skipped"; fi; }

$(BIN)/python:
	@python="$(PYTHON)"; \
	if [ -z "$$python" ]; then \
		echo "Frontdesk needs Python 3.11 to 3.14, and none of these is on the PATH." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12 …" >&2; exit 1; fi; \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || { \
		echo "Frontdesk needs Python 3.11 to 3.14; $$python is $$($$python --version 2>&1)." >&2; \
		exit 1; }; \
	$$python -m venv $(VENV) || { rm -rf $(VENV); \
		echo "This Python cannot make environments (venv or ensurepip is missing)." >&2; \
		echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.uv: Makefile | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(VENV)/.app: $(VENV)/.uv requirements.lock pyproject.toml
	@echo "Installing Frontdesk in $(VENV)"
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --editable .
	@touch $@

$(VENV)/.extras-%: $(VENV)/.app requirements-extras.lock
	@echo "Installing what $* needs in $(VENV)"
	@$(INSTALL) --constraint requirements-extras.lock --editable ".[$*]"
	@touch $@

$(VENV)/.dev: $(VENV)/.app requirements-dev.lock
	@echo "Installing the tools of development in $(VENV)"
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@
