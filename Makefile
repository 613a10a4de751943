PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin

.PHONY: run test lint bench eval lock clean

run: $(VENV)/.run
	$(BIN)/python -m bot run

test: $(VENV)/.dev
	$(BIN)/python -m bot check
	$(BIN)/pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench

eval: $(VENV)/.dev
	$(BIN)/python -m bot evaluate $(FILES)

# Both files carry hashes and no addresses: the same bytes whatever registry they come from.
lock: $(VENV)/.dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra dev pyproject.toml -o requirements-dev.txt

$(VENV)/.run: requirements.txt
	@echo 第一次要下载依赖，大约一两分钟……
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

clean:
	rm -rf $(VENV) data .pytest_cache .mypy_cache .ruff_cache
