# Each command of the project; `make` alone lists them. Only `python3` (3.11 or newer, with venv) and make are asked for.
.DEFAULT_GOAL := help
.PHONY: help setup run test test-quick check format bench prove clean
READY := .venv/.ready
PYTHON := .venv/bin/python
WORKERS ?= 2
PROVE := BOX_S CASES SEEDS FIRST SEED TRACE PLANT PLANTS RANDOM MUTANT MUTANT_SEED TIERS SHARE ONLY RECORD DATABASES BODIES REQUESTS EXAMPLES BODY NICE

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

setup: $(READY) ## make .venv with all that the others need; done once, repeated when the pins change
	@:

$(READY): pyproject.toml constraints.txt
	@found=; for each in $${PYTHON3:-python3 python3.13 python3.12 python3.11}; do \
	  if $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$each; break; fi; done; \
	if [ -z "$$found" ]; then \
	  echo 'Outrider needs Python 3.11 or newer as python3; install it and run make again.'; \
	  echo 'Outrider 需要 Python 3.11 或更高版本（命令 python3）；请安装后重新运行 make。'; exit 1; fi; \
	if ! $$found -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo 'Python is here, but its venv module is not (on Debian and Ubuntu: apt install python3-venv); install it and run make again.'; \
	  echo '已找到 Python，但缺少 venv 模块（Debian、Ubuntu：apt install python3-venv）；请安装后重新运行 make。'; exit 1; fi; \
	$(PYTHON) -m pip --version >/dev/null 2>&1 || { echo 'Making .venv ...'; $$found -m venv --clear .venv; }
	@echo 'Installing what Outrider needs (under a minute on a good line) ...'
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

run: $(READY) ## play the offline day and stay up; ONCE=1 ends after it, VERBOSE=1 tells more
	@exec .venv/bin/outrider demo $(if $(filter-out 0,$(ONCE)),--once) $(if $(filter-out 0,$(VERBOSE)),--verbose)

test: $(READY) ## the whole suite, on SQLite and on PostgreSQL
	@$(PYTHON) -m pytest --numprocesses $(WORKERS) --dist worksteal --durations 10 --databases both

test-quick: $(READY) ## the suite on SQLite alone
	@$(PYTHON) -m pytest --numprocesses $(WORKERS) --dist worksteal --databases sqlite

check: $(READY) ## format, ruff, mypy strict, layers, tidy, prose
	@$(PYTHON) -m ruff format --check --quiet . || { echo 'Not formatted: make format'; exit 1; }
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m mypy --no-error-summary
	@.venv/bin/lint-imports --no-logo
	@$(PYTHON) -m pytest --quiet tests/meta/test_tidy.py tests/meta/test_prose.py

format: $(READY) ## put every file into the one format
	@$(PYTHON) -m ruff check --quiet --fix-only .
	@$(PYTHON) -m ruff format .

prove: $(READY) ## all proofs, or NAME=simulate SEEDS=10000 (BOX_S=60: for a minute); a failing seed again: SEED=… TRACE=1
	@$(PYTHON) -m tests.prove $(NAME) $(foreach key,$(PROVE),$(if $($(key)),'$(key)=$(subst ','\'',$($(key)))'))

bench: $(READY) ## measure against the raw drivers; writes bench/results.json
	@$(PYTHON) -m bench

clean: ## remove caches and build results; .venv stays
	@rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench/results.json
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
