# Two commands do everything: `make demo` and `make test`. The others are their parts.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(shell find kubeshark_nb labextension -type f \
	-not -path '*/node_modules/*' -not -path 'labextension/lib/*' -not -path 'kubeshark_nb/labextension/*' -not -name '*.pyc' \
	-not -path 'labextension/src/*.json' -not -path 'labextension/src/static/*' -not -path 'labextension/style/kubeshark.css')
QUICKSTART := notebooks/quickstart.ipynb

.PHONY: demo demo-check test lint types unit browser notebooks reference animation clean \
	bench-capture bench-dashboard bench-jobs bench-live bench-many bench-runtime bench-kfl bench-scale bench-table fuzz

demo: $(VENV)/installed  ## install, then open JupyterLab on the quick-start notebook
	$(BIN)/jupyter lab $(QUICKSTART)

demo-check: $(VENV)/installed  ## the same without a screen: execute the quick-start on the shipped capture
	$(BIN)/python -m tests.execute $(QUICKSTART)

test: lint types unit notebooks browser  ## everything

lint: $(VENV)/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent check

types: $(VENV)/tested
	$(BIN)/mypy

unit: $(VENV)/tested
	.ci/need tshark
	$(BIN)/python -m pytest -m "not browser and not notebook" --numprocesses 2 --dist loadfile

notebooks: $(VENV)/tested
	$(BIN)/python -m pytest -m notebook --numprocesses 2

browser: $(VENV)/tested
	.ci/need chromium libatomic
	$(BIN)/python -m pytest -m browser

bench-capture bench-dashboard bench-jobs bench-live bench-many bench-runtime bench-scale bench-table: bench-%: $(VENV)/tested
	$(BIN)/python -m tests.benchmarks.bench_$*

bench-kfl: $(VENV)/tested
	$(BIN)/python -m tests.benchmarks.bench_kfl_language
	$(BIN)/python -m tests.benchmarks.bench_kfl

fuzz: $(VENV)/tested  ## make fuzz MINUTES=n
	$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),1)

reference: $(VENV)/tested  ## write what is made from the description of the API: pages, and names for the editor
	$(BIN)/python -m tests.write_reference

animation: $(VENV)/tested  ## the README's picture, made by running the quick-start in a browser
	.ci/need chromium libatomic
	$(BIN)/python -m tests.animation

$(VENV)/bin/python:
	.ci/need venv
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/installed: $(VENV)/bin/python pyproject.toml .ci/constraints.txt $(SOURCES)
	rm -rf kubeshark_nb/labextension
	$(BIN)/pip install --quiet --constraint .ci/constraints.txt ".[demo]"
	touch $@

$(VENV)/tested: $(VENV)/installed
	$(BIN)/pip install --quiet --constraint .ci/constraints.txt --group test
	touch $@

clean:
	rm -rf $(VENV) build dist kubeshark_nb/labextension labextension/lib labextension/node_modules
