.DEFAULT_GOAL := help
.PHONY: help demo test install lint format test-sa20 bench screenshots clean

python := .venv/bin/python

help: ## Say what can be made
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

demo: ## Try it in a browser: no server to install (PORT=5000; FRESH=1 begins anew)
	@tools/install.sh base
	@tools/demo.sh

test: install ## Run every check and every test, on servers of their own
	@tools/test.sh

install: ## Make .venv with everything that the tests need
	@tools/install.sh dev

lint: install ## Check style, types and the direction of imports
	@tools/test.sh lint

format: install ## Put the code into the project's style
	@$(python) -m ruff check --quiet --fix .
	@$(python) -m ruff format --quiet .

test-sa20: install ## Run the core of the tests on SQLAlchemy 2.0
	@tools/test.sh older

bench: install ## Print what the work costs, against the bare driver
	@$(python) -m benchmarks

screenshots: install ## Make the pictures of docs/pictures anew, from the demo
	@$(python) -m tools.screenshots

clean: ## Remove what the commands above have made
	@rm -rf .venv .cache instance build *.egg-info .hypothesis .mypy_cache .ruff_cache .import_linter_cache
