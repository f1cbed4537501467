PYTHON ?= .venv/bin/python
BIN := $(dir $(PYTHON))

.PHONY: help check demo test screenshots

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

check: ## Formatting, lint, types, import rules, size limits
	$(BIN)ruff format --check .
	$(BIN)ruff check .
	$(BIN)mypy
	$(BIN)lint-imports
	$(PYTHON) -m pytest -q tests/test_architecture.py

demo: ## The product with sample data and sample calls
	$(BIN)assist demo

test: ## All tests
	$(PYTHON) -m pytest

screenshots: ## Pictures of the desk for the README, from a running demo
	$(PYTHON) -m tests.screenshots
