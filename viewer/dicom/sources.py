"""Where files come from: a folder, a file, a ZIP, a DICOMDIR; PACS and DICOMweb come here later."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from viewer.dicom.archives.archive import is_zip, unpacked
from viewer.dicom.folder import DIRECTORY_NAME, Gathered, files_of_folder


def gather(path: Path, *, unpack_to: Path | None = None) -> Gathered:
    """The files of a folder, a file, a ZIP or a DICOMDIR.

    unpack_to: an empty folder for a ZIP's content that the caller owns; else a private temporary
    one that lives as long as this process.
    """
    try:
        if path.is_dir():
            return files_of_folder(path)
        if not path.exists():
            return Gathered(refusal=f"There is nothing at {path.name or path}.")
        if not path.is_file():
            return Gathered(refusal=f"{path.name} is no file and no folder.")
        if is_zip(path):
            return unpacked(path, unpack_to)
        if path.name.upper() == DIRECTORY_NAME:
            return Gathered(directories=(path,))
        return Gathered(files=(path,))
    except PermissionError:
        return Gathered(refusal=f"{path.name} may not be read: permission is denied.")
    except OSError as error:
        return Gathered(refusal=f"{path.name} cannot be read: {reason(error)}.")


def gather_all(paths: Sequence[Path], *, unpack_to: Path | None = None) -> Gathered:
    """The files of several paths as of one; what one of them refuses becomes a sentence."""
    found = [
        gather(path, unpack_to=unpack_to / f"{number:03d}" if unpack_to else None)
        for number, path in enumerate(paths)
    ]
    refusals = [one.refusal for one in found if one.refusal]
    if len(refusals) == len(found):
        return Gathered(refusal=" ".join(refusals))
    return Gathered(
        tuple(dict.fromkeys(file for one in found for file in one.files)),
        (*refusals, *(told for one in found for told in one.sentences)),
        directories=tuple(place for one in found for place in one.directories),
        packed=any(one.packed for one in found),
    )


def reason(error: OSError) -> str:
    """Why the disk refuses, as a clause."""
    return (error.strerror or "the disk refuses").lower()
