# make run     start everything: database, web, worker (http://127.0.0.1:8000)
# make test    every test, browser journeys too
# make check   style, types, walls between modules, migrations, translations
# make screens pictures of the pages from the running demo
# make campaign the long proofs at full size (an hour); their figures go into the docs
# make bench   how fast and how small it is, beside others
# make bundle one tar for machines without network
# make docs    the documentation site
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run setup test check screens campaign bench bundle docs lock clean

run: setup
	@exec $(BIN)/tongban up

setup:
	@$(PYTHON) tools/setup.py

test: setup
	@$(PYTHON) tools/browser.py
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src
	$(BIN)/lint-imports
	$(BIN)/python tools/translations.py check
	$(BIN)/python -m tongban check
	$(BIN)/python -W ignore::RuntimeWarning -m tongban makemigrations --check --dry-run
	$(BIN)/python -m pytest -m "not slow" tests/architecture
	.tools/venv/bin/uv lock --check --quiet

screens: setup
	@$(PYTHON) tools/browser.py
	@$(BIN)/python tools/screens.py

campaign: setup
	@$(PYTHON) tools/browser.py
	@$(BIN)/python tools/campaign.py $(TESTS)

bench: setup
	@$(BIN)/python bench/run.py $(if $(QUICK),--quick)

bundle: setup
	@$(BIN)/python tools/bundle.py $(BUNDLE)

docs: setup
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

lock:
	@.tools/venv/bin/uv lock
	@npm install --package-lock-only --ignore-scripts --no-audit --no-fund

clean:
	rm -rf .venv .tools node_modules src/tongban/design/static/vendor site screens
