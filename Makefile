# make demo · make test · make up · make check · make bench. Each makes .venv first when it is missing or stale.
# PYTHON=… chooses an interpreter; otherwise the newest of 3.14 … 3.11 that really runs and can make an environment is taken.
# ARGS=… is handed on to the command, e.g. `make up ARGS="--port 9090"`.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
CAN_MAKE_ENVIRONMENTS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

# An environment whose interpreter is gone, or which was moved here from another folder, is stale.
$(shell test ! -e $(VENV) || { $(BIN)/python -c '' && head -n 1 $(BIN)/pip | grep -qF "$(CURDIR)/$(VENV)/"; } 2>/dev/null || rm -rf $(VENV))

.PHONY: setup demo test up check bench
setup: $(VENV)/.installed

demo: $(VENV)/.installed
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/amends demo $(ARGS); else exec $(BIN)/amends demo --no-serve $(ARGS); fi

up: $(VENV)/.installed
	@exec $(BIN)/amends up $(ARGS)

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks $(ARGS)

$(VENV)/.installed: pyproject.toml constraints.txt
	@python='$(PYTHON)'; \
	if [ -z "$$python" ]; then \
	  for minor in 14 13 12 11; do \
	    for candidate in python3.$$minor "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.$$minor.*/bin/python python3; do \
	      "$$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, '$$minor'))' 2>/dev/null || continue; \
	      "$$candidate" -c '$(CAN_MAKE_ENVIRONMENTS)' 2>/dev/null && python=$$candidate && break 2; \
	    done; \
	  done; \
	fi; \
	test -n "$$python" || { echo 'Amends needs Python 3.11 or newer with venv (on Debian: apt install python3-venv). Name one with PYTHON=…' >&2; exit 1; }; \
	"$$python" -c '$(CAN_MAKE_ENVIRONMENTS)' || { echo "$$python is older than 3.11 or cannot make environments." >&2; exit 1; }; \
	echo "Making $(VENV) with $$("$$python" -V) …"; \
	rm -rf $(VENV) && "$$python" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@
