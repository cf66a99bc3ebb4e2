"""Archives that lie among the files of a study: opened where there is nothing else, else named.

Unpacking takes seconds and a study that lies there unpacked wants none of it, so what only lies
beside it is looked at, not opened. An archive within an archive stays shut: sizes could swell from
one to the next without end.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path

from viewer.dicom.archives.archive import copied, unpacked
from viewer.dicom.elements import UnreadableError
from viewer.dicom.folder import Gathered
from viewer.dicom.headers import read_header
from viewer.dicom.sources import reason

MOST_ARCHIVES = 20
LOOKED_AT = 12
"""Entries whose first bytes are looked at: more tell nothing more of what an archive is for."""
LARGEST_LOOK = 64 * 1024**2
SUFFIXES = (".dcm", ".ima", ".dicom")


def unpacked_all(archives: Sequence[Path], unpack_to: Path | None) -> Gathered:
    """All that the archives of a folder hold; what one refuses becomes a sentence."""
    files: list[Path] = []
    sentences: list[str] = []
    for number, path in enumerate(archives[:MOST_ARCHIVES]):
        try:
            gathered = unpacked(path, unpack_to / f"{number:03d}" if unpack_to else None)
        except OSError as error:
            sentences.append(f"{path.name} cannot be unpacked: {reason(error)}.")
            continue
        sentences += [*gathered.sentences, *([gathered.refusal] if gathered.refusal else [])]
        files += gathered.files
    if len(archives) > MOST_ARCHIVES:
        sentences.append(f"Only the first {MOST_ARCHIVES} of {len(archives)} archives were opened.")
    return Gathered(tuple(files), tuple(sentences), packed=True)


def told_shut(archives: Sequence[Path], known: Collection[str], *, inside: bool) -> list[str]:
    """A sentence on archives with images that are not here; nothing on others.

    known: SOP Instance UIDs of what is here. inside: the archives came out of an archive.
    """
    kinds: dict[str, list[str]] = {}
    for path in archives[:MOST_ARCHIVES]:
        if what := _kept_back(path, known):
            kinds.setdefault(what, []).append(path.name)
    told = []
    for what, names in kinds.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        who = f"{', '.join(names[:3])}{more}"
        if inside:
            told.append(f"An archive lies in the archive ({who}): unpack it first.")
        elif len(names) == 1:
            told.append(f"{who} was not opened: it {what}. Open it by itself.")
        else:
            told.append(f"{who} were not opened; each {what}. Open them by themselves.")
    return told


def _kept_back(path: Path, known: Collection[str]) -> str:
    """What an archive holds that is not here, as a clause; nothing where it holds no such thing."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [e for e in archive.infolist() if not e.is_dir() and e.file_size > 0]
            entries = [e for e in entries if not e.filename.startswith("__MACOSX/")]
            step = max(1, len(entries) // LOOKED_AT)
            some = entries[::step][: LOOKED_AT + 1]
            if any(e.flag_bits & 1 for e in some):
                return "is locked with a password"
            images = [e for e in some if _seems_image(archive, e)]
            ends = images and (images[0], images[len(images) // 2], images[-1])
            if all(_uid(archive, e) in known for e in ends):
                return ""
            return "holds images of its own"
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError):
        return "is a damaged archive" if path.suffix.lower() == ".zip" else ""


def _seems_image(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    if entry.filename.lower().endswith(SUFFIXES):
        return True
    try:
        with archive.open(entry) as stream:
            return stream.read(132)[128:] == b"DICM"
    except Exception:  # noqa: BLE001 - a damaged entry may raise anything, and is no image
        return False


def _uid(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """The SOP Instance UID of one entry; nothing where it cannot be had."""
    if entry.file_size > LARGEST_LOOK:
        return ""
    with tempfile.TemporaryDirectory(prefix="hilum-look-") as folder:
        place = Path(folder) / "one"
        try:
            return read_header(place).sop_instance if copied(archive, entry, place) else ""
        except (UnreadableError, OSError):
            return ""
