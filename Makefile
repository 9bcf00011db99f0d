# Each target does its own set-up: a virtual environment in .venv with hash-locked packages.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin

.PHONY: lab test check bench screenshots soak lock clean

lab: .venv/run                  ## the main job: a whole installation, rehearsed on this machine
	$(BIN)/ocp-tui lab $(ARGS)

test: .venv/test check          ## everything CI runs
	$(BIN)/python -m pytest -m "not slow" $(ARGS)

soak: .venv/test                ## the long runs: each fault a hundred times, ten thousand broken files
	$(BIN)/python -m pytest -m slow -o faulthandler_timeout=0 $(ARGS)

check: .venv/test
	$(BIN)/ruff check tui tests
	$(BIN)/ruff format --check tui tests
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/test               ## ratios against a named baseline in the same run
	$(BIN)/python -m tests.bench

screenshots: .venv/test         ## pictures of every screen, from the running app
	$(BIN)/python -m tests.screenshots

.venv/run: requirements/run.txt pyproject.toml
	@sh requirements/venv.sh "$(PYTHON)" requirements/run.txt
	@touch $@

.venv/test: requirements/test.txt pyproject.toml
	@sh requirements/venv.sh "$(PYTHON)" requirements/test.txt
	@touch $@ .venv/run

lock:                           ## new versions into the hash-locked lists (needs uv)
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url \
		--extra build --extra test pyproject.toml -o requirements/test.txt
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url \
		--extra build pyproject.toml -c requirements/test.txt -o requirements/run.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis
