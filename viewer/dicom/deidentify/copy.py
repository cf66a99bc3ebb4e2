"""A de-identified copy of a study, and what it would change, before a file is written.

Masks and reports in it still belong to their CT. Pixels are copied byte for byte, so text that is
drawn into them stays: files that are likely to hold some are left out, and the reader is told.
"""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from ai.errors import BadInput
from ai.progress import OnProgress, ignore
from viewer.dicom.archives.archive import is_zip
from viewer.dicom.archives.met import unpacked_all
from viewer.dicom.deidentify.dataset import TagChange, deidentify_dataset
from viewer.dicom.deidentify.rules import Rules, rules
from viewer.dicom.deidentify.values import Replacements
from viewer.dicom.elements import UnreadableError, read_elements
from viewer.dicom.series import Series
from viewer.dicom.sources import gather
from viewer.home import pseudonym
from viewer.unfinished import OURS, Journal, sweep

TOLD_EVERY: Final = 16
NOT_DICOM: Final = ("not-dicom", "empty")
IN_PIXELS: Final = (
    "Text drawn into the pixels is not looked for; look at the pictures before you pass them on."
)
DAMAGED: Final = (
    AttributeError,
    BytesLengthException,
    EOFError,
    InvalidDicomError,
    KeyError,
    LookupError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    TypeError,
    UnreadableError,
    ValueError,
    struct.error,
)
"""What pydicom raises for datasets that are not what they say."""


class _LeftOutError(Exception):
    """Why one file is not copied, as the end of a sentence."""


@dataclass(frozen=True)
class Copied:
    """A de-identified copy. files: what was written. left_out: a sentence for each file that was
    not. sentences: what else to tell."""

    folder: Path
    files: tuple[Path, ...]
    left_out: tuple[str, ...]
    sentences: tuple[str, ...]


def preview(
    source: Path | Series, *, keep_dates: bool = False, on_progress: OnProgress = ignore
) -> tuple[TagChange, ...]:
    """What a copy of a folder or a series would change, each attribute once, by tag.

    Found by making the copy's headers, so it cannot differ from the copy. Raises BadInput where
    there is nothing to copy.
    """
    table, names = rules(), _own_names()
    seen: dict[tuple[str, str], TagChange] = {}
    with tempfile.TemporaryDirectory(prefix="hilum-") as aside:
        files, _ = _files_of(source, Path(aside))
        for path in _told_on(files, on_progress):
            try:
                dataset = _read(path, table, with_pixels=False)
                changes = deidentify_dataset(dataset, names, table, keep_dates=keep_dates)
            except (_LeftOutError, OSError, *DAMAGED):
                continue
            for change in changes:
                seen.setdefault((change.tag, change.action), change)
    if not seen:
        raise BadInput("There is nothing here that can be copied without a name.")
    return tuple(sorted(seen.values(), key=lambda change: (change.tag, change.action)))


def write_copy(
    source: Path | Series,
    folder: Path,
    *,
    keep_dates: bool = False,
    names: Replacements | None = None,
    on_progress: OnProgress = ignore,
) -> Copied:
    """Copy a folder or a series without its names into a folder that is not there, or is empty.

    A folder for each series, its files numbered: no name of theirs tells anything. All or nothing:
    the folder appears when it is whole. names: how UIDs and names are replaced, by the user's own
    key unless given. on_progress may raise Cancelled. Raises BadInput where nothing can be copied
    or the folder cannot take it.
    """
    _must_be_free(folder, source)
    table, names = rules(), names or _own_names()
    try:
        sweep(folder.parent)
        with (
            Journal(folder.parent) as journal,
            tempfile.TemporaryDirectory(prefix=OURS, dir=folder.parent) as aside,
        ):
            journal.note(Path(aside))
            whole = Path(aside) / "copy"
            whole.mkdir()
            (Path(aside) / "unpacked").mkdir()
            found, with_index = _files_of(source, Path(aside) / "unpacked")
            left_out, foreign, files = _copy_all(
                _told_on(found, on_progress), whole, table, names, keep_dates=keep_dates
            )
            told = [IN_PIXELS, *_foreign_sentence(foreign)]
            if with_index:
                told.append("The DICOMDIR is not in the copy: it names the patient.")
            if not files:
                raise BadInput(" ".join(["Nothing was copied.", *left_out[:3], *told[1:]]))
            if folder.exists():
                folder.rmdir()  # os.replace takes an empty folder on some systems only
            shutil.move(whole, folder)
    except OSError as error:
        why = (error.strerror or "the disk refuses").lower()
        raise BadInput(f"The copy could not be written: {why}. Nothing was left behind.") from error
    written = tuple(folder / file for file in files)
    return Copied(folder, written, tuple(left_out), tuple(told))


def _own_names() -> Replacements:
    """By this user's own key: copies made on different days still belong together."""
    return Replacements((pseudonym("copy", "first") + pseudonym("copy", "second")).encode())


def _foreign_sentence(count: int) -> list[str]:
    if count == 0:
        return []
    return [f"{'1 file is' if count == 1 else f'{count} files are'} no DICOM and not in the copy."]


def _must_be_free(folder: Path, source: Path | Series) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(
            f"{folder.name} is there already and is not overwritten.", "Choose an empty folder."
        )
    if isinstance(source, Path) and source.is_dir():
        inside = folder.absolute().resolve()
        if source.resolve() in (inside, *inside.parents):
            raise BadInput(
                "The copy cannot lie inside the study it is made of.", "Choose another folder."
            )


