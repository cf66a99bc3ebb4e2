"""Lists what the catalogue of a language lacks, or says no more: `translations.py [zh]`.

Texts of the window are the literals in tr(), translate(), QT_TRANSLATE_NOOP() and text(); sentences
of code without Qt are its literals and f-strings that read as a sentence, and those of model cards.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WITHOUT_QT = ("ai", "viewer/dicom", "viewer/reading")
COMMAND_LINE = (
    "ai/training", "viewer/dicom/inspect.py", "viewer/reading/listing.py",
)  # fmt: skip
"""Spoken on a terminal alone, in English."""

SPOKEN_CALLS = {"on_progress": (1,), "progress": (1,), "Fact": (0, 1)}
"""Functions of code without Qt whose arguments of these places are shown, sentence or not."""

SPOKEN_TOO = (
    *("Right lung", "Left lung", "Nothing unusual", "log of readings", "library of studies"),
    *("Prior from another detector", "not told", "by a table (Modality LUT)"),
    *("HU = {0} x value + {1}", "HU = {0} x value - {1}"),
    *("Contours from RTSTRUCT", "Contours from RTSTRUCT, {0}", "Drawn by hand"),
    *("Out of a {0} by {1}, {2}", "Out of a {0} by {1}", "Out of a {0}, drawn by hand"),
    *("Out of a NIfTI", "Finding {0}"),
    *("image {0} ({1})", "image {0} ({1}) at {2}"),
    *("frame {0} of {1}", "frame {0} of {1} at {2}"),
    *("RUZ {0}", "RMZ {0}", "RLZ {0}", "LUZ {0}", "LMZ {0}", "LLZ {0}", "Outside {0}"),
)
"""Names that code without Qt puts into its sentences, or shows by themselves."""

SHOWN_OF_CARDS = ("title", "intended_use", "limits")
SENTENCE_END = re.compile(r"(?<=[.?])\s+")

SQL = ("SELECT ", "UPDATE ", "DELETE ", "INSERT ")

CALLS = {"tr": 0, "_tr": 0, "text": 0, "translate": 1, "QT_TRANSLATE_NOOP": 1}
"""Functions whose argument of that place is a text of the window."""


def texts() -> dict[str, str]:
    """English texts of the window, each with a file that has it."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "viewer").rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        if where.startswith(WITHOUT_QT):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (place := CALLS.get(_name(node.func))) is not None:
                for words in _literals(node.args[place] if len(node.args) > place else None):
                    found.setdefault(words, where)
    return found | _report()


def _report() -> dict[str, str]:
    """Words of the report: the literals in tell()."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "viewer/reading").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) == "tell" and node.args:
                for words in _literals(node.args[0]):
                    found.setdefault(words, path.relative_to(ROOT).as_posix())
    return found


def sentences() -> dict[str, str]:
    """English patterns of code without Qt, each with a file that has it."""
    found = dict.fromkeys(SPOKEN_TOO, "names")
    for room in WITHOUT_QT:
        for path in sorted((ROOT / room).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            if where.startswith(COMMAND_LINE):
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for words in _spoken(tree):
                found.setdefault(words, where)
    return found | _cards()


def _cards() -> dict[str, str]:
    """What is shown of the model cards, sentence by sentence: a change costs one entry."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "resources/cards").glob("*.toml")):
        card = tomllib.loads(path.read_text(encoding="utf-8"))
        for part in SHOWN_OF_CARDS:
            for words in SENTENCE_END.split(card.get(part, "").strip()):
                found.setdefault(words, path.relative_to(ROOT).as_posix())
    return found


def missing(code: str) -> list[str]:
    """What the catalogue lacks, a line each, then what it has for nothing."""
    told = tomllib.loads((ROOT / "resources/translations" / f"{code}.toml").read_text("utf-8"))
    known = set(told.get("texts", {}))
    for words in told.get("context", {}).values():
        known |= set(words)
    said = set(told.get("sentences", {}))
    wanted, spoken = texts(), sentences()
    lines = [f"text      {where}: {words!r}" for words, where in wanted.items()
             if words not in known]  # fmt: skip
    lines += [f"sentence  {where}: {words!r}" for words, where in spoken.items()
              if words not in said | known]  # fmt: skip
    lines += [f"unused    {words!r}" for words in sorted(known - set(wanted) - set(spoken))]
    lines += [f"unused    {words!r}" for words in sorted(said - set(spoken) - set(wanted))]
    return lines


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _literals(node: ast.expr | None) -> Iterator[str]:
    """A literal, or all of `a if b else c` and of `a or b`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _literals(value)


def _spoken(tree: ast.Module) -> Iterator[str]:
    """Literals and f-strings that read as a sentence; a value in one is a numbered hole."""
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inside |= {id(s.value) for s in node.body if isinstance(s, ast.Expr)}  # docstrings
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in ast.walk(node) if part is not node}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        for n, place in enumerate(SPOKEN_CALLS.get(_name(node.func), ())):
            shown = node.args[place] if len(node.args) > place else None
            if not isinstance(shown, ast.JoinedStr):
                yield from _literals(shown)
            elif n == 0:  # a value made of figures has no words
                yield _pattern(shown)
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        words = ""
        if isinstance(node, ast.JoinedStr):
            words = _pattern(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value
        if _is_sentence(words):
            yield words


def _pattern(node: ast.JoinedStr) -> str:
    made, holes = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            made += str(part.value)
        else:
            made += f"{{{holes}}}"
            holes += 1
    return made


def _is_sentence(words: str) -> bool:
    return (
        " " in words
        and words.strip()[-1:] in (".", "?", ":")
        and (words[:1].isupper() or words[:1] in "{“")
        and "\n" not in words
        and not words.startswith(SQL)
    )


if __name__ == "__main__":
    lacking = missing(sys.argv[1] if len(sys.argv) > 1 else "zh")
    print("\n".join(lacking) or "Nothing is missing.")
    sys.exit(1 if lacking else 0)
