# Everything a person does with a clone of Safehome. `make` lists it.

.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/sh

VENV := .venv/bin
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$python"; break; }; done)

export PYTHONUNBUFFERED := 1
ifdef SPEED
export SAFEHOME_CLOCK_SPEED := $(SPEED)
endif

say = @printf '\n== %s\n'
# Checks that load the settings keep their keys and database away from the data of this clone.
CHECKING := SAFEHOME_DATA_DIR=$(CURDIR)/.mypy_cache/safehome

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Run ---------------------------------------------------------------------------------------------------

.PHONY: setup
setup: python ## Fetch everything that running needs, into this folder only
	@$(PYTHON) scripts/setup.py

.PHONY: demo
demo: setup ## A demo municipality in one process; PORT=8000 SPEED=1 SAFEHOME_DATA_DIR=var
	@$(VENV)/python manage.py demo

.PHONY: serve
serve: setup ## The same on PostgreSQL and Redis, as several processes; Ctrl-C stops them all
	@$(VENV)/python -m scripts.serve

# --- Develop -----------------------------------------------------------------------------------------------

.PHONY: test
test: setup-test lint types imports templates migrations deployable pytest ## Every check, as CI runs them

.PHONY: setup-test
setup-test: python
	@$(PYTHON) scripts/setup.py --test

.PHONY: lint
lint: setup-test ## Style and common mistakes
	$(say) "Lint"
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .

.PHONY: types
types: setup-test ## Types
	$(say) "Types"
	@$(CHECKING) $(VENV)/mypy

.PHONY: imports
imports: setup-test ## Imports point one way
	$(say) "Imports"
	@$(VENV)/lint-imports --no-cache

.PHONY: templates
templates: setup-test ## Templates
	$(say) "Templates"
	@$(VENV)/djlint --lint --quiet .

.PHONY: migrations
migrations: setup-test ## Every model change has its migration
	$(say) "Migrations"
	@$(CHECKING) $(VENV)/python manage.py makemigrations --check --dry-run

.PHONY: deployable
deployable: setup-test ## Django's deployment checks, on the settings of deploy/safehome.env.example
	$(say) "Deployment checks"
	@set -a; . deploy/safehome.env.example; eval "$$($(VENV)/python -m scripts.keys)"; \
		$(CHECKING) $(VENV)/python manage.py check --deploy --fail-level WARNING

# Tests that kill and restart what they started, or replay whole months, run by themselves.
ALONE := live or faults or real

.PHONY: pytest
pytest: setup-test ## Tests; services that are missing are skipped, or fail with SAFEHOME_REQUIRE_SERVICES=1
	$(say) "Tests, two at a time"
	@$(VENV)/pytest -n 2 -m "not ($(ALONE) or browser)"
	$(say) "Tests in a real browser, two at a time"
	@$(VENV)/pytest -n 2 -m browser
	$(say) "Tests with real processes, one at a time"
	@$(VENV)/pytest -m "$(ALONE)"

.PHONY: bench
bench: setup-test ## Measure the way from a reading to the board, in server mode
	@$(VENV)/python -m bench

.PHONY: format
format: setup-test ## Mend what can be mended by machine
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

.PHONY: messages
messages: setup-test ## Collect the words of the interface for translation (needs gettext)
	@$(CHECKING) $(VENV)/python manage.py makemessages --locale sv --no-obsolete --add-location file \
		--ignore node_modules --ignore var

LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet

.PHONY: lock
lock: ## Pin every dependency with its hashes (needs uv and npm)
	@$(LOCK) pyproject.toml --output-file requirements/runtime.txt
	@$(LOCK) pyproject.toml --group test --group dev -c requirements/runtime.txt --output-file requirements/test.txt
	@$(LOCK) --group node --output-file requirements/node.txt
	@npm install --package-lock-only

.PHONY: clean
clean: ## Remove what was fetched or made here; the data in var/ stays
	@rm -rf .venv node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	@find locale -name '*.mo' -delete

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "Safehome needs Python 3.11 or later: install it, or say PYTHON=/path/to/it"; exit 1; }
