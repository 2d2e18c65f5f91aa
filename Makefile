# make try    install into a fresh environment and answer for a worked patient
# make check  everything that CI runs
# make golden rewrite what people read: golden files and the README's consoles

PYTHON ?= python3
BIN := .venv/bin

.PHONY: try check check-all lint types imports tests cases golden format clean

try: .try/installed
	.try/bin/expert assess knowledge/patients/fourteen-weeks.yaml

.try/installed: setup.cfg pyproject.toml $(shell find expert knowledge -type f -not -name '*.pyc')
	$(PYTHON) -m venv .try
	.try/bin/python -m pip install --quiet --disable-pip-version-check .
	touch $@

check: lint types imports tests cases
	@echo "make check passed. Left out: nothing; no check needs Node, Java or Chromium so far (make check-all)."

check-all: check

.venv/installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed
	$(BIN)/mypy

imports: .venv/installed
	$(BIN)/lint-imports --config setup.cfg

tests: .venv/installed
	$(BIN)/python -m pytest

cases: .venv/installed
	$(BIN)/expert test

golden: .venv/installed
	$(BIN)/python -m tests.golden
	$(BIN)/python -m tests.readme

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .try build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
