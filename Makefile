.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
JOBS ?= 2
CORE := $(foreach suffix,pyx pxd hpp,$(wildcard ext/riskengine/core/*.$(suffix) ext/riskengine/core/*/*.$(suffix)))
PROTOS := $(wildcard proto/riskengine/api/v1/*.proto)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

.PHONY: setup
setup: .venv/.stamp ## Create .venv and install everything into it

.venv/.stamp: pyproject.toml setup.py requirements-dev.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	BUILD_WITHOUT_CORE=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --constraint requirements-dev.lock -e '.[dev,load]'
	@touch $@

.PHONY: lock
lock: ## Pin the newest releases that pyproject.toml allows in requirements-dev.lock
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	BUILD_WITHOUT_CORE=1 build/lock/bin/python -m pip install --quiet \
	  --disable-pip-version-check '.[dev,load]'
	@echo '# What `make setup` installs. Written by `make lock`.' > requirements-dev.lock
	build/lock/bin/python -m pip freeze --all --exclude riskengine --exclude pip \
	  >> requirements-dev.lock

.PHONY: build
build: build/.stamp ## Compile the core in place

build/.stamp: .venv/.stamp $(CORE)
	BUILD_FORM=release $(BIN)/python setup.py --quiet build_ext --inplace -j$(JOBS)
	@mkdir -p build && touch $@

# The other forms of the core are compiled in copies of the tree, so that none is taken for another:
# in build/ and the first name, in that form or the second one, with files of the third laid over
# the core. What git does not know yet is copied only where sources are, and no data that a server
# writes. tar ends with 1 when a file changed while it was read.
SOURCES := deploy docs ext loadtests proto riskengine tests
define form_tree
	@mkdir -p build/$(1)
	@comm -23 <({ git ls-files -c; git ls-files -o --exclude-standard -- $(SOURCES); } \
	  | LC_ALL=C sort -u) <(git ls-files -d | LC_ALL=C sort -u) > build/$(1)/files.new
	@test ! -e build/$(1)/files || LC_ALL=C comm -23 build/$(1)/files build/$(1)/files.new \
	  | (cd build/$(1) && xargs -r -d '\n' rm -f)
	@{ tar -cf - -T build/$(1)/files.new || test $$? = 1; } | tar -C build/$(1) -xf -
	@mv build/$(1)/files.new build/$(1)/files
	@find build/$(1)/ext -name '*.cpp' -exec sh -c 'test -e "$${0%.cpp}.pyx" || rm "$$0"' {} ';'
	$(if $(3),cp -pr $(3)/. build/$(1)/ext/riskengine/core)
	$(call compile_tree,$(1),$(or $(2),$(1)))
endef

define compile_tree
	cd build/$(1) && BUILD_FORM=$(2) $(CURDIR)/$(BIN)/python setup.py --quiet build_ext --inplace -j$(JOBS)
endef

.PHONY: debug
debug: setup ## Compile the core for debugging in build/debug: asserts, line trace, -Og -g
	$(call form_tree,debug)
	@echo "cd build/debug && $(CURDIR)/$(BIN)/python -m pytest tests/core"

SANITIZED := tests/core tests/models tests/scenarios tests/simulation tests/machine tests/recorded
SANITIZERS = $(foreach library,asan ubsan,$(shell gcc -print-file-name=lib$(library).so))
.PHONY: sanitize
sanitize: setup ## Run the core's tests with ASan, UBSan and asserts, in build/sanitize
	$(call form_tree,sanitize)
	cd build/sanitize && LD_PRELOAD='$(SANITIZERS)' PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0 \
	  UBSAN_OPTIONS=print_stacktrace=1 $(CURDIR)/$(BIN)/python -m pytest -n $(JOBS) \
	  -m "not soak and not release_form" $(or $(PYTEST_ARGS),$(SANITIZED))

ANY_MODEL = $(CURDIR)/$(BIN)/python -m pytest -n $(JOBS) -m "(any_model or two_models) and not soak"
WALKS := tests/simulation/index/test_index_walks.py
.PHONY: second-model
second-model: setup ## Put the toy model of tests/models into build/second-model and test it there
	$(call form_tree,second-model,checked,tests/models/sawtooth)
	cd build/second-model && $(ANY_MODEL) $(PYTEST_ARGS)
	@rm -rf build/wrong-model && cp -a build/second-model build/wrong-model
	sed -i 's/WEIGHED_FLANK = 2/WEIGHED_FLANK = 1/' \
	  build/wrong-model/ext/riskengine/core/margin/weigh.pxd
	$(call compile_tree,wrong-model,checked)
	cd build/wrong-model && if $(ANY_MODEL) --tb=no -r N $(WALKS); \
	  then echo 'halved weights pass'; exit 1; else test $$? = 1; fi

COVERED := tests/core tests/scenarios tests/machine tests/metrics tests/persistence tests/service \
  tests/tools
.PHONY: coverage
coverage: setup ## Measure which lines of core and service tests run; build/coverage/index.html
	$(call form_tree,debug)
	cd build/debug && $(CURDIR)/$(BIN)/coverage run -m pytest -m "not soak and not release_form" \
	  $(or $(PYTEST_ARGS),$(COVERED))
	cd build/debug && $(CURDIR)/$(BIN)/coverage report --skip-covered
	cd build/debug && $(CURDIR)/$(BIN)/coverage html --quiet --directory ../coverage

.PHONY: proto
proto: setup ## Generate riskengine/api/v1 and its descriptor set from proto/
	$(BIN)/python -m grpc_tools.protoc -I proto \
	  --plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc \
	  --python_out=$(PROTO_OUT) --pyi_out=$(PROTO_OUT) \
	  --grpc_python_out=$(PROTO_OUT) --mypy_grpc_out=$(PROTO_OUT) \
	  --include_imports --descriptor_set_out=$(PROTO_OUT)/riskengine/api/v1/riskengine.binpb \
	  $(PROTOS)
PROTO_OUT ?= .

.PHONY: proto-check
proto-check: setup ## Fail if the generated code differs from proto/
	@rm -rf build/proto && mkdir -p build/proto/riskengine/api/v1
	@$(MAKE) --no-print-directory -s proto PROTO_OUT=build/proto
	@diff -r -x __init__.py -x __pycache__ riskengine/api/v1 build/proto/riskengine/api/v1
	@echo "generated code is up to date"

STUBBED = $(subst /,.,$(basename $(wildcard riskengine/core/*.pyi riskengine/core/*/*.pyi)))
.PHONY: lint
lint: build ## Check style, types, layers, Cython, protos and the Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/stubtest --allowlist ext/stubtest.txt $(STUBBED)
	$(BIN)/lint-imports
	$(BIN)/cython-lint ext tests/models
	$(BIN)/buf lint proto
	$(BIN)/hadolint Dockerfile

