# Every target sets up what it needs: only Python 3.11+ and make have to be there.
PYTHON ?= python3
BIN := .venv/bin
COMPOSE = $(shell command -v docker-compose || echo docker compose)

# `make dev` and `make run` share one local Dagster instance, so runs made by one show in the other.
export DAGSTER_HOME ?= $(CURDIR)/.dagster
export BENTOML_DO_NOT_TRACK ?= True
export DO_NOT_TRACK ?= 1

.DEFAULT_GOAL := help
.PHONY: help run serve dev data refresh up down test test-containers bench bench-quick check format pictures \
        lock browser deploy-tools bench-tools clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

run: .venv/pipeline ## build the whole graph, promote its models, print a report; DATA=DIR for other data
	@$(BIN)/spike-assets run $(if $(DATA),--data '$(DATA)')

serve: .venv/pipeline ## the page and the API on 127.0.0.1:5000
	@exec $(BIN)/bentoml serve

dev: .venv/pipeline ## the Dagster UI on 127.0.0.1:3000
	@$(BIN)/spike-assets end-killed-runs
	@exec $(BIN)/dg dev --host 127.0.0.1 --port 3000

data: .venv/pipeline ## download the three real files into data/
	@$(BIN)/spike-assets data download

refresh: .venv/pipeline ## ask the publishers for what is new since the files; DATA=DIR
	@$(BIN)/spike-assets data refresh $(if $(DATA),--data '$(DATA)')

up: ## everything in containers: the service on 127.0.0.1:5000, the Dagster UI on 127.0.0.1:8080
	@$(COMPOSE) up --build --detach
	@$(COMPOSE) logs init

down: ## stop the containers and keep what they stored
	@$(COMPOSE) down

test: .venv/dev browser deploy-tools ## the whole test suite
	@$(BIN)/pytest -n logical --maxprocesses 4

test-containers: .venv/dev ## the containers, with a Docker engine: up to an hour
	@$(BIN)/pytest tests/containers

bench: .venv/bench bench-tools ## all benchmarks, forty minutes: docs/benchmarks.md, docs/scaling.md; DATA=DIR
	@$(BIN)/python -m bench $(DATA)
	@$(BIN)/python -m bench.scaling $(DATA)

bench-quick: .venv/bench bench-tools ## which of the recorded ratios fell by a third, in three minutes
	@$(BIN)/python -m bench --quick $(DATA)

check: .venv/dev ## lint, types, import contracts, lock freshness
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@sh requirements/compile.sh --check

format: .venv/dev ## rewrite the code in the project's format
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

pictures: .venv/dev browser ## take the pictures of docs/images anew
	@$(BIN)/pytest -q tests/browser --pictures docs/images

lock: .venv/dev ## compile requirements/*.txt from pyproject.toml
	@sh requirements/compile.sh

browser: .venv/dev
	@sh tests/browser/install.sh

deploy-tools:
	@sh tests/deploy/install.sh

bench-tools:
	@sh bench/install.sh $(PYTHON)

clean: ## remove everything that setting up and running made here (never the model store)
	rm -rf .venv .venv-* storage monitoring data
	git clean -fdxq .dagster

.venv/pipeline: requirements/pipeline.txt pyproject.toml
	@sh requirements/install.sh $(PYTHON) pipeline

.venv/dev: requirements/dev.txt .venv/pipeline
	@sh requirements/install.sh $(PYTHON) dev

.venv/bench: requirements/bench.txt .venv/dev
	@sh requirements/install.sh $(PYTHON) bench
