PYTHON ?= .venv/bin/python
BIN := $(dir $(PYTHON))

.PHONY: help check demo test faults screenshots eval eval-guard

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

check: ## Formatting, lint, types, import rules, size limits, and the guard of quality
	$(BIN)ruff format --check .
	$(BIN)ruff check .
	$(BIN)mypy
	$(BIN)lint-imports
	$(PYTHON) -m pytest -q tests/test_architecture.py
	$(MAKE) eval-guard

eval-guard: ## Suggestions on a small set of our own must not get worse
	$(PYTHON) -m pytest -q tests/assist/evaluation/test_guard.py

eval: ## Suggestions on judged data sets: make eval DATA=folder
	$(BIN)assist eval $(DATA) --cache build/eval-cache --errors build/eval-errors.txt

demo: ## The product with sample data and sample calls
	$(BIN)assist demo

test: ## All tests
	$(PYTHON) -m pytest

faults: ## Long calls in which processes are killed and parts die, one after the other
	$(PYTHON) -m pytest -n 0 -m faults

screenshots: ## Pictures of the desk for the README, from a running demo
	$(PYTHON) -m tests.screenshots
