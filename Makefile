# `make demo` and `make test` are all a newcomer needs: each sets up .venv first if it is not there or out of date.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
OPENCV_HEADLESS := opencv-python-headless==5.0.0.93

.DEFAULT_GOAL := help
.PHONY: help demo test lint types arrows bench eval clean

help:
	@echo "make demo    the whole line on a sample archive that RUNE renders itself"
	@echo "make test    ruff, mypy, import arrows and the tests"
	@echo "make bench   RUNE side by side with DuckDB, clingo, plain Z3 and an embedding search"
	@echo "make eval    how good retrieval is, on the DOTA scenes of ../shared/data"
	@echo "make clean   remove .venv and caches"

# Some bare machines lack the screen libraries that opencv-python links; the headless build of the same version does
# not need them and takes its place.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev,bench,eval,embed]"
	$(BIN)/python -c "import cv2" 2>/dev/null || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall $(OPENCV_HEADLESS)
	touch $@

demo: $(STAMP)
	$(BIN)/rune demo

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

arrows: $(STAMP)
	$(BIN)/lint-imports

test: $(STAMP) lint types arrows
	$(BIN)/pytest -n 3 --dist loadfile

bench: $(STAMP)
	$(BIN)/python bench/solver.py
	$(BIN)/python bench/agent_turns.py
	$(BIN)/python bench/translation.py

eval: $(STAMP)
	$(BIN)/python bench/evaluation.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
