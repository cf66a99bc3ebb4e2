"""What is written into a folder before it is whole, noted there, so that a kill leaves no trace.

A writer opens a Journal in the folder, notes each file before it makes it, and holds the journal as
long as it lives. A journal that nobody holds was left by a process that died: `sweep` then takes
away what it lists, or, where all of it was proven and only names were missing, gives the names.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Final

ASIDE: Final = ".part"
"""How the name of a file ends that is not whole; it begins with a dot."""
OURS: Final = ".hilum-"
"""How folders and journals begin that are Hilum's own, whatever else lies beside them."""
_NAMING: Final = "naming"
_numbers = itertools.count(1)


def aside_of(path: Path) -> Path:
    """Where a file lies until it is whole: beside its place, hidden."""
    return path.with_name(f".{path.name}{ASIDE}")


class Journal:
    """Of one writer in one folder. Left by `close`, when everything has its name or is gone."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder where it is not there. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._path = folder / f"{OURS}{os.getpid()}-{next(_numbers)}{ASIDE}"
        self._path.unlink(missing_ok=True)  # of a process that had our number before a restart
        self._file: IO[str] = self._path.open("x", encoding="utf-8")
        _hold(self._file.fileno())

    def note(self, aside: Path, final: Path | None = None) -> None:
        """Something that will lie in the folder until it is named `final`, or is taken away."""
        self._add([self._told(aside), self._told(final) if final is not None else ""])

    def note_names(self) -> None:
        """All is proven: from here on what has no name yet gets it. On the disk when it returns."""
        self._add([_NAMING])
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """The writer has left the folder in order. Twice is once."""
        if not self._file.closed:
            if sys.platform == "win32":
                self._file.close()
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)  # while it is held: nobody sweeps it meanwhile
            self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _told(self, path: Path) -> str:
        return path.absolute().relative_to(self._folder.absolute()).as_posix()

    def _add(self, line: list[str]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def sweep(folder: Path) -> tuple[Path, ...]:
    """What writers that died left in a folder is finished or taken away; the paths it touched.

    Files of others, and of writers that live, stay. Raises OSError where the folder refuses.
    """
    if not folder.is_dir():
        return ()
    touched: list[Path] = []
    for journal in sorted(folder.glob(f"{OURS}*{ASIDE}")):
        if journal.is_symlink() or not journal.is_file() or _is_held(journal):
            continue
        lines = list(_lines(journal))
        named = [_NAMING] in lines
        pairs = [(folder / line[0], line[1]) for line in lines if _is_pair(line)]
        for aside, final in reversed(pairs):  # a folder was noted before what lies in it
            if named and final:
                if aside.is_file():
                    aside.replace(folder / final)
                    touched.append(folder / final)
            elif _take_away(aside, whole=bool(final)):
                touched.append(aside)
        journal.unlink(missing_ok=True)
        touched.append(journal)
    return tuple(touched)


def in_order(folder: Path) -> bool:
    """Whether no writer's journal lies there. One that is away with its whole disk is not."""
    if not folder.is_dir():
        return folder.parent.is_dir()
    return next(folder.glob(f"{OURS}*{ASIDE}"), None) is None


def _take_away(path: Path, *, whole: bool) -> bool:
    """A file aside, a folder of ours, or any folder that was left empty; whether it was there."""
    if path.is_symlink() or not path.exists() or path.is_file() != whole:
        return False
    if whole:
        path.unlink()
    elif path.name.startswith(OURS):
        shutil.rmtree(path)
    else:
        with contextlib.suppress(OSError):  # not empty: it is in use
            path.rmdir()
    return True


def _lines(journal: Path) -> Iterable[list[str]]:
    """Whole lines only: the last one may have been cut off."""
    for text in journal.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]:
        with contextlib.suppress(ValueError):
            line = json.loads(text)
            if isinstance(line, list) and all(isinstance(word, str) for word in line):
                yield line


def _is_pair(line: list[str]) -> bool:
    """A journal of anybody's making touches nothing but what a writer of ours may have made."""
    if len(line) != 2:
        return False
    aside, final = PurePosixPath(line[0]), PurePosixPath(line[1])
    inside = not any(path.is_absolute() or ".." in path.parts for path in (aside, final))
    if not line[1]:
        return inside
    return inside and aside == final.with_name(f".{final.name}{ASIDE}")


def _hold(file: int) -> None:
    """Lock a file for as long as its process lives."""
    if sys.platform != "win32":
        import fcntl

        with contextlib.suppress(OSError):  # a shelf on the network may know no locks
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_held(path: Path) -> bool:
    """True while its writer lives."""
    if sys.platform == "win32":
        try:  # an open file cannot be renamed there
            path.rename(path)
        except OSError:
            return True
        return False
    import fcntl

    file = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False
