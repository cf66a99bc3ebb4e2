"""The files below a folder, without running in circles, and what could not be looked into."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_FILES = 200_000
DIRECTORY_NAME = "DICOMDIR"


@dataclass(frozen=True)
class Gathered:
    """Files to look into, sentences about what was left out, a refusal where nothing may open.

    packed: they come out of an archive, all of it, under names that no index in it knows.
    """

    files: tuple[Path, ...] = ()
    sentences: tuple[str, ...] = ()
    refusal: str = ""
    directories: tuple[Path, ...] = ()
    packed: bool = False


def files_of_folder(path: Path) -> Gathered:
    """All files below a folder, its DICOMDIRs apart."""
    files: list[Path] = []
    directories: list[Path] = []
    shut: list[Path] = []
    for found in walk(path, shut):
        if found.name.upper() == DIRECTORY_NAME:
            directories.append(found)
        else:
            files.append(found)
        if len(files) > MOST_FILES:
            return Gathered(refusal=f"The folder holds more than {MOST_FILES} files.")
    if shut == [path]:
        return Gathered(refusal=f"{path.name} may not be read: permission is denied.")
    return Gathered(tuple(files), _told_shut(shut), directories=tuple(directories))


def _told_shut(shut: list[Path]) -> tuple[str, ...]:
    if not shut:
        return ()
    which = f"The folder {shut[0].name}" if len(shut) == 1 else f"{len(shut)} folders"
    return (f"{which} could not be looked into: the disk refuses, or permission is denied.",)


def walk(folder: Path, shut: list[Path]) -> Iterator[Path]:
    """Regular files below a folder, by name; links to folders are not followed.

    shut: takes the folders that cannot be read.
    """
    waiting = [folder]  # no recursion: folders may lie deeper than Python's stack
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda e: e.name)
        except OSError:
            shut.append(here)
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                elif entry.is_file():
                    yield Path(entry.path)
            except OSError:  # a link to itself, or one that went away
                continue