.PHONY: test
test: build ## Run the tests; PYTEST_ARGS passes options on
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m "not soak" $(PYTEST_ARGS)

.PHONY: same-events
same-events: build ## Play the recorded journals: answers and instructions must be as they were
	$(BIN)/python -m pytest -m same_events -q tests/recorded

.PHONY: vectors
vectors: build ## Run the worked cases of venues and papers; list what is not built
	$(BIN)/python -m pytest -q -n $(JOBS) tests/vectors
	@$(BIN)/python -m tests.vectors

.PHONY: faults
faults: build ## Try each outage on real servers: what was lost, who waited; FAULT='idle streams'
	$(BIN)/python -m tests.outages $(if $(FAULT),'$(FAULT)')

.PHONY: rules-report
rules-report: build ## Play random gaps and print who bears the losses; VENUES=60000
	$(BIN)/python -m tests.rules_report $(VENUES)

.PHONY: same-events-mutants
same-events-mutants: build ## Show how small a change of the core the recorded journals see; an hour
	$(BIN)/python -m tests.recorded.mutants

.PHONY: demo
demo: build ## Play a market crash; SEED= ACCOUNTS= POLICY= PRICES=bars.csv[.gz] FROM= TO= DATA= SECURE=1
	@$(BIN)/riskengine demo --beside tests/data/demo_before.json $(if $(SEED),--seed $(SEED)) $(if $(ACCOUNTS),--accounts $(ACCOUNTS)) \
	  $(if $(POLICY),--policy $(POLICY)) $(if $(PRICES),--prices '$(PRICES)') \
	  $(if $(FROM),--from '$(FROM)') $(if $(TO),--to '$(TO)') \
	  $(if $(DATA),--data-dir '$(DATA)') $(if $(SECURE),--secure) $(DEMO_ARGS)

.PHONY: run
run: build ## Run the server, on a journal that it makes if need be; RUN_ARGS passes options on
	$(BIN)/riskengine serve --create $(RUN_ARGS)

.PHONY: load
load: build ## Load a server of its own; LOAD_SECONDS= LOAD_USERS= LOAD_ACCOUNTS= LOAD_ROWS=
	$(BIN)/python -m loadtests.run

.PHONY: bench
bench: build ## Measure everything at up to a million accounts; build/bench.json and bench.md
	$(BIN)/python -m loadtests.bench

.PHONY: bench-quick
bench-quick: build ## Measure in about a minute, at up to 100,000 accounts
	$(BIN)/python -m loadtests.bench --quick

.PHONY: bench-compare
bench-compare: build ## Compare with BASE= in turn; RUNS=3 SECTIONS='marks crash' ROWS=regex QUICK=1
	$(BIN)/python -m loadtests.bench.compare '$(BASE)' $(if $(QUICK),--quick) \
	  $(if $(RUNS),--runs $(RUNS)) $(if $(ROWS),--rows '$(ROWS)') $(SECTIONS:%=--only %)

.PHONY: soak
soak: build ## Run the tests that take minutes
	$(BIN)/python -m pytest -m soak $(PYTEST_ARGS)

.PHONY: pages
pages: build ## Write what pages and stubs take from the code
	$(BIN)/python -m docs.generate

.PHONY: backup-page
backup-page: build ## Play the demo and write what the commands of docs/BACKUP.md print
	$(BIN)/python -m docs.generate.backup_page

.PHONY: dashboards
dashboards: setup ## Generate the Grafana dashboard
	$(BIN)/python -m deploy.grafana.build

.PHONY: check-dashboards
check-dashboards: build ## Show that each expression of the dashboard has data in a real Prometheus
	$(BIN)/python -m deploy.check

.PHONY: clean
clean: ## Remove what building and running left behind, but not .venv
	rm -rf build dist .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find ext riskengine \( -name '*.so' -o -name '*.cpp' -o -name '*.html' \) -delete
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
