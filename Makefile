# make install, make demo, make test, make lint, ...: each makes what it needs, and does nothing twice.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: install demo test coverage test-slow lint clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(PIP) -e '.[test]'
	@touch $@

$(VENV)/.tested-slow: $(VENV)/.tested
	$(PIP) -e '.[test,ray,slurm,launchers,browser,onnx,setfit]'
	@touch $@

# What lint and both suites need, in one go: three installations resolve three times.
.PHONY: everything
everything:
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e '.[test,ray,slurm,launchers,browser,onnx,setfit]'
	@touch $(VENV)/.installed $(VENV)/.tested $(VENV)/.tested-slow

# The main job on embedded defaults: a small study, and what it says; the second time nothing is trained.
demo: install
	$(BIN)/synthsweep run -m sweeps=demo
	$(BIN)/synthsweep compare study=demo

# The fast suite on all cores, each process with one thread; build/ keeps how long each test took.
test: $(VENV)/.tested
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow" -n auto --dist worksteal --durations=10 --junitxml=build/tests.xml

# The same with the lines and branches of src that it leaves out; counting them takes half as long again.
coverage: $(VENV)/.tested
	$(BIN)/python -m pytest -m "not slow" -n auto --cov --cov-report=term

# Whole processes, servers, real encoders, Ray, Hydra's other launchers; they wait for one another, so four share two cores.
test-slow: $(VENV)/.tested-slow
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m slow -n 4 --dist worksteal --durations=40 --junitxml=build/tests-slow.xml

lint: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) build dist
