# The daily commands. `python3 packaging/bootstrap.py test` does the same from nothing.
PY := .venv/bin/python

.PHONY: setup run check lint types imports test format

setup:
	python3 packaging/bootstrap.py --set-up-only

run:
	python3 packaging/bootstrap.py

check: lint types imports test

lint:
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types:
	$(PY) -m mypy

imports:
	.venv/bin/lint-imports

test:
	$(PY) -m pytest -q
	$(PY) -m pytest -q -m xvfb

format:
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .
