"""Which build of torch this machine gets: the smallest that works, no host named; and what lets
networks answer faster on a CPU, where that can be had.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from setup_index import local_folders
from setup_venv import Installer, Place
from setup_words import run, say

PINNED = "2.13.0"
TESTED = "2.13."
LARGE = ("nvidia-", "cuda-", "triton")
CHOICES = ("cpu", "cuda", "none")

WITHOUT = (
    "Set up without torch: pictures, reading and export work, networks do not"
    " (`python3 packaging/bootstrap.py --torch cpu` tries again)."
)
FASTER = "openvino>=2026.2,<2027"
"""As in pyproject.toml's extra of that name."""


def is_tested(version: str) -> bool:
    return version.startswith(TESTED)


def is_large(names: Iterable[str]) -> bool:
    """Whether a resolution brings a GPU's whole toolkit along, several GB of it."""
    return any(name.lower().replace("_", "-").startswith(LARGE) for name in names)


def names_in_report(report: str) -> list[str]:
    """The distributions in what `pip install --dry-run --report -` prints; empty if it is none."""
    try:
        rows = json.JSONDecoder().raw_decode(report[report.index("{") :])[0]["install"]
        return [str(row["metadata"]["name"]) for row in rows]
    except (ValueError, KeyError, TypeError):
        return []


def wheel_here(folders: Iterable[Path], *, python: Sequence[int], machine: str) -> str | None:
    """The requirement that takes the pinned torch from a local folder, or None.

    The exact local version is named ("2.13.0+cpu"): a plain "==2.13.0" could be met from an index
    when the folder's wheel is for another Python. A +cpu build is taken before the plain one.
    """
    tag = f"cp{python[0]}{python[1]}"
    versions = []
    for folder in folders:
        for wheel in folder.glob(f"torch-{PINNED}*.whl"):
            version, python_tag, _, platform = wheel.stem.replace("%2B", "+").split("-")[1:5]
            fits = python_tag == tag and platform.endswith(machine)
            if fits and version.partition("+")[0] == PINNED:
                versions.append(version)
    cpu_first = sorted(versions, key=lambda version: (not version.endswith("+cpu"), version))
    return f"torch=={cpu_first[0]}" if cpu_first else None


def installed(place: Place) -> str:
    """The version of the torch that imports in .venv, empty when none does."""
    code, output = run([place.python, "-c", "import torch; print(torch.__version__)"])
    return output.split()[-1] if code == 0 and output.split() else ""


def choose(asked: str | None, ways: Sequence[tuple[str, Callable[[], str]]]) -> tuple[str, str]:
    """(the way that won, the version it brought), or ("none", "") when none was asked for or won.

    ways: each with its words, tried in order; one gives the version of a torch that imports, or "".
    """
    if asked == "none":
        return "none", ""
    for words, attempt in ways:
        if version := attempt():
            return words, version
    return "none", ""


def give_torch(installer: Installer, asked: str | None) -> str:
    """The version of torch in .venv after this, "none" without; says which way won.

    Order: what imports and is tested; a wheel in a folder pip is told of; the default index where
    that does not bring a GPU's toolkit unasked; uv's own knowledge of where CPU builds lie.
    """
    place = installer.place
    ways = [
        ("already here", lambda: _already(place, asked)),
        ("from a local wheel", lambda: _from_folder(installer, asked)),
        ("from the package index", lambda: _from_index(installer, asked)),
        ("the build uv knows for this machine", lambda: _by_uv(installer, asked)),
    ]
    if asked != "none":
        say("Looking for the right torch ...")
    way, version = choose(asked, ways)
    if not version:
        say(WITHOUT)
        return "none"
    place.torch_constraint.write_text(f"torch=={version}\n", encoding="utf-8")
    say(f"torch {version}: {way}.")
    if "+cpu" in version and shutil.which("nvidia-smi"):
        say("A GPU is here: `packaging/bootstrap.py --torch cuda` installs the large build.")
    return version


def give_openvino(installer: Installer) -> bool:
    """Whether OpenVINO is in .venv after this: networks work without it, only slower on a CPU."""
    code = installer.by_uv([FASTER])[0] if installer.has_uv() else 1
    if code != 0:
        code = installer.by_pip([FASTER])[0]
    if code != 0:
        say("Set up without OpenVINO: networks answer by torch, a little slower on a CPU.")
    return code == 0


def _already(place: Place, asked: str | None) -> str:
    version = installed(place)
    wrong_kind = asked == "cuda" and version.endswith("+cpu")
    return version if is_tested(version) and not wrong_kind else ""


def _machine() -> str:
    import platform

    return "amd64" if sys.platform == "win32" else platform.machine()


def _from_folder(installer: Installer, asked: str | None) -> str:
    folders = local_folders(installer.index)
    wanted = wheel_here(folders, python=sys.version_info[:2], machine=_machine())
    if wanted is None or (asked == "cuda" and wanted.endswith("+cpu")):
        return ""
    return _after(installer, [wanted])


def _from_index(installer: Installer, asked: str | None) -> str:
    words: list[str | Path] = [installer.place.python, "-m", "pip", "install", "--dry-run"]
    words += ["--quiet", "--report", "-", "--disable-pip-version-check", "--no-input"]
    words += ["--ignore-installed"]
    code, report = run([*words, f"torch=={PINNED}"], log=None)
    names = names_in_report(report)
    if code != 0 or not names:
        return ""
    if is_large(names) and asked != "cuda":
        say("  the package index offers only the large GPU build: not taken unasked")
        return ""
    return _after(installer, [f"torch=={PINNED}"])


def _by_uv(installer: Installer, asked: str | None) -> str:
    if not installer.has_uv():
        return ""
    backend = "auto" if asked == "cuda" else "cpu"
    return _after(installer, [f"torch=={PINNED}"], f"--torch-backend={backend}")


def _after(installer: Installer, wanted: list[str], *uv_options: str) -> str:
    """Installs, then looks: only a torch that imports counts."""
    code = 1
    if installer.has_uv():
        code = installer.by_uv(wanted, *uv_options)[0]
    if code != 0 and not uv_options:
        code = installer.by_pip(wanted)[0]
    return installed(installer.place) if code == 0 else ""
