# What people type. `make help` lists it. Everything lives in .venv and .orderwright; nothing is installed elsewhere.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAGE ?= production
MYPY_CACHE := .orderwright/mypy
# Images of containers often forbid bytecode. Then each process of the tests would compile 1,500 files again: 20 seconds of it.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help same-python setup dev run demo test test-rest test-all check simulate bench deploy lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: same-python $(VENV)/.orderwright-local ## .venv with what `make run` and `make demo` need

dev: same-python $(VENV)/.orderwright-dev ## .venv with what `make test` and `make check` need too

run: setup ## the whole shop on this machine, until Ctrl-C, which forgets everything; PORT= SHIP_AFTER=
	@$(BIN)/python -m local.run

demo: setup ## the story, played and judged by itself
	@$(BIN)/python -m local.demo

test: dev ## all tests but the longer end-to-end ones; one story of an order is among them
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not more_end_to_end"

test-all: test test-rest ## these and the other end-to-end tests: a real browser, roles, make run, functions killed

test-rest: dev
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m more_end_to_end tests/e2e

check: dev ## format, lint, strict types, template
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --cache-dir $(MYPY_CACHE)
	$(BIN)/cfn-lint template.yaml

simulate: dev ## the whole system under faults: two minutes, or SEEDS= MINUTES=, EXHAUSTIVE=1, ORDERS=, TWO_STACKS=, TRUE_MONEY=, SCRIPTED=, STORES=, DESK=, ROUTING=, REPRICING=, MUTANTS=1, REPLAY=
	@$(BIN)/python -m tests.simulation $(if $(JOBS),--jobs $(JOBS)) $(if $(MINUTES),--minutes $(MINUTES)) \
		$(if $(SEEDS),--seeds $(SEEDS)) $(if $(FIRST),--first $(FIRST)) $(if $(EXHAUSTIVE),--exhaustive) \
		$(if $(STEP),--step $(STEP)) $(if $(FAMILY),--family '$(FAMILY)') $(if $(ORDERS),--orders $(ORDERS)) \
		$(if $(TWO_STACKS),--two-stacks $(TWO_STACKS)) $(if $(TRUE_MONEY),--true-money $(TRUE_MONEY)) \
		$(if $(SCRIPTED),--scripted $(SCRIPTED)) $(if $(STORES),--stores $(STORES)) $(if $(DESK),--desk $(DESK)) $(if $(ROUTING),--routing $(ROUTING)) \
		$(if $(REPRICING),--repricing $(REPRICING)) \
		$(if $(MUTANTS),--mutants) $(if $(REPEATS),--repeats $(REPEATS)) $(if $(REPLAY),--replay '$(REPLAY)')

bench: setup ## the figures of docs, measured here, as JSON
	@$(BIN)/python -m local.bench

screenshots: dev ## the pictures of the customer's page in docs/images; needs Chromium
	@$(BIN)/python -m local.screenshots

deploy: ## to AWS, with your own credentials: make deploy SENDER=orders@your-domain [ALARMS=you@your-domain] [STAGE=staging]
	@command -v sam >/dev/null || { echo "error: sam is not on PATH. Install the AWS SAM CLI, then run this again." >&2; exit 1; }
	@test -n "$(SENDER)" || { echo "error: say who customers' mails come from: make deploy SENDER=orders@your-domain" >&2; exit 1; }
	@case "$(STAGE)" in production|staging) ;; *) echo "error: STAGE is production or staging (samconfig.toml)" >&2; exit 1;; esac
	@$(MAKE) --no-print-directory setup
	sam build --config-env $(STAGE)
	@$(BIN)/python -m local.cli --stack orderwright$(if $(filter staging,$(STAGE)),-staging) carry-over
	sam deploy --config-env $(STAGE) --parameter-overrides Stage=$(STAGE) SenderAddress=$(SENDER) $(if $(ALARMS),AlarmAddress=$(ALARMS))

lock: dev ## new hashed locks from requirements/*.in; layers get the versions that are tested here
	@test -x $(BIN)/pip-compile || $(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile $(LOCK_OPTIONS) --output-file requirements/local.txt requirements/local.in
	$(BIN)/pip-compile $(LOCK_OPTIONS) --constraint requirements/local.txt --output-file requirements/dev.txt requirements/dev.in
	$(BIN)/pip-compile $(LOCK_OPTIONS) --constraint requirements/local.txt \
		--output-file layers/dependencies/requirements.txt layers/dependencies/requirements.in

LOCK_OPTIONS := --quiet --upgrade --generate-hashes --strip-extras --no-header --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --allow-unsafe

clean: ## everything that the other targets made
	rm -rf $(VENV) .orderwright .aws-sam .pytest_cache .ruff_cache .mypy_cache .hypothesis

# --- the environment ------------------------------------------------------------------------------------------------------

same-python:
ifneq ($(filter command environment,$(origin PYTHON)),)
	@test ! -x $(BIN)/python || { has=$$($(BIN)/python -V 2>&1); asked=$$($(PYTHON) -V 2>/dev/null) || asked='not on PATH'; \
		test "$$has" = "$$asked" || echo "note: PYTHON=$(PYTHON) is $$asked, but $(VENV) was made with $$has, which is used. To change it: make clean, then this again." >&2; }
endif

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) is not on PATH. Say which one: make setup PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: $(PYTHON) is older than 3.11. Say which one: make setup PYTHON=python3.13" >&2; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) -V) ..."
	@$(PYTHON) -m venv $(VENV)

# Our own code is found through one path file, and the command is one line: nothing to build, nothing to install again.
$(VENV)/.orderwright-path: Makefile | $(BIN)/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@printf '%s\n%s\n' '$(CURDIR)' '$(CURDIR)/layers/orderwright/python' \
		> "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/orderwright.pth"
	@printf '#!/bin/sh\nexec "%s" -m local.cli "$$@"\n' '$(CURDIR)/$(BIN)/python' > $(BIN)/orderwright
	@chmod +x $(BIN)/orderwright
	@touch $@

$(VENV)/.orderwright-local: requirements/local.txt $(VENV)/.orderwright-path
	@$(BIN)/python -m local.install $<
	@touch $@

$(VENV)/.orderwright-dev: requirements/dev.txt requirements/bare.txt $(VENV)/.orderwright-local
	@$(BIN)/python -m local.install $<
	@$(BIN)/python -m local.install requirements/bare.txt --no-deps
	@touch $@

# --- called by `sam build` for each function and layer (template.yaml, BuildMethod: makefile) --------------------------------

build-%:
	@$(BIN)/python -m local.packager --target lambda --only $* --output "$(ARTIFACTS_DIR)"
