# détente: a forecast, the tests, the linters, the benchmarks. Works offline apart from the package index, and in a folder with spaces in its name.
# $(CURDIR) is never used as a target: make splits names at spaces. All paths below are relative.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := model kernels tests benchmarks

.PHONY: forecast test sweep coverage lint pilot wheels data-licences constraints track-record bench clean

forecast: $(VENV)/.installed
	$(BIN)/detente run baseline

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest

# Every sweep of tests/sweep in full: settings at and beyond their bounds, and what other modules there try.
sweep: $(VENV)/.installed-test
	$(BIN)/python -m tests.sweep

coverage: $(VENV)/.installed-coverage
	$(BIN)/python -m pytest --cov --cov-report=term

lint: $(VENV)/.installed-lint
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

# configs/pilot/DATE-STEP.toml: means of the feedback for every as-of date and step, after a change of model, parameters or facts.
pilot: $(VENV)/.installed
	$(BIN)/python -m detente.engine.pilot_runs

# Imports, help and a short run from the built wheel on every supported Python of this machine.
wheels: $(VENV)/.installed-test
	$(BIN)/python tests/wheel/pythons.py check

# DATA-LICENCES.md from the licence of every table that ships.
data-licences: $(VENV)/.installed-test
	$(BIN)/python tests/contracts/data_licences.py

# constraints/py3XX.txt: the versions that the index gives today, for every supported Python of this machine.
constraints: $(VENV)/.installed-test
	$(BIN)/python tests/wheel/pythons.py constraints

# configs/track-record.toml and docs/track-record.md: past forecasts of the model as it stands, a few minutes.
track-record: $(VENV)/.installed
	$(BIN)/python -m detente.evaluation.make_track_record

bench: $(VENV)/.installed
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) build

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("détente needs Python 3.11 or newer; set PYTHON=python3.11, say" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

# Versions are those of the constraints file of the interpreter, where there is one.
define install
set -e; file=$$($(BIN)/python -c 'import sys; print("constraints/py%d%d.txt" % sys.version_info[:2])'); \
if [ -f "$$file" ]; then set -- --constraint "$$file"; \
else echo "There is no $$file: the newest versions of the package index are installed."; set --; fi; \
$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$@" --editable '$(1)'
endef

$(VENV)/.installed: pyproject.toml $(wildcard constraints/*.txt) | $(VENV)/bin/python
	@$(call install,.)
	touch $@

$(VENV)/.installed-test: pyproject.toml $(wildcard constraints/*.txt) | $(VENV)/bin/python
	@$(call install,.[test])
	touch $@ $(VENV)/.installed

$(VENV)/.installed-coverage: pyproject.toml $(wildcard constraints/*.txt) | $(VENV)/bin/python
	@$(call install,.[coverage])
	touch $@ $(VENV)/.installed

$(VENV)/.installed-lint: pyproject.toml $(wildcard constraints/*.txt) | $(VENV)/bin/python
	@$(call install,.[lint])
	touch $@ $(VENV)/.installed
