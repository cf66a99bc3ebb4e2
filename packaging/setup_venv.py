"""The environment in .venv: made, given pip and uv, filled, and stamped when it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from setup_index import Index, ask_pip, local_folders, uv_environment, uv_words
from setup_system import can_install, install_packages
from setup_words import Stop, disk_is_full, run, say, why_it_failed

NEEDED_GB = 3.0
WINDOWS = os.name == "nt"


@dataclass(frozen=True)
class Place:
    """Where everything of one checkout lies."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def scripts(self) -> Path:
        return self.venv / ("Scripts" if WINDOWS else "bin")

    @property
    def python(self) -> Path:
        return self.scripts / ("python.exe" if WINDOWS else "python")

    @property
    def hilum(self) -> Path:
        return self.scripts / ("hilum.exe" if WINDOWS else "hilum")

    @property
    def stamp(self) -> Path:
        return self.venv / "hilum-stamp.json"

    @property
    def unfinished(self) -> Path:
        """Stands while packages are being put in: an environment that has it was cut short."""
        return self.venv / "hilum-unfinished"

    @property
    def log(self) -> Path:
        return self.venv / "hilum-setup.log"

    @property
    def constraints(self) -> Path:
        return self.root / "constraints.txt"

    @property
    def torch_constraint(self) -> Path:
        return self.venv / "torch-constraint.txt"


@dataclass(frozen=True)
class Stamp:
    """What a whole environment was made from. Equal recipe and Python: nothing needs doing."""

    recipe: str
    python: str
    root: str
    extras: tuple[str, ...] = ()
    torch: str = "none"
    libraries_not_had: tuple[str, ...] = ()


def recipe_of(place: Place) -> str:
    """A digest of all that decides what gets installed: not of a linter's settings."""
    project = tomllib.loads((place.root / "pyproject.toml").read_text(encoding="utf-8"))
    kept = {name: project.get(name) for name in ("project", "build-system")}
    text = json.dumps(kept, sort_keys=True) + place.constraints.read_text(encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def wanted_stamp(place: Place, extras: Sequence[str] = ()) -> Stamp:
    return Stamp(
        recipe=recipe_of(place),
        python="{}.{}".format(*sys.version_info[:2]),
        root=str(place.root),
        extras=tuple(sorted(extras)),
    )


def read_stamp(place: Place) -> Stamp | None:
    """The stamp of .venv, or None when there is none that can be believed."""
    try:
        row = json.loads(place.stamp.read_text(encoding="utf-8"))
        for name in ("extras", "libraries_not_had"):
            row[name] = tuple(row[name])
        return Stamp(**row)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def write_stamp(place: Place, stamp: Stamp) -> None:
    """Written aside, then renamed: half a stamp is none."""
    aside = place.stamp.with_suffix(".new")
    aside.write_text(json.dumps(asdict(stamp), indent=1), encoding="utf-8")
    aside.replace(place.stamp)
    place.unfinished.unlink(missing_ok=True)


def stands(have: Stamp | None, want: Stamp) -> bool:
    """Whether an environment with stamp `have` already serves `want`, extras beyond it included."""
    return (
        have is not None
        and (have.recipe, have.python, have.root) == (want.recipe, want.python, want.root)
        and set(want.extras) <= set(have.extras)
    )


def make_venv(place: Place) -> None:
    """.venv with a working Python and pip; one cut short or broken is made anew.

    Raises Stop with a sentence when the disk is too full or this Python cannot have pip.
    """
    broken = place.venv.exists() and (place.unfinished.exists() or not _fits(place))
    if broken:
        say("The environment in .venv was cut short or does not fit this Python: making it anew.")
    if broken or not place.venv.exists():
        free_gb = shutil.disk_usage(place.root).free / 1e9
        if free_gb < NEEDED_GB:
            raise Stop(
                f"The disk is too full: Hilum needs about {NEEDED_GB:.0f} GB in {place.root} and"
                f" {free_gb:.1f} are free; make room, then run the same command again."
            )
        say(f"Making .venv with Python {sys.version.split()[0]} ...")
        try:
            venv.EnvBuilder(clear=True, symlinks=not WINDOWS, with_pip=False).create(place.venv)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Stop(why_it_failed("making .venv", str(error))) from error
    place.stamp.unlink(missing_ok=True)
    place.unfinished.touch()
    if not _has(place, "pip"):
        give_pip(place)


def _fits(place: Place) -> bool:
    """Whether .venv has a Python that starts and is of the version that runs this."""
    code, output = run([place.python, "-c", "import sys; print(*sys.version_info[:2])"])
    return code == 0 and output.split() == [str(part) for part in sys.version_info[:2]]


def _has(place: Place, module: str) -> bool:
    return run([place.python, "-c", f"import {module}"], log=place.log)[0] == 0


def give_pip(place: Place) -> None:
    """pip for a new environment, also where Python came without ensurepip, as Debian's does.

    Tried in order: ensurepip; the pip of the Python that runs this; a pip wheel on this machine;
    uv; and, as root on Debian or Ubuntu, the package that brings ensurepip. Raises Stop when none
    worked.
    """
    ensure: list[str | Path] = [place.python, "-m", "ensurepip", "--default-pip"]
    outside: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        place.python,
        "install",
        "pip",
    ]
    ways: list[list[str | Path]] = [[*ensure], [*outside]]
    for wheel in pip_wheels():
        ways.append([place.python, wheel / "pip", "install", "--no-index", wheel])
    if uv := shutil.which("uv"):
        ways.append([uv, "pip", "install", "--python", place.python, "pip"])
    for way in ways:
        if run(way, log=place.log)[0] == 0 and _has(place, "pip"):
            return
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    if can_install():
        say(f"This Python came without pip: installing {package} ...")
        install_packages([package], log=place.log)
        if run(ensure, log=place.log)[0] == 0 and _has(place, "pip"):
            return
    raise Stop(
        f"This Python came without pip: install the package {package} (on Debian and Ubuntu:"
        f" `sudo apt-get install {package}`), then run the same command again."
    )


