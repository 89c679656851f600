# Needs Python 3.11 or newer and nothing else; works with any make from GNU make 3.81 (macOS) on.

PYTHON   ?= python3
SCENARIO ?=
ARGS     ?=
WORKERS  ?= 2
REGION   ?=
PROFILE  ?=
CDK      ?=

VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check
UV   := .cache/uv/bin/uv

# A virtual environment whose Python is gone has nothing installed.
$(shell test -x $(BIN)/python || rm -f $(VENV)/installed-*)

# What is installed is told by the name of one empty file, which holds the lock's checksum: file times
# would mean nothing after a clone or a checkout. The lock for tests contains the one for the demo.
installed  = $(VENV)/installed-$(1)-$(firstword $(shell cksum < locks/$(1).txt))
DEMO_READY := $(call installed,demo)
TEST_READY := $(call installed,test)
DEPLOY_READY := $(if $(wildcard $(TEST_READY))$(filter test,$(MAKECMDGOALS)),$(TEST_READY),$(call installed,deploy))
CDK_READY := locks/cdk/node_modules/installed-$(firstword $(shell cksum < locks/cdk/package-lock.json))

.PHONY: help demo test lint docs bench synth bootstrap deploy destroy verify-aws lock clean
.DELETE_ON_ERROR:
.NOTPARALLEL:

help:
	@echo 'make demo [SCENARIO=…]  a broken cluster, diagnosed on this machine; needs no AWS account'
	@echo 'make test [ARGS=…]      all tests; ARGS go to pytest, as in ARGS="-k identity"'
	@echo 'make lint               ruff and mypy'
	@echo 'make docs               the generated pages under docs/'
	@echo 'make bench              how fast it is'
	@echo 'make bootstrap          once per account and Region: what the CDK needs there (docs/deploy.md)'
	@echo 'make deploy             the stack into an AWS account; REGION=…, PROFILE=…, CDK="-c architecture=arm64"'
	@echo 'make destroy            the stack out of it again; reports stay'
	@echo 'make synth              the template into cdk.out; needs no AWS account'
	@echo 'make verify-aws CLUSTER=…  what only a real account can settle (docs/unverified.md)'
	@echo 'make lock               locks/*.txt anew from pyproject.toml'
	@echo 'make clean              remove what make created'

demo: $(if $(wildcard $(TEST_READY)),$(TEST_READY),$(DEMO_READY))
	@$(BIN)/python -m runbook demo $(SCENARIO)

# A group of tests (pytest.mark.xdist_group) stays in one worker: the real control plane starts once.
test: $(TEST_READY) $(CDK_READY)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

lint: $(TEST_READY)
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy

docs: $(TEST_READY)
	@$(BIN)/python -m runbook.local.docs
	@$(BIN)/python -m stacks

bench: $(TEST_READY)
	@$(BIN)/python -m tests.bench

synth: $(CDK_READY)
	@$(call cdk,synth) --quiet

bootstrap deploy destroy: $(CDK_READY)
	@$(call cdk,$@)

# The cdk command line would read it as an option.
unexport CDK

# The Node that is installed with the CDK runs both, whichever is in PATH.
node = $(shell $(BIN)/python -c 'import stacks; print(stacks.NODE)')
cdk = $(node) locks/cdk/node_modules/aws-cdk/bin/cdk $(1) \
  $(if $(REGION),--region '$(REGION)') $(if $(PROFILE),--profile '$(PROFILE)') $(CDK)

$(CDK_READY): $(DEPLOY_READY)
	@echo 'Installing the cdk command line into locks/cdk/node_modules …' >&2
	@cd locks/cdk && $(node) $(node:bin/node=lib/node_modules/npm/bin/npm-cli.js) ci \
	  --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >&2
	@touch $@

verify-aws: $(if $(wildcard $(TEST_READY)),$(TEST_READY),$(DEMO_READY))
	@test -n '$(CLUSTER)' || { echo 'Name a cluster: make verify-aws CLUSTER=shop [REGION=…] [PROFILE=…]' >&2; exit 1; }
	@$(BIN)/python -m tests.aws_account.verify --cluster '$(CLUSTER)' \
	  $(if $(REGION),--region '$(REGION)') $(if $(PROFILE),--profile '$(PROFILE)')

$(sort $(DEMO_READY) $(TEST_READY) $(DEPLOY_READY)): $(BIN)/python
	@lock=$(@:$(VENV)/installed-%=%); lock=locks/$${lock%-*}.txt; \
	echo "Installing the packages of $$lock into $(VENV) (the first time takes a minute) …" >&2; \
	rm -f $(VENV)/installed-*; \
	$(PIP) install --quiet --require-hashes --only-binary :all: --requirement $$lock
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo 'There is no $(PYTHON) here. Name a Python 3.11 or newer: make PYTHON=/path/to/python3 …' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is $$($(PYTHON) -V 2>&1); 3.11 or newer is needed. Name one: make PYTHON=python3.11 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@echo 'Making $(VENV) …' >&2
	@$(PYTHON) -m venv --clear $(VENV)

lock: $(UV)
	@for extra in demo deploy test; do \
	  echo "Locking $$extra …" >&2; \
	  $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	    --system-certs --no-header --no-annotate --extra $$extra \
	    $$(test $$extra != demo && echo --constraint locks/demo.txt) \
	    --output-file locks/$$extra.txt pyproject.toml || exit 1; \
	done
	@echo 'Locking function …' >&2
	@echo kubernetes | $(UV) pip compile --quiet --python-version 3.11 --python-platform linux --generate-hashes \
	  --only-binary :all: --system-certs --no-header --no-annotate --constraint locks/demo.txt \
	  --output-file locks/function.txt -

$(UV): $(BIN)/python
	@$(BIN)/python -m venv .cache/uv
	@.cache/uv/bin/pip --disable-pip-version-check install --quiet uv==0.13.8

clean:
	rm -rf $(VENV) .cache/uv .cache/code cdk.out locks/cdk/node_modules .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
