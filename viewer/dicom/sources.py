"""Where files come from: a folder, one file, a ZIP, a DICOMDIR. PACS and DICOMweb come here later.

An archive is unpacked into a private folder under names of our own, so no name in it can point
outside; sizes are held against what the archive itself may plausibly hold.
"""

from __future__ import annotations

import atexit
import lzma
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath, PureWindowsPath

MOST_FILES = 200_000
MOST_BYTES = 64 * 1024**3
SWELL_FLOOR = 32 * 1024**2
SWELL_RATIO = 200
SPARE_DISK = 512 * 1024**2
DIRECTORY_NAME = "DICOMDIR"


@dataclass(frozen=True)
class Gathered:
    """Files to look into, sentences about what was left out, a refusal where nothing may open."""

    files: tuple[Path, ...] = ()
    sentences: tuple[str, ...] = ()
    refusal: str = ""
    directories: tuple[Path, ...] = field(default=())


def gather(path: Path, *, unpack_to: Path | None = None) -> Gathered:
    """The files of a folder, a file, a ZIP or a DICOMDIR.

    unpack_to: an empty folder for a ZIP's content that the caller owns; else a private temporary
    one that lives as long as this process.
    """
    try:
        if path.is_dir():
            return _folder(path)
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


def reason(error: OSError) -> str:
    """Why the disk refuses, as a clause."""
    return (error.strerror or "the disk refuses").lower()


def is_zip(path: Path) -> bool:
    """Whether a file begins as a ZIP does."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def _folder(path: Path) -> Gathered:
    files: list[Path] = []
    directories: list[Path] = []
    shut: list[Path] = []
    for found in _walk(path, shut):
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


def _walk(folder: Path, shut: list[Path]) -> Iterator[Path]:
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


def unpacked(path: Path, unpack_to: Path | None = None) -> Gathered:
    """The files of a ZIP, unpacked. Raises OSError where the disk refuses."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _extract(archive, path, unpack_to)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError):
        return Gathered(refusal=f"{path.name} is a damaged archive.")
    except NotImplementedError:
        return Gathered(refusal=f"{path.name} is packed in a way that cannot be read here.")


def _extract(archive: zipfile.ZipFile, path: Path, unpack_to: Path | None) -> Gathered:
    entries = [e for e in archive.infolist() if not e.is_dir()]
    if any(e.flag_bits & 1 for e in entries):
        return Gathered(refusal=f"{path.name} is locked with a password; unpack it first.")
    outside = [e for e in entries if _points_outside(e)]
    wanted = [e for e in entries if not _points_outside(e)]
    total = sum(e.file_size for e in wanted)
    packed = path.stat().st_size
    if len(wanted) > MOST_FILES or total > min(MOST_BYTES, max(SWELL_FLOOR, SWELL_RATIO * packed)):
        fact = f"{packed >> 10} KiB that swell to {total >> 20} MiB"
        return Gathered(refusal=f"{path.name} has an implausible size: {fact}.")
    sentences: tuple[str, ...] = ()
    if outside:
        verb = "entry names" if len(outside) == 1 else "entries name"
        sentences = (f"{len(outside)} {verb} a path outside the folder in {path.name}; left out.",)
    folder = unpack_to or _private_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    if shutil.disk_usage(folder).free < total + SPARE_DISK:
        return Gathered(refusal=f"The disk has no room to unpack {path.name} ({total >> 20} MiB).")
    files: list[Path] = []
    for number, entry in enumerate(wanted):
        target = folder / f"{number:06d}{_suffix(entry.filename)}"
        if _copied(archive, entry, target):
            files.append(target)
        else:
            target.unlink(missing_ok=True)
    if spoilt := len(wanted) - len(files):
        if not files:
            return Gathered(refusal=f"{path.name} is a damaged archive: no entry can be read.")
        which = "1 entry is" if spoilt == 1 else f"{spoilt} entries are"
        sentences += (f"{path.name} is a damaged archive: {which} left out.",)
    return Gathered(tuple(files), sentences)


def _copied(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> bool:
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


def _points_outside(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename.replace("\\", "/")
    is_link = (entry.external_attr >> 16) & 0o170000 == 0o120000
    windows = PureWindowsPath(name)
    return (
        is_link
        or bool(windows.drive and windows.root)
        or name.startswith("/")
        or ".." in PurePosixPath(name).parts
    )


def _suffix(name: str) -> str:
    """A harmless trace of the entry's own name, so that a sentence can point to it."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(c for c in last if c.isascii() and (c.isalnum() or c in "-_."))[-40:]
    return f"-{kept}" if kept else ""


def _private_folder() -> Path:
    """A folder that goes with this process; one that was killed leaves it to the next sweep."""
    from viewer.dicom.unpacked import sweep_unpacked

    sweep_unpacked()
    folder = Path(tempfile.mkdtemp(prefix=f"hilum-unpacked-{os.getpid()}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def files_of_directory(directory: Path) -> tuple[list[Path], list[str]]:
    """Files a DICOMDIR names that are there; sentences for what it names wrongly.

    Records are taken in the order they are stored: offsets that run in a circle mean nothing here.
    A name is also found in other letters, as file systems of discs write it.
    """
    import warnings

    import pydicom

    try:
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
                here = {_plain(p.relative_to(root)): p for p in islice(_walk(root, []), MOST_FILES)}
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
