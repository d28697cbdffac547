# Two doors: `make demo` grades a class, `make test` proves the rest. Each makes .venv on first use, and only then.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SLOW_STAMP := $(VENV)/.installed-slow
SPREAD := -n 2 --dist loadfile # a file's tests share their processes

.PHONY: demo test test-slow fuzz check lint stubs clean
.DEFAULT_GOAL := test

INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(INSTALL) 'pip>=25.1' # the first that knows dependency groups
	$(INSTALL) -c constraints.txt -e '.[grade]' --group dev
	@touch $@

# The slow tests drive nbgrader, Jupyter and Anki themselves: about a hundred packages more, and only for them.
$(SLOW_STAMP): $(STAMP)
	$(INSTALL) -c constraints.txt -e '.[teach,notebook]' --group slow
	@touch $@

demo: $(STAMP) ## grade the example class with the hidden graders
	$(BIN)/tfm-quiz teach grade examples/class --out build/demo --no-sandbox
	@echo && echo "What one of them reads:" && echo
	@cat build/demo/feedback/$(DEMO_STUDENT).txt
DEMO_STUDENT ?= student-05

check: $(STAMP) ## the quick part of the tests: style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/ty check

test: check ## everything a change must pass
	$(BIN)/python -m pytest -m 'not slow' $(SPREAD)

test-slow: $(SLOW_STAMP) ## what takes long
	$(BIN)/python -m pytest -m 'slow or extra' $(SPREAD)

fuzz: $(STAMP) ## search for bytes that upset the wire's decoder
	$(INSTALL) -c constraints.txt --group fuzz
	$(BIN)/python tests/wall/fuzz_wire.py -max_total_time=180

lint: $(STAMP) ## prove the course
	$(BIN)/tfm-quiz teach lint

stubs: $(STAMP) ## refresh exercises/ from solutions/
	$(BIN)/tfm-quiz teach stubs

clean: ## everything that was made, but not .venv
	rm -rf build dist .pytest_cache .ruff_cache
