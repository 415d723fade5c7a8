# The one door: people and CI call the same targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv || echo $(BIN)/uv)
WORLD := simulated
CODE := emitter loader simulator examples bench
# CI, which has little time, takes those of them in which versions differ.
TESTS_ON_15 := tests/loader tests/warehouse/test_canary.py tests/warehouse/test_nightly.py tests/warehouse/test_roles.py
SETUP_STAMP := $(VENV)/.setup-done
# The interpreter at hand is used as it is; uv shall not fetch another.
export UV_PYTHON_DOWNLOADS := never
# Trust what the machine trusts, also behind a company's proxy (the second name is that of older versions of uv).
export UV_SYSTEM_CERTS := true
export UV_NATIVE_TLS := true

.PHONY: help
help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(SETUP_STAMP)  ## Make .venv with everything in it (uses uv, brings it where it is missing)

$(SETUP_STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name it with make PYTHON=/path/to/python3" >&2; exit 2; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) \
		|| { echo "Cannot make $(VENV). On Debian and Ubuntu: apt-get install python3-venv; then make setup" >&2; exit 2; }
	@[ -x "$(UV)" ] || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) pip install --quiet --python $(BIN)/python --constraint constraints.txt \
		--editable '.[archive,langgraph,loader,warehouse]' --group dev
	@touch $@

.PHONY: constraints
constraints: setup  ## Renew constraints.txt to the newest versions that fit
	$(UV) pip install --quiet --upgrade --python $(BIN)/python --editable '.[archive,langgraph,loader,warehouse]' --group dev
	{ sed -n '/^#/p' constraints.txt; \
	  $(UV) pip freeze --python $(BIN)/python | grep -vE '^(-e|pip=|uv=|setuptools=)'; } > constraints.new
	mv constraints.new constraints.txt

.PHONY: demo
demo: setup  ## From nothing to the business case: database, a month of logs, ingest, dbt build, table
	$(BIN)/loader init
	$(BIN)/simulator generate --days 30 --sessions-per-day 200 --seed 7 \
		--fault duplicates --fault garbage --fault aliases --fault unknown --out $(WORLD)
	@# Exit code 3: done, and some lines broke the contract. The simulated month has a few on purpose.
	@# Exit code 4: some files were refused, as copies of files of an earlier copy of this folder are.
	$(BIN)/loader ingest $(WORLD)/logs || { code=$$?; [ $$code -eq 3 ] || { [ $$code -ne 4 ] || \
		echo "make demo: if the embedded server holds the month of an earlier copy of this folder," \
			"'$(BIN)/loader db destroy' deletes it; then run make demo again" >&2; exit $$code; }; }
	$(MAKE) --no-print-directory build
	$(MAKE) --no-print-directory report

.PHONY: build
build: setup  ## Build and test all models (dbt build)
	$(BIN)/dbt --quiet build

.PHONY: report
report: setup  ## Print the last month's business case
	@$(BIN)/loader db psql --role reader -X -P border=2 -P linestyle=unicode -P footer=off -P null=– \
		-f dbt_project/analyses/business_case.sql

.PHONY: docs
docs: setup  ## Write the documentation of the built warehouse as one page, target/static_index.html (no network)
	$(BIN)/dbt --quiet docs generate --static

.PHONY: test
test: setup  ## Run all tests but the long proofs (needs no database of yours: they start their own)
	$(BIN)/pytest -m 'not long' --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: test-postgresql-15
test-postgresql-15: setup  ## Run the loader's tests and whole builds on the oldest PostgreSQL that is supported
	LOADER_PG_BIN=$$(tests/postgresql-15) && export LOADER_PG_BIN && \
		$(BIN)/pytest -m 'not long' --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(TESTS_ON_15)

.PHONY: test-long
test-long: setup  ## Run the long proofs: make demo in a fresh clone, twice; 200 orders of arrival; 2,000 kills; the long ends of other tests
	$(BIN)/pytest -m long

.PHONY: lint
lint: setup  ## Check style and types: ruff, mypy, sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar models dbt_project/tests

.PHONY: format
format: setup  ## Mend what the style checkers can mend by themselves
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix --disable-progress-bar models dbt_project/tests

.PHONY: reference
reference: setup  ## Write docs/events.md, docs/stories.md, the table of docs/metrics.md, the JSON Schema files, the field seed and the emitter's keywords anew
	$(BIN)/python -m emitter.reference
	cp seeds/parameters/hub_keywords.csv emitter/hub_keywords.csv
	$(BIN)/python dbt_project/metrics_page.py
	$(BIN)/python -m simulator.stories

.PHONY: bench
bench: bench-emitter bench-live bench-loader bench-simulator bench-sla bench-warehouse  ## Run all benchmarks

.PHONY: bench-emitter
bench-emitter: setup  ## A call's cost against its peers, lines a second, a service under load; ten minutes
	$(BIN)/python -m bench.emitter

.PHONY: emitter-figures
emitter-figures: setup  ## The same on a quiet machine, and write the tables of docs/emitter.md anew
	$(BIN)/python -m bench.emitter --write

.PHONY: bench-loader
bench-loader: setup  ## Loading against psql copying the same rows
	$(BIN)/python -m bench.loader

.PHONY: bench-simulator
bench-simulator: setup  ## Lines a second and memory of the simulator's bulk mode
	$(BIN)/python -m bench.simulator

.PHONY: bench-live
bench-live: setup  ## From an event to its figure with --follow, and the live views, at 1 and 10 million events; a quarter of an hour
	$(BIN)/python -m bench.live 1 10

.PHONY: bench-sla
bench-sla: setup  ## Tickets and SLA from nothing for 10,000 to 1,000,000 tickets; three quarters of an hour and 15 GB
	$(BIN)/python -m bench.sla 10000 100000 1000000

.PHONY: bench-warehouse
bench-warehouse: setup  ## A night and a build from nothing at 1 and 10 million events; half an hour and 40 GB
	$(BIN)/python -m bench.warehouse 1 10

.PHONY: clean
clean:  ## Delete what runs leave behind: .venv, target, caches (neither logs, worlds nor the database)
	rm -rf target .pytest_cache .mypy_cache .ruff_cache .hypothesis $(VENV)

.PHONY: destroy-database
destroy-database: setup  ## Stop the embedded database and delete its data
	$(BIN)/loader db destroy
