# make up     the whole portal on this machine; needs only Python (3.11 or newer) and make
# make test   every check and every test, from the same nothing
# make lint   the checks alone            make bench   measurements
# make chaos  everything breaks while people work: SEED=7 EDITS=2000 SEEDS=20 or MINUTES=60, FAULTS=redis (README)
# make lock   new versions of everything  make clean   forget the environment (data in var/ stays)

PYTHON ?= python3
VENV := .venv
IN := $(VENV)/bin
PIP := $(IN)/python -m pip --disable-pip-version-check --quiet
TEST ?=
SEED ?= 1
SEEDS ?= 1
EDITS ?= 2000
MINUTES ?= 0
FAULTS ?=
ARGS ?=
LOCK := uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header pyproject.toml

.PHONY: up test lint bench chaos lock clean
.DELETE_ON_ERROR:

up: $(VENV)/runtime
	@exec $(IN)/portal up

test: lint
	$(IN)/pytest -n auto $(TEST)

lint: $(VENV)/development
	$(IN)/ruff format --check .
	$(IN)/ruff check .
	$(IN)/mypy
	$(IN)/lint-imports
	$(IN)/djlint --quiet --check templates
	$(IN)/djlint --quiet --lint templates

bench: $(VENV)/development
	$(IN)/python -m bench

chaos: $(VENV)/development
	$(IN)/python -m tests.chaos --seed $(SEED) --seeds $(SEEDS) --edits $(EDITS) --minutes $(MINUTES) --faults "$(FAULTS)" $(ARGS)

lock: $(VENV)/runtime
	$(PIP) install uv
	$(IN)/$(LOCK) --group build --output-file requirements.txt
	$(IN)/$(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean:
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# Each stamp is newer than what it was made from, and is only there when all of it succeeded.
$(VENV)/runtime: requirements.txt pyproject.toml | python
	@$(IN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing what the portal needs into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-index --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/development: requirements-dev.txt $(VENV)/runtime
	@echo "Installing what its tests need into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: python
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "The portal needs Python 3.11 or newer: install it, or name it, as in “make up PYTHON=python3.12”."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python can't make environments: install its venv module (on Debian: apt-get install python3-venv)."; exit 1; }
