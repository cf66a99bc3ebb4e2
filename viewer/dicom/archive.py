"""Files out of a ZIP, under names of our own, so that no name in it can point outside.

Sizes are held against what the archive itself may plausibly hold. A damaged entry costs no other.
"""

from __future__ import annotations

import atexit
import lzma
import os
import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

from viewer.dicom.folder import MOST_FILES, Gathered

MOST_BYTES = 64 * 1024**3
SWELL_FLOOR = 32 * 1024**2
SWELL_RATIO = 200
SPARE_DISK = 512 * 1024**2


def is_zip(path: Path) -> bool:
    """Whether a file begins as a ZIP does."""
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


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
