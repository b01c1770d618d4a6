# Everything here needs only python3 (3.11 or later) and make: the virtual environment is made on demand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: demo test test-real check bench bench-probes bench-steps bench-broadcast bench-report chaos chaos-steps chaos-broadcasts pictures channel report-picture clean install

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "cockpit needs Python 3.11 or later; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q cockpit
	@touch $(INSTALLED)

demo: $(INSTALLED)
	@$(BIN)/cockpit demo

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/python -m pytest -n 4 --dist worksteal -m "not real and not chaos"

test-real: $(INSTALLED)
	$(BIN)/python -m pytest -n 4 --dist load --maxschedchunk 1 -m real

chaos: $(INSTALLED)
	$(BIN)/python -m pytest -m chaos -s --ignore=tests/chaos/test_steps.py --ignore=tests/chaos/test_broadcasts.py

chaos-steps: $(INSTALLED)
	$(BIN)/python -m pytest -m chaos -s tests/chaos/test_steps.py

chaos-broadcasts: $(INSTALLED)
	$(BIN)/python -m pytest -m chaos -s tests/chaos/test_broadcasts.py

bench: $(INSTALLED)
	$(BIN)/python -m bench

bench-probes: $(INSTALLED)
	$(BIN)/python -m bench probe_cpu probe_scale probe_hung probe_cancels

bench-broadcast: $(INSTALLED)
	$(BIN)/python -m bench broadcast

bench-report: $(INSTALLED)
	$(BIN)/python -m bench report

bench-steps: $(INSTALLED)
	$(BIN)/python -m bench steps_output steps_spawn

pictures: $(INSTALLED)
	$(BIN)/python -m docs.pictures

channel: $(INSTALLED)
	$(BIN)/python -m docs.channel

report-picture: $(INSTALLED)
	$(BIN)/python -m docs.report_picture

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
