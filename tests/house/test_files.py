"""What may lie in the repository: no patient, no path of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# In pieces, so that this file does not name what it looks for.
MACHINE = re.compile(
    "|".join(["/" + "work" + "/", "/" + "farm" + "/", "/" + "root" + "/", "/tmp" + "/hilum"])
    + r"|/home/(?!user|you|me)\w+/|[A-Z]:\\Users\\\w"
)
TOP_LEVEL = {
    *("pyproject.toml", "README.md", "viewer", "ai", "resources", "tests", "packaging"),
    *("CHANGELOG.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE", "NOTICE", "Makefile"),
    "constraints.txt",
}
PART_10_PREAMBLE = 128


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(file: Path) -> str:
    return file.read_bytes().decode("utf-8", errors="ignore")


def test_no_file_carries_a_path_of_one_machine() -> None:
    hits = [
        f"{file.relative_to(ROOT)}: {found[0]}"
        for file in tracked()
        if (found := MACHINE.search(text_of(file)))
    ]
    assert hits == []


@pytest.mark.parametrize("path", ["/" + "work/main/x", "/" + "root/.cache", "/home/" + "anna/ct"])
def test_a_path_of_one_machine_is_recognised(path: str) -> None:
    assert MACHINE.search(f"see {path}")


def test_no_dicom_file_is_in_the_repository() -> None:
    dicom = [
        file.relative_to(ROOT)
        for file in tracked()
        if file.read_bytes()[PART_10_PREAMBLE : PART_10_PREAMBLE + 4] == b"DICM"
    ]
    assert dicom == []


def test_the_top_level_is_what_was_asked_for() -> None:
    names = {file.relative_to(ROOT).parts[0] for file in tracked()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def test_packaging_is_no_package() -> None:
    assert list((ROOT / "packaging").rglob("__init__.py")) == []
    assert (ROOT / "packaging" / "bootstrap.py").exists()


def test_nothing_but_its_own_tests_imports_from_packaging() -> None:
    scripts = {file.stem for file in (ROOT / "packaging").glob("*.py")}
    hits = []
    for folder in ("ai", "viewer"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module]
                if any(name.split(".")[0] in {*scripts, "packaging"} for name in names):
                    hits.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert hits == []


def test_set_up_uses_the_standard_library_alone() -> None:
    import sys

    own = {file.stem for file in (ROOT / "packaging").glob("*.py")}
    for file in (ROOT / "packaging").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.split(".")[0]
                assert top in sys.stdlib_module_names or top in own, f"{file.name}: {name}"
