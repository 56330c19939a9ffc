# make run and make test are the whole set-up on a fresh machine with Python >= 3.11.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable
export JAX_PLATFORMS ?= cpu

.PHONY: run test bench validate docs lint types clean

run: $(VENV)/.run-ready  ## fit the hypotheses to the Belle II likelihood and write report/index.html
	$(BIN)/darkpenguin compare -o report

test: $(VENV)/.dev-ready  ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: $(VENV)/.dev-ready  ## our times beside those of the peers (peers: see docs/how-to/benchmarks.md)
	$(BIN)/python -m benchmarks

validate: $(VENV)/.dev-ready  ## every reproduced number: ours, theirs, ratio, source; rewrites docs/validation.md
	$(BIN)/python -m validation --write docs/validation.md

docs: $(VENV)/.dev-ready  ## docs/_build/html/index.html
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

lint: $(VENV)/.dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev-ready
	$(BIN)/mypy

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) ".[plot]"
	touch $@

$(VENV)/.dev-ready: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(INSTALL) ".[dev,docs]"
	touch $@

clean:
	rm -rf $(VENV) report docs/_build docs/reference/generated
