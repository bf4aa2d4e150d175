# `make run` and `make test` set up what is missing, then do what they say.

# libcsound would otherwise install a Csound of its own where it finds none.
export LIBCSOUND_INSTALL := 0

DEMO ?= examples/lantern.csd
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test soak survive deaths evening kills growth same-as-csound check format protocol pages console screenshots frames listen fuzz dropin walks clean

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: Python packages into .venv, Csound where that is allowed, the embedded engine
	@.ci/setup

run: ## Start the daemon with a demo piece (ARGS="--port 0" and so on go to csoundd serve)
	@.ci/setup run
	@exec .venv/bin/csoundd serve $(DEMO) $(ARGS)

# pytest says 5 where it collects nothing, which is no pass: these tests are always there.
test: setup ## Run every test (ARGS="-k channels" and so on go to pytest)
	@.venv/bin/python -m pytest -n 3 --dist loadfile $(ARGS) || { code=$$?; [ $$code != 5 ] || echo "no test was collected" >&2; exit $$code; }

soak: setup ## Reset and crash the native engines hundreds of times and measure their memory (ARGS="--engine native:7")
	@.venv/bin/python -m tests.soak $(ARGS)

survive: setup ## Kill a daemon under load 100 times; all that it acknowledged is to be there again (ARGS="--engine native:6")
	@.venv/bin/python -m tests.survival daemon $(ARGS)

deaths: setup ## Have an engine die in 8 ways, 200 times, under load from 20 clients; nobody is to notice (ARGS="--engine wasm")
	@.venv/bin/python -m tests.survival engine $(ARGS)

evening: setup ## Crash each engine 40 times while it plays, and compare what sounds before and after (ten minutes)
	@.venv/bin/python -m benchmarks.evening $(ARGS)

kills: setup ## Kill a daemon 20 times while it renders 40 jobs; all are to be done and right in the end (ARGS="--seed 1")
	@.venv/bin/python -m tests.render.kills $(ARGS)

growth: setup ## Render 1,000 jobs by a daemon and find 10,000 more; its memory is to stay what it was (ARGS="--rendered 300")
	@.venv/bin/python -m tests.render.growth $(ARGS)

same-as-csound: setup ## Render many pieces as Csound's own programs do, sample for sample (ARGS="FOLDER --most 100")
	@.venv/bin/python -m tests.render $(ARGS)

check: setup ## Lint, formatting and types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@if [ -d clients/console/node_modules ]; then \
	npm --prefix clients/javascript run --silent check && npm --prefix clients/console run --silent check; \
	else echo "check: without npm the JavaScript client and the page are not checked" >&2; fi

format: setup ## Mend what the linter can mend, and format
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

protocol: setup ## Write the generated part of protocol/ and of the clients anew
	@.venv/bin/python -m csoundd.contract protocol

screenshots: setup ## Pictures of the page, into build/screenshots, and the one in the README
	@node clients/console/screenshots.mjs

frames: setup ## The work of the page for each frame while 64 sliders move, from the browser's trace, and what it is sent
	@node clients/console/measurements/frames.mjs $(ARGS)

listen: setup ## What a page hears for a minute, on each engine, and where its delay comes from (ARGS="--seconds 10 --safety quick")
	@node clients/console/measurements/listen.mjs $(ARGS)

pages: setup ## Play the page in Chromium, alone (ARGS="-t records" and so on go to vitest)
	@npm --prefix clients/console run --silent client && cd clients/console && npx vitest run tests/page $(ARGS)

console: setup ## Build the page that the daemon serves at /; what it made is committed
	@npm --prefix clients/console run --silent build

walks: setup ## What five people do with csoundd, with real programs, each step with its time (ARGS="composer operator")
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/python -m tests.walks $(ARGS)

dropin: setup ## Every call of the drop-in in every state, then other people's programs, beside libcsound (ARGS="--from examples=DIR")
	@.venv/bin/python -m tests.dropin.states
	@.venv/bin/python -m tests.dropin.table $(ARGS)

fuzz: setup ## Call every method with extreme values, on one engine (ARGS="--engine native:6 --calls 20000 --seed 1")
	@.venv/bin/python -m tests.fuzz --log fuzz.jsonl $(ARGS)

clean: ## Remove .venv and whatever the tools have made
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist clients/python/build clients/python/dist clients/javascript/dist clients/javascript/node_modules clients/console/node_modules tests/contract/stock/node_modules
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
