"""`hilum doctor`: what this Hilum runs on and in what state its log is, fit for a bug report.

Nothing private is in it: no name of a person, a machine or a file, no path, no UID.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from ai.errors import HilumError
from ai.models.card import load_card
from ai.resources import resource
from ai.worker.shared import SHM
from viewer import __version__
from viewer.home import home_kind, home_path
from viewer.logs import CRASH, RAW_CRASH
from viewer.reading.library import Library
from viewer.reading.store import Store

LIBRARIES: Final = (
    *("libGL.so.1", "libEGL.so.1", "libglib-2.0.so.0", "libxkbcommon.so.0", "libdbus-1.so.3"),
    *("libfontconfig.so.1", "libgssapi_krb5.so.2"),
)
"""Of the system. Qt links them even where it draws without a screen."""
SCREEN_LIBRARIES: Final = (
    *("libxkbcommon-x11.so.0", "libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxcb-keysyms.so.1"),
    *("libxcb-shape.so.0", "libXcursor.so.1"),
)
"""What a window on X needs beyond them."""
LEAST_SHM_MB: Final = 600
"""A scan of 400 slices, its labels and the arena of the candidates."""
LEAST_DISK_MB: Final = 500
MB: Final = 10**6


def examine() -> dict[str, Any]:
    """All facts, as `hilum doctor --json` prints them; `troubles` are sentences."""
    told = {
        "hilum": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": _system(),
        "screen": screen_of(os.environ, sys.platform),
        "torch": torch_variant(),
        "packages": _packages(),
        "codecs": _codecs(),
        "missing_libraries": _missing(),
        "shared_memory_free_mb": _free_mb(SHM) if SHM.is_dir() else None,
        "temporary_free_mb": _free_mb(Path(tempfile.gettempdir())),
        "home": _home(),
        "log": _log(),
        "cards": _cards(),
    }
    return {**told, "troubles": _troubles(told)}


def _system() -> dict[str, Any]:
    return {
        "platform": platform.platform(),
        "name": _os_name(),
        "cores": os.cpu_count(),
        "memory_mb": _memory_mb(),
        "in_container": Path("/.dockerenv").exists() or "container" in os.environ,
        "virtual_environment": sys.prefix != sys.base_prefix,
    }


def _os_name() -> str:
    with contextlib.suppress(OSError, AttributeError):
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    return ""


def _memory_mb() -> int | None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // MB
    return None


def screen_of(env: Mapping[str, str], system: str) -> str:
    """What kind of screen a window would be shown on."""
    if chosen := env.get("QT_QPA_PLATFORM"):
        return f"{chosen.split(':')[0]} (asked for)"
    if system in ("win32", "darwin"):
        return "windows" if system == "win32" else "cocoa"
    far = ", over SSH" if env.get("SSH_CONNECTION") else ""
    desktop = f" ({env['XDG_CURRENT_DESKTOP']})" if env.get("XDG_CURRENT_DESKTOP") else ""
    if env.get("WAYLAND_DISPLAY"):
        return f"wayland{desktop}{far}"
    if env.get("DISPLAY"):
        return f"x11{desktop}{far}"
    return "none"


def torch_variant() -> str:
    """Version and build of torch without importing it, which would take seconds; or missing."""
    found = _version("torch")
    if not found:
        return "missing"
    spec = find_spec("torch")
    with contextlib.suppress(OSError, TypeError):
        told = (Path(spec.origin).parent / "version.py").read_text("utf-8")  # type: ignore
        for name in ("cuda", "hip", "xpu"):
            if build := re.search(rf"^{name}\b[^=]*= *'([^']+)'", told, re.MULTILINE):
                return f"{found} ({name} {build[1]})"
    return f"{found} (CPU)"


def _packages() -> dict[str, str]:
    """Versions of all that this Hilum asks for; a package for other systems only where it is."""
    told = {}
    for wanted in _wanted():
        name, _, marker = wanted.partition(";")
        name = re.split(r"[^\w.-]", name.strip(), maxsplit=1)[0]
        found = _version(name)
        if found or not marker:
            told[name] = found
    return dict(sorted(told.items(), key=lambda row: row[0].lower()))


def _wanted() -> list[str]:
    """Requirements, from the checkout this runs in or from the installed package."""
    try:
        table = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
        return list(table["project"]["dependencies"])
    except (OSError, ValueError, KeyError):
        with contextlib.suppress(PackageNotFoundError):
            return requires("hilum") or []
        return []


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _codecs() -> dict[str, str]:
    from viewer.dicom.decoders import SYNTAXES, decoder_of, uid_name

    return {uid_name(uid) or uid: decoder_of(uid) for uid in SYNTAXES}


def _missing() -> list[str]:
    if not sys.platform.startswith("linux"):
        return []
    wanted = [*LIBRARIES, *(SCREEN_LIBRARIES if os.environ.get("DISPLAY") else ())]
    return [name for name in wanted if not _loads(name)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _free_mb(folder: Path) -> int | None:
    """Megabytes free where the folder is, or would be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free // MB
    except OSError:
        return None


