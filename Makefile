# B12 Clinic. On a machine with python3 (3.11 or newer), its venv module and make, nothing else is needed.
#
#   make run                                 everything, on http://127.0.0.1:8000/
#   make run PORT=9000                       on another port
#   make test                                the whole suite, on SQLite
#   make test DATABASE_URL=postgres://...    the same suite, on PostgreSQL

PYTHON := .venv/bin/python
PIP := $(PYTHON) -m pip --quiet --disable-pip-version-check --no-input

# A demonstration, unless .env or DEMO says otherwise: invented patients, published passwords, this machine only.
DEMO ?= $(if $(wildcard .env),,1)
ifneq ($(DEMO),)
export DEMO
endif

.PHONY: run test bench lint mutation clean

run: .venv/run.stamp
	@exec $(PYTHON) manage.py run --with-parent

test: .venv/test.stamp
	@$(PYTHON) -m pytest --numprocesses 2 --benchmark-disable $(ARGS)

bench: .venv/test.stamp
	@$(PYTHON) -m pytest --benchmark-only --numprocesses 0 $(ARGS)

lint: .venv/test.stamp
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m djlint --quiet --lint templates

mutation: .venv/test.stamp
	@$(PYTHON) -m mutmut run
	@$(PYTHON) -m mutmut results
	@$(PYTHON) -m mutmut export-cicd-stats
	@$(PYTHON) -c 'import json; count = json.load(open("mutants/mutmut-cicd-stats.json")); \
	    share = 100 * (count["killed"] + count["timeout"]) / count["total"]; \
	    print(f"{share:.1f} percent of the changes were noticed; 90 are asked."); raise SystemExit(share < 90)'

clean:
	rm -rf .venv mutants .mutmut-cache .pytest_cache .ruff_cache .hypothesis .benchmarks

.venv/run.stamp: requirements.txt
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "B12 Clinic needs Python 3.11 or newer.")'
	@test -x $(PYTHON) || { echo "Making the environment in .venv ..."; python3 -m venv --clear .venv; }
	@echo "Installing what requirements.txt names, once ..."
	@$(PIP) install --requirement requirements.txt
	@touch $@

.venv/test.stamp: tests/requirements.txt .venv/run.stamp
	@echo "Installing what tests/requirements.txt names, once ..."
	@$(PIP) install --requirement tests/requirements.txt
	@touch $@
