# make demo · make test · make setup · make check · make schemas
# Every target sets up what it needs; a second run finds it done.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev
PIP := $(BIN)/python -m pip --disable-pip-version-check
WORKERS := $(shell nproc 2>/dev/null || echo 2)
# What runs whole processes against the clock has the machine to itself.
ALONE := tests/integration tests/faults tests/e2e
# A dot a second while it works. Started beside it, pip would not hear Ctrl-C.
DOTS := pid=$$!; trap 'kill $$pid' INT TERM; while sleep 1 && kill -0 $$pid 2>/dev/null; do printf .; done; echo; wait $$pid

.PHONY: demo test setup check schemas clean
.DEFAULT_GOAL := help

.PHONY: help
help:
	@echo "make demo [RECORDING=dir | CAMERA=webcam] [ONCE=1] [FAST=1] [JSON=file]   from pixels to a receipt"
	@echo "make test      every check and test          make check   lint, types, architecture"
	@echo "make setup     the .venv for development     make schemas write protocol/schemas anew"

# Asked before anything is installed, so that an old Python gets a sentence and not a traceback.
.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Tillfree needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Try: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "Python could not make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

# Compiling all that is installed takes seconds, and the demo uses a part of it: Python compiles that at its first use.
$(RUNTIME): .venv/.made pyproject.toml
	@printf "Installing Tillfree and what it runs on (half a minute, once) "
	@$(PIP) install -q --no-compile -e '.[demo]' & $(DOTS)
	@touch $@

$(DEV): $(RUNTIME) pyproject.toml
	@echo "Installing what the checks and tests need ..."
	@$(PIP) install -q --upgrade 'pip>=25.1'
	@$(PIP) install -q -e '.[demo,evaluate]' --group dev
	@touch $@

setup: $(DEV)

demo: $(RUNTIME)
	@$(if $(RECORDING)$(CAMERA),:,bash tests/debian-packages.sh demo)
	@$(BIN)/tillfree demo $(RECORDING) $(if $(CAMERA),--camera $(CAMERA)) $(if $(FAST),--fast) $(if $(ONCE),--once) $(if $(JSON),--json $(JSON))

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/yamllint --strict deploy

test: $(DEV) check
	@bash tests/debian-packages.sh
	$(BIN)/tillfree models pull
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile $(ALONE:%=--ignore=%)
	$(BIN)/python -m pytest -q $(ALONE)

schemas: $(DEV)
	$(BIN)/python -m protocol.schemas

clean:
	rm -rf .venv
