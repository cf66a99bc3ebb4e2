"""A DICOMDIR as an index of files: those it names, and nothing outside its own folder.

Source: DICOM PS3.3 F (Basic Directory), PS3.10 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from viewer.dicom.elements import UnreadableError, read_elements
from viewer.dicom.folder import MOST_FILES, walk

RECORDS = 0x00041220


def files_of_directory(directory: Path) -> tuple[list[Path], list[str]]:
    """Files a DICOMDIR names that are there; sentences for what it names wrongly.

    Records are taken in the order they are stored: offsets that run in a circle mean nothing here.
    A name is also found in other letters, as file systems of discs write it.
    """
    import warnings

    import pydicom

    try:
        if _swells(directory):
            raise ValueError("an implausible size")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            records = pydicom.dcmread(directory, force=True).get("DirectoryRecordSequence") or []
            named = [list(_parts(r.get("ReferencedFileID"))) for r in records]
    except Exception:  # noqa: BLE001 - a hostile file may raise anything inside a parser
        return [], [f"{directory.name} is damaged."]
    found: list[Path] = []
    here: dict[str, Path] | None = None
    outside = missing = 0
    root = directory.parent.resolve()
    for parts in filter(None, named):
        joined = "/".join(parts).replace("\\", "/")
        try:
            target = (root / joined).resolve()
            is_file = target.is_file()
        except (ValueError, OSError):  # no name that a file could have
            missing += 1
            continue
        if joined.startswith("/") or not target.is_relative_to(root) or ":" in joined:
            outside += 1
        elif is_file:
            found.append(target)
        else:
            if here is None:
                here = {_plain(p.relative_to(root)): p for p in islice(walk(root, []), MOST_FILES)}
            other = here.get(_plain(Path(joined)))
            if other is None:
                missing += 1
            else:
                found.append(other)
    sentences = []
    if outside:
        verb = "entry names" if outside == 1 else "entries name"
        sentences.append(
            f"{outside} {verb} a path outside the folder in {directory.name}; not read."
        )
    if missing:
        verb = "file that is" if missing == 1 else "files that are"
        sentences.append(f"{directory.name} names {missing} {verb} missing here.")
    return found, sentences


def _swells(directory: Path) -> bool:
    """Whether it is deflated beyond all measure: pydicom would inflate it to the end."""
    try:
        read_elements(directory, (RECORDS,))
    except UnreadableError as error:
        return error.kind == "implausible"
    return False


def _plain(name: Path) -> str:
    """A file's name without what ISO 9660 and its readers add or change: case, version, dot."""
    return "/".join(part.split(";")[0].rstrip(".").casefold() for part in name.parts)


def _parts(value: object) -> Iterator[str]:
    if value is None or value == "":
        return
    if isinstance(value, str):
        yield value
        return
    for part in value if isinstance(value, Iterable) else (value,):
        yield str(part)