def pip_wheels() -> list[Path]:
    """pip itself as a file on this machine, newest first: it runs straight from its wheel."""
    folders = [Path("/usr/share/python-wheels"), Path(sys.base_prefix) / "share/python-wheels"]
    folders += local_folders(Index(find_links=tuple(os.environ.get("PIP_FIND_LINKS", "").split())))
    found = {wheel for folder in folders for wheel in folder.glob("pip-*-py3-none-any.whl")}
    return sorted(found, reverse=True)


class Installer:
    """Puts packages into .venv: by uv where it can be had, else by pip."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.index = ask_pip(place.python)
        self._uv: bool | None = None

    def has_uv(self) -> bool:
        """Whether uv is in the environment; it is fetched once, being some ten times faster."""
        if self._uv is None:
            self._uv = _has(self.place, "uv") or self.by_pip(["uv"])[0] == 0
        return self._uv

    def install(self, packages: Sequence[str], *, what: str) -> None:
        """Raises Stop, with the one sentence that says why, when neither uv nor pip managed."""
        code, output = self.by_uv(packages) if self.has_uv() else (1, "")
        if code != 0 and not disk_is_full(output):  # pip would only meet the same
            code, output = self.by_pip(packages)
        if code != 0:
            raise Stop(why_it_failed(what, output))

    def by_uv(self, packages: Sequence[str], *more: str) -> tuple[int, str]:
        words: list[str | Path] = [self.place.python, "-m", "uv", "pip", "install", "--no-progress"]
        words += ["--python", self.place.python, *uv_words(self.index), *self._constraints()]
        words += ["--build-constraints", self.place.constraints]
        if sys.version_info >= (3, 14):
            # highdicom asks for pyjpegls, which has no wheel there; SimpleITK reads JPEG-LS instead
            override = self.place.venv / "overrides.txt"
            override.write_text("pyjpegls; python_version < '3.14'\n", encoding="utf-8")
            words += ["--overrides", override]
        env = uv_environment(self.index)
        return run([*words, *more, *packages], log=self.place.log, env=env)

    def by_pip(self, packages: Sequence[str]) -> tuple[int, str]:
        words: list[str | Path] = [self.place.python, "-m", "pip", "install", "--no-input"]
        words += ["--disable-pip-version-check", *self._constraints()]
        return run([*words, *packages], log=self.place.log)

    def _constraints(self) -> list[str | Path]:
        words: list[str | Path] = ["--constraint", self.place.constraints]
        if self.place.torch_constraint.exists():
            words += ["--constraint", self.place.torch_constraint]
        return words
