# Everything a new machine needs is made here: a virtual environment with exact versions, and nothing else.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PORT   ?= 8000
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PO     := $(shell find src/madang -name '*.po')

.PHONY: run test check bench pictures messages lock clean

run: $(VENV)/.run
	$(BIN)/madang up --port $(PORT)

test: $(VENV)/.test
	$(BIN)/pytest -q -n 2 --ignore=tests/journeys -m "not slow"

check: $(VENV)/.check
	bash .ci/run

bench: $(VENV)/.test
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

pictures: $(VENV)/.check
	$(BIN)/python tools/pictures.py

messages: $(VENV)/.check
	$(BIN)/python tools/messages.py

lock: $(VENV)/.check
	$(BIN)/python tools/lock.py

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Madang needs Python 3.11 or newer. Name one: make PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)

# Installing the project compiles its catalogues, so a changed catalogue installs it again.
$(VENV)/.run: $(BIN)/python requirements/run.txt pyproject.toml tools/hatch_build.py $(PO)
	$(BIN)/python -m pip install -q --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt
	$(BIN)/python -m pip install -q --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/.check: $(VENV)/.test requirements/check.txt
	$(BIN)/python -m pip install -q --require-hashes -r requirements/check.txt
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
