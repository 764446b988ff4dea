# Works with GNU make 3.81 and later.
.DEFAULT_GOAL := help
.PHONY: help install run test lint check schema bench soak chaos dist clean

BIN := .venv/bin
STAMP := .venv/.installed
FIRST_QUESTION = import json; print(json.loads(open("samples/questions.jsonl", encoding="utf-8").readline())["question"])

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

install: $(STAMP) ## makes .venv with the neolight command and the development tools

$(STAMP): pyproject.toml scripts/install
	@./scripts/install .venv
	@touch $(STAMP)

run: $(STAMP) ## indexes the samples once, prints a cited answer, serves on 9621
	$(BIN)/neolight index samples/documents
	@question=$$($(BIN)/python -c '$(FIRST_QUESTION)') && printf '\n%s\n\n' "$$question" && $(BIN)/neolight ask "$$question"
	$(BIN)/neolight serve

test: $(STAMP) ## all tests, against a real Neo4j, in two processes
	$(BIN)/python -m pytest -n 2 --dist loadscope

lint: $(STAMP) ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

check: lint ## lint and unit tests: about a minute
	$(BIN)/python -m pytest tests/unit

schema: $(STAMP) ## exports the GraphQL schema to schema/schema.graphql
	@mkdir -p schema
	$(BIN)/python -m neolight.graphql.export > schema/schema.graphql.new
	mv schema/schema.graphql.new schema/schema.graphql

bench: $(STAMP) ## measures graphs of growing size; bench/README.md says what else there is
	$(BIN)/python bench/scale.py

soak: $(STAMP) ## an hour of mixed load; fails where something is lost or left behind
	$(BIN)/python bench/soak.py --minutes $${SOAK_MINUTES:-60}

chaos: $(STAMP) ## kills processes in the middle of work, over and over
	CHAOS_SEEDS=$${CHAOS_SEEDS:-20} $(BIN)/python -m pytest tests/faults

dist: $(STAMP) ## builds the source archive and the wheel in dist/
	rm -rf dist
	@if command -v uv >/dev/null 2>&1; then uv build; \
	else $(BIN)/python -m pip install --quiet build && $(BIN)/python -m build; fi

clean: ## removes what was built and cached; keeps .venv and the indexed data
	rm -rf dist build .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
