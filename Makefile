# Two commands do everything on a fresh machine with Rust and Python 3.10+: make demo, make test.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := Cargo.toml pyproject.toml $(shell find src -name '*.rs')

.PHONY: demo test messages check bench fuzz validate notebook notebooks docs docs-serve wheel clean

demo: .venv/notebook  ## set up, run the main job on published data, show the result
	$(BIN)/python tools/demo.py

test: .venv/dev  ## all tests: core, package, docstrings, notebooks
	cargo test --quiet --release --no-default-features
	$(BIN)/python -m pytest -n auto --dist loadfile

messages: .venv/dev  ## bring the catalogues of what readers see up to date with the sources
	$(BIN)/python tools/messages.py

check: .venv/dev  ## formatters, linters, types
	cargo fmt --check
	cargo clippy --quiet --all-targets --no-default-features -- -D warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest hiddenpop._core --mypy-config-file pyproject.toml

bench: .venv/dev  ## what speed claims rest on: ours and the alternatives in one run
	$(BIN)/pip install --quiet "svy>=0.35" || echo "svy can't be installed here, so it is not compared"
	$(BIN)/python benches/bench.py

MINUTES ?= 10
fuzz: .venv/dev  ## inputs that nobody would write, MINUTES for each fuzzer; what is found becomes a test
	FUZZ_MINUTES=$(MINUTES) $(BIN)/python -m pytest -rP tests/fuzz

validate: .venv/dev  ## coverage and calibration by simulation; writes the tables in docs (half an hour)
	$(BIN)/python tools/validate.py
	$(BIN)/python tools/validate_counts.py
	$(BIN)/python tools/validate_extrapolate.py
	$(BIN)/python tools/validate_synthesis.py
	$(BIN)/python tools/assumptions.py
	$(BIN)/python tools/calibration.py
	$(BIN)/python tools/covariate_assumptions.py
	$(BIN)/python tools/validate_plan.py
	$(BIN)/python tools/validate_pse.py
	$(BIN)/python tools/validate_rds.py
	$(BIN)/python -m tools.validation_figures

notebook: .venv/notebook  ## open Jupyter
	$(BIN)/jupyter lab notebooks

notebooks: .venv/dev  ## execute all notebooks in place
	cd notebooks && ../$(BIN)/jupyter nbconvert --to notebook --execute --inplace *.ipynb && rm -f sizes.* odds.docx report.*

docs: .venv/docs  ## the site, in build/site, without a warning and with its links, pages and search checked
	$(BIN)/python -m tools.site
	$(BIN)/python tools/check_site.py

docs-serve:  ## show the site that was built: http://127.0.0.1:8000
	$(PYTHON) -m http.server --bind 127.0.0.1 --directory build/site 8000

wheel: .venv/dev  ## one abi3 wheel for this platform, in dist/
	$(BIN)/maturin build --release --out dist

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip

# Stamps: installing again only when the core or the requirements changed.
.venv/notebook: .venv/bin/python $(SOURCES)
	$(BIN)/pip install --quiet --editable '.[notebook]'
	touch $@

.venv/dev: .venv/bin/python $(SOURCES)
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ .venv/notebook

.venv/docs: .venv/bin/python $(SOURCES)
	$(BIN)/pip install --quiet --editable '.[docs]'
	touch $@ .venv/notebook

clean:
	rm -rf target build dist .venv
