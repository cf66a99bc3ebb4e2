"""Files out of a ZIP, under names of our own, so that no name in it can point outside.

Sizes are held against what the archive itself may plausibly hold. A damaged entry costs no other.
"""

from __future__ import annotations

import atexit
import lzma
import os
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from viewer.dicom.archives.cut import Member, walk_members
from viewer.dicom.elements import ZIP_MARKS
from viewer.dicom.folder import MOST_FILES, Gathered

MOST_BYTES = 64 * 1024**3
SWELL_FLOOR = 32 * 1024**2
SWELL_RATIO = 200
SPARE_DISK = 512 * 1024**2
LEAST_WHOLE = 3
"""Of a cut archive fewer whole files than these are not worth a look: they make no volume."""

_PLAIN = re.compile(r"[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_-])?", re.ASCII)
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)))
)


def is_zip(path: Path) -> bool:
    """Whether a file begins as a ZIP does."""
    with path.open("rb") as file:
        return file.read(4) in ZIP_MARKS


def unpacked(path: Path, unpack_to: Path | None = None) -> Gathered:
    """The files of a ZIP, unpacked. Raises OSError where the disk refuses."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError, ValueError, OverflowError, struct.error):
        return _whole_ones(path, unpack_to)
    except NotImplementedError:
        return Gathered(refusal=f"{path.name} is packed in a way that cannot be read here.")
    with archive:
        try:
            return _extract(archive, path, unpack_to)
        except (zipfile.BadZipFile, EOFError, ValueError, OverflowError, struct.error):
            return Gathered(refusal=f"{path.name} is a damaged archive.")


class _Room:
    """The folder that takes what is unpacked. A file keeps its name where that is harmless."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder or _private_folder()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.files: list[Path] = []
        self._taken: set[str] = set()
        self._count = 0

    def place(self, name: str) -> Path:
        """Where an entry of that name goes; a number tells it from another of its name."""
        last = PurePosixPath(name.replace("\\", "/")).name
        kept = "".join(c for c in last if c.isascii() and (c.isalnum() or c in "-_."))[-40:]
        plain = kept == last and _PLAIN.fullmatch(kept) is not None
        number, self._count = self._count, self._count + 1
        if not plain or kept.lower() in self._taken or kept.split(".")[0].lower() in _DEVICES:
            kept = f"{number:06d}-{kept}" if kept else f"{number:06d}"
        self._taken.add(kept.lower())
        return self.folder / kept

    def refused(self, sentence: str) -> Gathered:
        """Nothing of what was unpacked so far is wanted."""
        for file in self.files:
            file.unlink(missing_ok=True)
        return Gathered(refusal=sentence)


def _most_bytes(packed: int) -> int:
    return min(MOST_BYTES, max(SWELL_FLOOR, SWELL_RATIO * packed))


def _extract(archive: zipfile.ZipFile, path: Path, unpack_to: Path | None) -> Gathered:
    entries = [e for e in archive.infolist() if not e.is_dir()]
    if any(e.flag_bits & 1 for e in entries):
        return Gathered(refusal=_locked(path))
    wanted = [e for e in entries if not (_is_link(e) or _points_outside(e.filename))]
    total = sum(e.file_size for e in wanted)
    packed = path.stat().st_size
    if len(wanted) > MOST_FILES or total > _most_bytes(packed):
        fact = f"{packed >> 10} KiB that swell to {total >> 20} MiB"
        return Gathered(refusal=f"{path.name} has an implausible size: {fact}.")
    sentences = _told_outside(len(entries) - len(wanted), path)
    room = _Room(unpack_to)
    if shutil.disk_usage(room.folder).free < total + SPARE_DISK:
        return Gathered(refusal=f"The disk has no room to unpack {path.name} ({total >> 20} MiB).")
    for entry in wanted:
        target = room.place(entry.filename)
        if copied(archive, entry, target):
            room.files.append(target)
        else:
            target.unlink(missing_ok=True)
    if spoilt := len(wanted) - len(room.files):
        if not room.files:
            return Gathered(refusal=f"{path.name} is a damaged archive: no entry can be read.")
        which = "1 entry is" if spoilt == 1 else f"{spoilt} entries are"
        sentences += (f"{path.name} is a damaged archive: {which} left out.",)
    return Gathered(tuple(room.files), sentences, packed=True)


