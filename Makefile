# `make run` does the main job on the embedded defaults, `make test` runs every check, `make quick` those that take
# no time, for the inner loop, `make docs` builds the documentation, in build/site. All set up what they need, work a
# second time, and work without a network once installed. `make pages` builds the dashboard anew; it alone needs Node.

PYTHON ?= python3
BIN := .venv/bin
# An editable install compiles nothing, and where Python may not write, each start would do it again.
COMPILE = $(BIN)/python -m compileall -q primitives linter sandbox runtime
STATIC := runtime/weft/runtime/serving/static
# The tests start hundreds of processes, and are rewritten as they are imported: what was compiled for one is for all.
export PYTHONDONTWRITEBYTECODE =
TASK := Which of these notes contradict each other about what each system persists?

.PHONY: run test suite quick docs pages clean

run: .venv/installed
	$(BIN)/weft run "$(TASK)" --dir examples/notes --model offline --yes

# mypy knows one processor only, and the tests leave some of it idle.
test: .venv/installed-dev
	$(MAKE) --no-print-directory --jobs 2 still suite

suite: .venv/installed-dev browser
	$(COMPILE)
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

quick: still
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m 'not slow'

docs: .venv/installed-dev
	$(BIN)/python docs/make_docs.py

pages:
	cd dashboard && npm install && npm run build
	find dashboard $(STATIC) -name node_modules -prune -o -type f -print | LC_ALL=C sort | xargs sha256sum > build.sums
	mv build.sums $(STATIC)/SHA256SUMS

# The pages are tested in a real browser. Where there is neither one nor a way to get it, their tests fail and say so.
.PHONY: browser
browser:
	@command -v chromium >/dev/null || ! command -v apt-get >/dev/null || { \
		root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$root apt-get update -q && $$root apt-get install -q -y --no-install-recommends chromium; }

.PHONY: still
still: .venv/installed-dev  # what can be said of the code without running it
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/weft check examples/*.py

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "weft needs Python 3.11 or later; set PYTHON=python3.x"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	$(COMPILE)
	@touch $@

.venv/installed-dev: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(COMPILE)
	@touch $@ .venv/installed

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build
