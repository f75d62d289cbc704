# `make book` and `make test` set up everything they need, in .venv, and say what they do.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help book serve handout notebooks test test-all benchmark leaderboard lint format lock clean

PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell $(p) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) and print("$(p)")' 2>/dev/null)))
BIN := .venv/bin
READY := .venv/ready
TYPESCRIPT := .venv/node_modules/.package-lock.json
SPEEDY := not slow and not browser and not slurm and not weekly
# V=1 shows all that the tools have to say. ALL=1 adds the tests that run once a week.
JUPYTER_BOOK := $(BIN)/jupyter-book build . -W -n --keep-going $(if $(V),,--quiet)
PYTEST := $(BIN)/python -m pytest $(if $(V),-v,--no-header) -n 2 --dist loadfile --no-loadscope-reorder
# Slow tests take three processes for two cores: those of the sandbox and of Slurm mostly wait.
# As pip, four times as fast. Compiled once here, or each process would compile what it imports where
# bytecode is not written later (PYTHONDONTWRITEBYTECODE).
UV := $(BIN)/uv pip install --python $(BIN)/python --compile-bytecode $(if $(V),,--quiet)
PIP := $(BIN)/python -m pip install --disable-pip-version-check $(if $(V),,--quiet --quiet)

help:
	@echo "make book       set up everything and build the site in _build/html"
	@echo "make serve      show the built site on http://127.0.0.1:8000"
	@echo "make handout    print the workshop and all key points as a PDF (after make book; needs Chromium)"
	@echo "make test       set up everything and run the quick tests"
	@echo "make test-all   run the slow tests and those in a browser (after make book); ALL=1: the weekly ones too"
	@echo "make notebooks  write the notebooks that Colab opens, from lessons and solutions"
	@echo "make benchmark  measure what the pages quote: races, ablation, profile, exercises (five hours or so)"
	@echo "make leaderboard  after make benchmark, enter the course's networks into the challenge (25 minutes)"
	@echo "make lint       check style, types, spelling, links, workflows and generated files"
	@echo "make format     put the code into the project's style"
	@echo "make lock       renew the exact versions in requirements.txt"
	@echo "make clean      remove what was built"
	@echo "V=1 with any of them shows everything that the tools say"

$(READY): requirements.txt pyproject.toml
	@if ! $(or $(PYTHON),false) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
	  echo "No Python 3.11, 3.12 or 3.13 found$(if $(PYTHON), at $(PYTHON)); install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; \
	  exit 2; \
	fi
	@if [ -L .venv ]; then \
	  echo ".venv is a link to $$(readlink .venv), which make leaves alone: remove the link, or install there by hand (see README.md) and run: touch $(READY)" >&2; \
	  exit 2; \
	fi
	@echo "Setting up .venv with $$($(PYTHON) --version): half a minute to 5 minutes, about 2.5 GB on the disk."
	@start=$$SECONDS; \
	$(PYTHON) -m venv --clear .venv || { echo "Python's venv module does not work; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }; \
	$(PIP) $$(grep ^uv== requirements.txt); \
	$(UV) -r requirements.txt || { echo "uv could not install them; pip does" >&2; $(PIP) -r requirements.txt; }; \
	$(UV) --no-deps --editable . || $(PIP) --no-deps --editable .; \
	touch $(READY); \
	echo "Set up in $$((SECONDS - start)) s."

book: $(READY)
	@echo "Building the site. Pages whose code changed are executed, with real training: all of them take 3 to 15 minutes on 2 cores."
	@start=$$SECONDS; \
	PATH="$(CURDIR)/$(BIN):$$PATH" $(JUPYTER_BOOK); \
	echo "Built in $$((SECONDS - start)) s. Open _build/html/index.html, or run: make serve"

serve:
	@test -f _build/html/index.html || { echo "There is no site yet; run: make book" >&2; exit 2; }
	@echo "The site is on http://127.0.0.1:8000 until you press Ctrl-C."
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

handout: $(READY)
	@$(BIN)/python tools/print_handout.py

notebooks: $(READY)
	@$(BIN)/mnist-keras notebooks

test: $(READY)
	@echo "Running the quick tests: 2 to 9 minutes on 2 cores."
	@$(PYTEST) -m "$(SPEEDY)"

test-all: $(READY)
	@echo "Running the slow tests and those in a browser: 10 to 30 minutes on 2 cores."
	@$(PYTEST) -n 3 --durations=10 -m "not ($(SPEEDY))$(if $(ALL),, and not weekly)"

benchmark: $(READY)
	@echo "Measuring on this machine what the lessons quote: five hours or so on 2 cores. Use it for nothing else."
	@$(BIN)/python benchmarks/time_to_accuracy.py
	@$(BIN)/python benchmarks/one_change_at_a_time.py
	@$(BIN)/python benchmarks/where_the_time_goes.py
	@$(BIN)/python benchmarks/time_exercises.py
	@$(BIN)/python benchmarks/compare_tuners.py
	@$(BIN)/python benchmarks/search_overhead.py
	@$(BIN)/python benchmarks/read_photos.py
	@$(BIN)/python benchmarks/playground_strokes.py
	@$(BIN)/python benchmarks/scaling_parts.py
	@echo "To let the lessons quote these figures: cp _build/benchmark/*.json mnist_keras/measurements/"

leaderboard: $(READY)
	@echo "Entering the course's networks into the challenge: a search, its winner trained anew, 25 minutes or so."
	@rm -rf _build/entries
	@for network in tiny sprint golf-99 golf-98; do \
	  $(BIN)/mnist-keras enter $$(for seed in 0 1 2; do echo _build/benchmark/models/$$network-$$seed.keras; done) \
	    --out _build/entries/$$network || exit; \
	done
	@$(BIN)/mnist-keras tune --time-budget 10m --out _build/search
	@$(BIN)/mnist-keras tune-report _build/search --retrain
	@cp -r _build/search/entry _build/entries/search
	@$(BIN)/mnist-keras leaderboard _build/entries --out _build/leaderboard
	@echo "To show them on the site: cp _build/leaderboard/leaderboard.json mnist_keras/measurements/ && cp _build/leaderboard/playground/*.json mnist_keras/measurements/playground/"

$(TYPESCRIPT): tools/typescript/package.json tools/typescript/package-lock.json $(READY)
	@cp tools/typescript/package.json tools/typescript/package-lock.json .venv/
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --prefix .venv --no-audit --no-fund --no-update-notifier $(if $(V),,--silent)
	@touch $@

lint: $(TYPESCRIPT)
	@$(BIN)/pre-commit run --all-files $(if $(V),--verbose)

format: $(READY)
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

lock: $(READY)
	@$(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --upgrade \
	  --extra search --extra grade --extra site --extra test --custom-compile-command "make lock" \
	  --output-file requirements.txt pyproject.toml

clean:
	rm -rf _build .cache