def _files_of(source: Path | Series, unpack_to: Path) -> tuple[tuple[Path, ...], bool]:
    """The files to copy, and whether an index lies among them that cannot be.

    An archive is unpacked into a private folder, and those of a folder that holds no image beside
    them, for such a folder opens as a study too. A DICOMDIR names the patient of every file it
    lists; those files lie beside it. Raises BadInput.
    """
    if isinstance(source, Series):
        return tuple(dict.fromkeys(piece.path for piece in source.sources)), False
    gathered = gather(source, unpack_to=unpack_to)
    if gathered.refusal:
        raise BadInput(gathered.refusal)
    archives = [path for path in gathered.files if is_zip(path)]
    if archives and source.is_dir() and not any(map(_is_dicom, gathered.files)):
        gathered = unpacked_all(archives, unpack_to)
    listed = [path for index in gathered.directories for path in gather(index.parent).files]
    return tuple(dict.fromkeys([*gathered.files, *listed])), bool(gathered.directories)


def _is_dicom(path: Path) -> bool:
    try:
        read_elements(path, (0x00080016,))
    except UnreadableError as error:
        return error.kind not in (*NOT_DICOM, "archive")
    except OSError:
        return False
    return True


def _told_on(files: Sequence[Path], on_progress: OnProgress) -> Iterator[Path]:
    for number, path in enumerate(files):
        if number % TOLD_EVERY == 0:
            on_progress(number / len(files), "De-identifying")
        yield path


def _copy_all(
    paths: Iterator[Path], folder: Path, table: Rules, names: Replacements, *, keep_dates: bool
) -> tuple[list[str], int, list[Path]]:
    """Sentences for what was left out, how many files are no DICOM, files written (relative)."""
    left_out: list[str] = []
    files: list[Path] = []
    series: dict[str, str] = {}
    counts: Counter[str] = Counter()
    written: set[str] = set()
    foreign = 0
    for path in paths:
        try:
            dataset = _read(path, table)
            deidentify_dataset(dataset, names, table, keep_dates=keep_dates)
            uid = str(dataset.get("SeriesInstanceUID", ""))
            if str(dataset.SOPInstanceUID) in written:
                raise _LeftOutError("the same object is there already")
            place = series.setdefault(uid, f"{_letters(dataset)}-{len(series) + 1:02d}")
            counts[place] += 1
            file = Path(place) / f"{counts[place]:04d}.dcm"
            (folder / file).parent.mkdir(exist_ok=True)
            _write(folder / file, dataset)
        except _LeftOutError as why:
            left_out.append(f"{path.name} is not in the copy: {why}.")
        except UnreadableError as error:
            if error.kind in NOT_DICOM:
                foreign += 1
            else:
                left_out.append(f"{path.name} is not in the copy: {error.fact}.")
        except DAMAGED:
            left_out.append(f"{path.name} is not in the copy: it is damaged.")
        else:
            written.add(str(dataset.SOPInstanceUID))
            files.append(file)
    return left_out, foreign, files


def _letters(dataset: Dataset) -> str:
    told = str(dataset.get("Modality", ""))
    return told if told.isalpha() and told.isascii() and len(told) <= 16 else "OT"


def _read(path: Path, table: Rules, *, with_pixels: bool = True) -> Dataset:
    """A file that may be copied. Raises _LeftOutError, one of DAMAGED, or OSError."""
    read_elements(path, (0x00080016,))  # bounds what a parser may be led to
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd values in a foreign file are no news here
        dataset = pydicom.dcmread(path, force=True, stop_before_pixels=not with_pixels)
    sop_class = str(dataset.get("SOPClassUID", ""))
    if sop_class not in table.copied_classes:
        name = UID(sop_class).name if sop_class else "of no kind that is told"
        raise _LeftOutError(f"it is {name}, which may name the patient in ways that are not seen")
    if not dataset.get("SOPInstanceUID"):
        raise _LeftOutError("it has no identity of its own")
    if str(dataset.get("BurnedInAnnotation", "")).upper() == "YES":
        raise _LeftOutError("its pixels hold text, as it says itself")
    kinds = " ".join(str(value).upper() for value in dataset.get("ImageType") or [])
    page = str(dataset.get("ConversionType", "")) in table.pages
    if page or any(screen in kinds for screen in table.screens):
        raise _LeftOutError("it is a picture of a page or screen; text may stand in its pixels")
    if _has_overlay_in_pixels(dataset):
        raise _LeftOutError("an overlay is hidden in its pixels, and text may stand in it")
    return dataset


def _has_overlay_in_pixels(dataset: Dataset) -> bool:
    return any(
        (0x60000000 + (n << 16) + 0x0102) in dataset
        and (0x60000000 + (n << 16) + 0x3000) not in dataset
        for n in range(0, 0x20, 2)
    )


def _write(path: Path, dataset: Dataset) -> None:
    old = getattr(dataset, "file_meta", None) or Dataset()
    syntax = UID(str(old.get("TransferSyntaxUID") or _syntax_of(dataset)))
    for tag in [tag for tag in dataset.keys() if tag.group < 8]:  # noqa: SIM118 (keeps it raw)
        del dataset[tag]
    dataset.preamble = b"\0" * 128  # the old one may hold anything
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    with path.open("xb") as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if syntax.is_transfer_syntax:
                pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
            else:  # younger than pydicom: what is compressed is always encoded so
                dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
                dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
                pydicom.dcmwrite(
                    stream, dataset, implicit_vr=False, little_endian=True, force_encoding=True
                )
            stream.flush()
            os.fsync(stream.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _syntax_of(dataset: Dataset) -> str:
    implicit, little = dataset.original_encoding
    if implicit:
        return str(ImplicitVRLittleEndian)
    return str(ExplicitVRLittleEndian if little else ExplicitVRBigEndian)