def _home() -> dict[str, Any]:
    folder = home_path()
    there = folder.is_dir()
    return {
        "kind": home_kind(),
        "exists": there,
        "writable": os.access(folder, os.W_OK | os.X_OK) if there else None,
        "free_mb": _free_mb(folder),
        "file_system": _file_system(folder),
        "crashes": _crashes(folder / "log") if there else 0,
    }


def _file_system(folder: Path) -> str:
    """Its kind, for SQLite cannot be trusted on every shared one."""
    best, kind = "", ""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/mounts").read_text("utf-8", "replace").splitlines():
            _, place, found, *_ = line.split()
            if len(place) >= len(best) and folder.is_relative_to(place):
                best, kind = place, found
    return kind


def _crashes(folder: Path) -> int:
    count = 0
    for name in (CRASH, RAW_CRASH):
        with contextlib.suppress(OSError):
            text = (folder / name).read_text("utf-8", "replace")
            count += len(re.findall(r"^(?:Fatal Python error|Windows fatal exception)", text, re.M))
    return count


def _log() -> dict[str, Any]:
    """Whether the log can be read and its chain is whole; what is in it only in numbers."""
    path = home_path() / "readings.sqlite"
    told: dict[str, Any] = {"state": "none yet", "library": _library()}
    if not path.exists() or not path.stat().st_size:
        return told
    try:
        store = Store(path, read_only=True)
    except HilumError as error:
        return told | {"state": error.sentence}
    try:
        broken = store.broken_at()
        sizes = [file.stat().st_size for file in path.parent.glob(f"{path.name}*")]
        return told | {
            "state": "whole" if broken is None else f"The chain is broken at row {broken}.",
            "schema": store.schema,
            "rows": store.last_seq(),
            "readings": len(store.readings()),
            "policies": len(store.policies()),
            "size_mb": round(sum(sizes) / MB, 1),
        }
    except HilumError as error:
        return told | {"state": error.sentence}
    finally:
        store.close()


def _library() -> str:
    path = home_path() / "library.sqlite"
    if not path.exists() or not path.stat().st_size:
        return "none yet"
    try:
        library = Library(path, read_only=True)
    except HilumError as error:
        return error.sentence
    try:
        return f"{len(library.known())} series"
    except HilumError as error:
        return error.sentence
    finally:
        library.close()


def _cards() -> dict[str, str]:
    """Each model card and its version, or why it cannot be read."""
    told = {}
    with contextlib.suppress(OSError):
        for file in sorted(resource("cards").glob("*.toml")):
            try:
                told[file.stem] = load_card(file.stem).version
            except HilumError as error:
                told[file.stem] = error.sentence
    return told


def _troubles(told: Mapping[str, Any]) -> list[str]:
    """What may stop a reader, one sentence each."""
    lacking = [name for name, found in told["packages"].items() if not found]
    undecoded = [name for name, found in told["codecs"].items() if not found]
    home, log = told["home"], told["log"]
    shm = told["shared_memory_free_mb"]
    checks = (
        (told["torch"] == "missing", "Torch is missing: models that need it will say so."),
        (bool(lacking), f"Packages are missing: {', '.join(lacking)}."),
        (bool(undecoded), f"There is no decoder for {', '.join(undecoded)}."),
        (
            bool(told["missing_libraries"]),
            f"System libraries are missing: {', '.join(told['missing_libraries'])}.",
        ),
        (
            shm is not None and shm < LEAST_SHM_MB,
            f"Only {shm} MB of shared memory are free; scans go to the temporary folder instead.",
        ),
        (
            home["writable"] is False,
            "The data folder cannot be written to: readings are not saved.",
        ),
        (
            home["free_mb"] is not None and home["free_mb"] < LEAST_DISK_MB,
            f"Only {home['free_mb']} MB of disk are free for the data folder.",
        ),
        (log["state"] not in ("whole", "none yet"), log["state"]),
        (not told["cards"], "No model card was found."),
    )
    return [sentence for holds, sentence in checks if holds]


def main(arguments: Sequence[str]) -> int:
    """Prints the facts; 0, or 2 for bad arguments (argparse)."""
    parser = argparse.ArgumentParser(
        prog="hilum doctor",
        description="What Hilum runs on and the state of its log. Nothing private is in it.",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args(arguments)
    told = examine()
    print(json.dumps(told, indent=1) if options.json else text_of(told))
    return 0


def text_of(told: Mapping[str, Any]) -> str:
    """The facts as lines to paste."""
    lines = []
    for name, fact in told.items():
        if name == "troubles":
            continue
        title = name.replace("_", " ")
        if isinstance(fact, Mapping):
            lines.append(f"{title}:")
            lines += [f"  {key.replace('_', ' ')}: {_words(value)}" for key, value in fact.items()]
        else:
            lines.append(f"{title}: {_words(fact)}")
    troubles = told["troubles"] or ["Nothing unusual."]
    return "\n".join([*lines, *troubles])


def _words(fact: Any) -> str:
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if isinstance(fact, list):
        return ", ".join(map(str, fact)) or "none"
    return "not known" if fact is None else str(fact) or "missing"