def copied(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> bool:
    """Write one entry; False where it is damaged. Raises OSError when the disk refuses."""
    try:
        return _copy_entry(archive, entry, target)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError, OverflowError):
        return False
    except NotImplementedError:  # a method of packing that is not known here
        return False
    except OSError as error:
        if error.errno is None:  # bz2 says so of damaged data
            return False
        raise


def _copy_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> bool:
    """Write one entry; False as soon as it is longer than it says."""
    left = entry.file_size
    with archive.open(entry) as source, target.open("xb") as out:
        while block := source.read(1 << 20):
            left -= len(block)
            if left < 0:
                return False
            out.write(block)
    return left == 0


class _SwellsError(Exception):
    """More came out of an archive than it may plausibly hold."""


def _whole_ones(path: Path, unpack_to: Path | None) -> Gathered:
    """What is whole in an archive without its list of contents, and how much was lost."""
    packed = path.stat().st_size
    room, left = _Room(unpack_to), _most_bytes(packed)
    outside = 0
    locked = False

    def take(member: Member, blocks: Iterator[bytes]) -> None:
        nonlocal left, outside, locked
        locked = locked or member.locked
        target = None
        if _points_outside(member.name):
            outside += 1
        elif not member.name.endswith("/"):
            target = room.place(member.name)
        left = _poured(blocks, target, left)
        if target is not None:
            room.files.append(target)

    if shutil.disk_usage(room.folder).free < packed + SPARE_DISK:
        return Gathered(refusal=f"The disk has no room to unpack {path.name}.")
    try:
        walked = walk_members(path, take)
    except _SwellsError:
        return room.refused(f"{path.name} has an implausible size: it swells without end.")
    whole = len(room.files)
    if locked:
        return room.refused(_locked(path))
    if whole < LEAST_WHOLE:
        only = f"only {whole} of its files" if whole else "none of its files"
        return room.refused(
            f"{path.name} is a damaged archive that breaks off: {only} can be read."
        )
    if walked.complete and not walked.lost:
        told = f"its list of contents is lost; all {whole} files were read."
    elif walked.complete:
        told = f"{whole} files were read, {walked.lost} lost."
    else:
        told = f"{whole} files were read, {max(1, walked.lost)} or more lost."
    sentence = f"{path.name} is a damaged archive that breaks off: {told}"
    return Gathered(tuple(room.files), (*_told_outside(outside, path), sentence), packed=True)


def _poured(blocks: Iterator[bytes], target: Path | None, left: int) -> int:
    """A member into its file, or nowhere; how many bytes may still come after it."""
    try:
        with (target or Path(os.devnull)).open("wb") as out:
            for block in blocks:
                left -= len(block)
                if left < 0:
                    raise _SwellsError
                out.write(block)
    except BaseException:
        if target is not None:
            target.unlink(missing_ok=True)
        raise
    return left


def _locked(path: Path) -> str:
    return f"{path.name} is locked with a password; unpack it first."


def _told_outside(count: int, path: Path) -> tuple[str, ...]:
    if not count:
        return ()
    verb = "entry names" if count == 1 else "entries name"
    return (f"{count} {verb} a path outside the folder in {path.name}; left out.",)


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return (entry.external_attr >> 16) & 0o170000 == 0o120000


def _points_outside(name: str) -> bool:
    name = name.replace("\\", "/")
    windows = PureWindowsPath(name)
    return (
        bool(windows.drive and windows.root)
        or name.startswith("/")
        or ".." in PurePosixPath(name).parts
    )


def _private_folder() -> Path:
    """A folder that goes with this process; one that was killed leaves it to the next sweep."""
    from viewer.dicom.archives.unpacked import sweep_unpacked

    sweep_unpacked()
    folder = Path(tempfile.mkdtemp(prefix=f"hilum-unpacked-{os.getpid()}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
