"""Files that appear together or not at all: written aside, proven, then named."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer.unfinished import Journal, aside_of


@dataclass(frozen=True)
class Aside:
    """One file to be. role: what it is to the export. path: absolute, its name in the end."""

    role: str
    path: Path

    @property
    def aside(self) -> Path:
        """Where it lies until it is proven."""
        return aside_of(self.path)

    def clear(self) -> None:
        """Make way: a run that was killed may have left one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.aside.unlink(missing_ok=True)

    def write(self, content: bytes) -> None:
        """All of it, forced to the disk. Raises OSError."""
        self.clear()
        with self.aside.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())

    def digest(self) -> str:
        """SHA-256 of what lies on the disk."""
        with self.aside.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def name_all(files: Sequence[Aside], journal: Journal) -> None:
    """Give the files their names, all or none, also where the process is killed at it.

    Raises OSError.
    """
    named: list[Path] = []
    try:
        journal.note_names()
        for file in files:
            file.aside.replace(file.path)
            named.append(file.path)
    except OSError:
        for path in named:
            path.unlink(missing_ok=True)
        raise
    for folder in {file.path.parent for file in files}:
        _force_names(folder)


def drop_asides(files: Sequence[Aside]) -> None:
    """Take away what was not named, and folders that were made for it in a folder of others."""
    for file in files:
        with contextlib.suppress(OSError):
            file.aside.unlink(missing_ok=True)
    folders = {file.path.parent for file in files}
    for folder in folders:
        if folder.parent in folders:
            with contextlib.suppress(OSError):  # not empty: it is in use
                folder.rmdir()


def _force_names(folder: Path) -> None:
    """A name is on the disk only when its folder is; not every system can be asked for that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
