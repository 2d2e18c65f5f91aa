# make try    install into a fresh environment and answer for a worked patient
# make check  everything but what needs a browser, Node or Java: lint, types, imports, tests, the cases of the knowledge
# make check-all  everything that CI runs; needs Chromium, pdftotext, npm and Java besides
# make equality  hold columns, SQL and Spark to the reference on 100,000 random patients each, and experta's own matcher
#                on 1,000; needs Java
# make identity  hold the script of the page, in QuickJS and in Node, to Python on 5,000 random patients each
# make fuzz   hold whatever answers by random knowledge to brute force: SEEDS=2000, or FIRST-LAST; what differs is shrunk
# make edits  hold the language server to expert check after 1,000 random edits
# make golden rewrite what people read: golden files, the consoles of README.md and docs/, the picture of the terminal
# make pictures  draw docs/pictures again; needs Chromium, pdftoppm and Neovim
# make bench  measure everything side by side; writes benchmarks/RESULTS.md and its plots

PYTHON ?= python3
BIN := .venv/bin

AXE := 4.14.1

.PHONY: try check check-all lint types imports tests cases mutants browser editor spark equality identity fuzz edits golden pictures bench format clean

try: .try/installed
	.try/bin/expert assess knowledge/patients/fourteen-weeks.yaml

.try/installed: setup.cfg pyproject.toml $(shell find expert knowledge -type f -not -name '*.pyc')
	$(PYTHON) -m venv .try
	.try/bin/python -m pip install --quiet --disable-pip-version-check .
	touch $@

check: lint types imports tests cases
	@echo "make check passed. Left out: mutants, pages in a browser, the schemas in an editor, Spark (make check-all)."

check-all: check mutants browser editor spark

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
	$(BIN)/expert test --coverage --fail-under 100
	$(BIN)/expert check
	$(BIN)/expert fmt --check

mutants: .venv/installed
	$(BIN)/expert mutate --fail-under 100

browser: .venv/installed .browser/axe-$(AXE).js
	EXPERT_BROWSER=required $(BIN)/python -m pytest tests/browser

.browser/axe-$(AXE).js:
	mkdir -p .browser
	npm pack --silent --pack-destination .browser axe-core@$(AXE)
	tar -xzOf .browser/axe-core-$(AXE).tgz package/axe.min.js > $@.part && mv $@.part $@
	rm .browser/axe-core-$(AXE).tgz

editor: .venv/installed .node/installed
	EXPERT_EDITOR=required $(BIN)/python -m pytest tests/editor

.node/installed:
	mkdir -p .node
	npm install --prefix .node --no-save --no-audit --no-fund --silent yaml-language-server@1.25.0
	touch $@

spark: .venv/spark
	EXPERT_SPARK=required $(BIN)/python -m pytest -n 0 tests/spark

.venv/spark: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[spark]'
	touch $@

equality: .venv/spark
	COLUMN_ROWS=100000 $(BIN)/python -m pytest tests/test_columns.py tests/test_sql.py -k reference
	RETE_PATIENTS=1000 $(BIN)/python -m pytest tests/test_equality.py -k own_matcher
	COLUMN_ROWS=100000 EXPERT_SPARK=required $(BIN)/python -m pytest -n 0 tests/spark -k local_engine

identity: .venv/installed
	PAGE_PATIENTS=5000 EXPERT_EDITOR=required $(BIN)/python -m pytest tests/test_page_script.py tests/editor/test_page_in_node.py

SEEDS ?= 2000

fuzz: .venv/installed
	$(BIN)/python -m tests.fuzz $(SEEDS)

edits: .venv/installed
	EXPERT_EDITS=1000 $(BIN)/python -m pytest tests/lsp/test_random_edits.py

bench: .venv/installed
	$(BIN)/python -m benchmarks

golden: .venv/installed
	$(BIN)/python -m tests.golden
	$(BIN)/python -m tests.readme
	$(BIN)/python -m tests.pictures
	$(BIN)/python -m tests.golden.cohort
	$(BIN)/python -m tests.sql

pictures: .venv/installed
	$(BIN)/python -m tests.pictures report
	$(BIN)/python -m tests.editor.pictures

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .try .browser .node build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
