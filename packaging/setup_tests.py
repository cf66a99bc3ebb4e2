"""Everything that is checked before a change may land: style, types, directions, and all tests."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import setup_system
from setup_venv import Place
from setup_words import run, say

NOTHING_COLLECTED = 5
MOST_SIDE_BY_SIDE = 4
"""A process of tests with its windows and workers takes up to 2 GB of memory."""


@dataclass(frozen=True)
class Step:
    """One check, and how it went: exit code 0 is well."""

    name: str
    code: int
    last_line: str
    seconds: float

    @property
    def well(self) -> bool:
        return self.code == 0


def run_all(place: Place, pytest_words: Sequence[str]) -> int:
    """0 when every step went well, else 1. With arguments of pytest's own, only pytest is run."""
    lacking = setup_system.missing_tools()
    if sentence := setup_system.provide(lacking, log=place.log):
        say(f"{sentence} (tests that need these are skipped)")
    say(versions(place))
    python = str(place.python)
    if pytest_words:
        return run([python, "-m", "pytest", *pytest_words], echo_all=True)[0]
    tests = [python, "-m", "pytest", "-q", "-m"]
    steps = [
        _step("style", [python, "-m", "ruff", "check", str(place.root)]),
        _step("format", [python, "-m", "ruff", "format", "--check", str(place.root)]),
        _step("types", [python, "-m", "mypy"]),
        _step("directions", [str(place.scripts / "lint-imports")]),
        _step("tests", [*tests, "not xvfb", "--data-must-run", *side_by_side()]),
        _step("tests on a screen", [*tests, "xvfb"]),
    ]
    return report(steps)


def side_by_side(cores: int | None = None) -> list[str]:
    """pytest's words for one process of tests a core, the tests of a file staying together."""
    if cores is None:
        affinity = getattr(os, "sched_getaffinity", None)  # Linux only: what a container may use
        cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    many = min(cores, MOST_SIDE_BY_SIDE)
    return ["-n", str(many), "--dist", "loadfile"] if many > 1 else []


def _step(name: str, words: list[str]) -> Step:
    say(f"--- {name}")
    began = time.monotonic()
    code, output = run(words, echo_all=True)
    if name == "tests on a screen" and code == NOTHING_COLLECTED:
        code = 0
    return Step(name, code, telling_line(output), time.monotonic() - began)


def telling_line(output: str) -> str:
    """The line that sums a step up: the last of pytest's counts, else the last of all."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    counts = [line for line in lines if re.search(r"\d+ (passed|failed|errors?)\b.* in \d", line)]
    return (counts or lines or [""])[-1]


def report(steps: Sequence[Step]) -> int:
    """Prints one line a step; 0 when all went well."""
    say("--- summary")
    for step in steps:
        word = "ok    " if step.well else "FAILED"
        say(f"{word} {step.name:18s} {step.seconds:5.0f} s  {step.last_line}")
    return 0 if all(step.well for step in steps) else 1


def versions(place: Place) -> str:
    """One line: the machine, Python, and the packages whose release decides most."""
    names = ["PySide6_Essentials", "vtk", "numpy", "scipy", "pydicom", "highdicom", "torch"]
    names += ["pytest", "ruff", "mypy"]
    code = (
        "import importlib.metadata as m\n"
        f"for n in {names!r}:\n"
        "    try: print(n, m.version(n), end='; ')\n"
        "    except m.PackageNotFoundError: print(n, 'none', end='; ')\n"
    )
    packages = run([place.python, "-c", code])[1].strip("; \n")
    return f"{platform.platform()}; Python {platform.python_version()}; {packages}"
