# Everything starts here: `make demo` and `make test` need Python 3.11 or newer, pip and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

# Modules are compiled by whoever imports them first: that takes less than to compile all of them when they are
# installed, and less than each of the tests' processes would take where the environment says to keep nothing.
PIP_INSTALL := $(PIP) install --no-compile -c constraints.txt
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint check test-browser test-extended bench docs clean

demo: $(VENV)/.installed  ## set up and run the demonstration
	$(BIN)/memspan demo

test: lint check  ## set up and pass the tests

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python

# Half of the time would go into optimising small programs that run once, so where values are compared with an oracle's
# the compiler is told not to, and shapes are checked in every call; what counts runs, compares bits or measures
# compilation is compiled, and called, as users have it.
# Each process begins with half of the files and takes from the other what is left: programs are compiled once, not twice.
ORACLES := $(addprefix tests/,adapters core demand estimators examples exchange models oracles plots probes problems report rules studies testing)
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal -m "not extended and not browser"
UNCHECKED := -o addopts="--doctest-modules --doctest-glob='*.md' -p no:cacheprovider -p no:memspan --import-mode=importlib"

check: $(VENV)/.installed-test
	XLA_FLAGS=--xla_backend_optimization_level=0 $(PYTEST) $(ORACLES)
	$(PYTEST) $(UNCHECKED) $(addprefix --ignore=,$(ORACLES))

test-browser: $(VENV)/.installed-browser  ## the report and the site in a real Chromium (CHROMIUM=... says where it is)
	$(BIN)/python -m pytest -m browser tests/report
	$(BIN)/python -m pytest -m browser tests/docs

test-extended: $(VENV)/.installed-oracles  ## the heavy oracles: TensorFlow and PyTorch, live
	$(BIN)/python -m pytest -m extended

bench: $(VENV)/.installed-oracles  ## side by side with Keras and PyTorch
	$(BIN)/python -m benchmarks.tutorial
	$(BIN)/python -m benchmarks.sequences

docs: $(VENV)/.installed-test  ## the documentation site, in docs/_build
	$(BIN)/python -m sphinx -q -W -b html docs docs/_build

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "setting up $(VENV) (about half a minute, once)" >&2
	$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "setting up $(VENV) for the tests (about a minute, once)" >&2
	$(PIP_INSTALL) -e ".[test]"
	@touch $(VENV)/.installed $@

$(VENV)/.installed-browser: $(VENV)/.installed-test
	$(PIP_INSTALL) -e ".[browser]"
	@touch $@

$(VENV)/.installed-oracles: $(VENV)/.installed-test
	$(PIP_INSTALL) -e ".[oracles]"
	@touch $@

clean:
	rm -rf $(VENV) build dist
