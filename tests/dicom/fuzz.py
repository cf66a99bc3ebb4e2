"""Seeded damage to small studies, each looked at in one process: `python -m tests.dicom.fuzz`.

Arguments: first case, count. Case n is the same on every machine. One JSON line for each case that
went wrong, and one at the end with the totals; a crash of the process shows by its missing end.
"""

from __future__ import annotations

import json
import random
import shutil
import struct
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from tests.dicom.small import ORIGIN, SPACING, STEP, hu_of, write_ct
from viewer.dicom.inspect import decoders_hushed, inspect

LONGEST_S = 5.0
SPARE_MIB = 500
HEADER = 1200
LEAST_BYTES = 160
OUTCOMES = ("opens", "opens_with_warning", "refused")
PYTHON_WORDS = ("Traceback", "Error", "Exception", "<class", "ndarray", "dtype", "object at 0x")
LENGTHS = (0, 1, 2, 3, 7, 255, 256, 0x7FFF, 0xFFFE, 0xFFFF)
LONG_LENGTHS = (0, 1, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)

Mutation = Callable[[bytearray, random.Random], None]


def flip(raw: bytearray, rng: random.Random) -> None:
    """Bytes of the header changed."""
    for _ in range(rng.randrange(1, 40)):
        raw[rng.randrange(min(len(raw), HEADER))] = rng.randrange(256)


def flip_anywhere(raw: bytearray, rng: random.Random) -> None:
    """Bytes anywhere changed: pixels, fragments, central directories."""
    for _ in range(rng.randrange(1, 60)):
        raw[rng.randrange(len(raw))] = rng.randrange(256)


def cut(raw: bytearray, rng: random.Random) -> None:
    """The end missing."""
    del raw[rng.randrange(len(raw)) :]


def insert(raw: bytearray, rng: random.Random) -> None:
    """Foreign bytes between."""
    at = rng.randrange(len(raw))
    raw[at:at] = rng.randbytes(rng.randrange(1, 300))


def remove(raw: bytearray, rng: random.Random) -> None:
    """A piece of the header missing."""
    at = rng.randrange(min(len(raw), HEADER))
    del raw[at : at + rng.randrange(1, 60)]


def repeat(raw: bytearray, rng: random.Random) -> None:
    """A piece of the file twice."""
    at = rng.randrange(len(raw))
    raw[at:at] = raw[at : at + rng.randrange(1, 400)]


def lie_about_length(raw: bytearray, rng: random.Random) -> None:
    """A length field of some element that is not true."""
    for _ in range(20):
        at = rng.randrange(132, max(133, min(len(raw), HEADER) - 12))
        if raw[at : at + 2].isalpha() and raw[at : at + 2].isupper():
            if raw[at : at + 2] in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
                struct.pack_into("<I", raw, at + 4, rng.choice(LONG_LENGTHS))
            else:
                struct.pack_into("<H", raw, at + 2, rng.choice(LENGTHS))
            return
    struct.pack_into("<I", raw, rng.randrange(max(1, len(raw) - 4)), rng.choice(LONG_LENGTHS))


def lie_in_archive(raw: bytearray, rng: random.Random) -> None:
    """A field of a ZIP's headers that is not true."""
    marks = [m for m in (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06") if m in raw]
    if not marks:
        return flip_anywhere(raw, rng)
    mark = rng.choice(marks)
    places = [n for n in range(len(raw) - 30) if raw[n : n + 4] == mark]
    at = rng.choice(places or [0]) + 4
    if rng.random() < 0.5:
        struct.pack_into("<H", raw, at + 2 * rng.randrange(0, 8), rng.choice(LENGTHS))
    elif at + 24 < len(raw):
        struct.pack_into("<I", raw, at + 4 * rng.randrange(0, 5), rng.choice(LONG_LENGTHS))
    return None


MUTATIONS: tuple[Mutation, ...] = (
    flip, flip, flip_anywhere, cut, insert, remove, repeat, lie_about_length, lie_about_length,
)  # fmt: skip
IN_ARCHIVES: tuple[Mutation, ...] = (flip_anywhere, cut, insert, repeat, lie_in_archive)


def make_bases(folder: Path) -> list[Path]:
    """Small studies of every kind of packing, each a folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write_ct(folder / "explicit", hu=hu_of(5))
        write_ct(folder / "implicit", hu=hu_of(5), implicit=True)
        for name, syntax in (
            ("rle", RLELossless), ("jpegls", JPEGLSLossless), ("jpeg2000", JPEG2000Lossless),
            ("deflated", DeflatedExplicitVRLittleEndian),
        ):  # fmt: skip
            _packed(folder / "explicit", folder / name, str(syntax))
        enhanced(folder / "enhanced" / "one.dcm")
        _zipped(folder / "explicit", folder / "zip" / "study.zip")
        _zipped(folder / "explicit", folder / "stored" / "study.zip", zipfile.ZIP_STORED)
        shutil.copytree(folder / "explicit", folder / "disc" / "IMAGES")
        _directory(folder / "disc")
    return sorted(p for p in folder.iterdir())


def _packed(source: Path, target: Path, syntax: str) -> None:
    target.mkdir()
    for path in sorted(source.iterdir()):
        dataset = pydicom.dcmread(path)
        if syntax == DeflatedExplicitVRLittleEndian:
            dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
        else:
            dataset.compress(syntax, generate_instance_uid=False)
        dataset.save_as(target / path.name)


def enhanced(path: Path, hu: np.ndarray | None = None) -> Path:
    """One Enhanced CT file with a frame for each slice."""
    hu = hu_of(5) if hu is None else hu
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset = pydicom.dcmread(write_ct(path.parent / "_", hu=hu[:1])[0])
    shutil.rmtree(path.parent / "_")
    for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing",
                 "SliceThickness", "RescaleSlope", "RescaleIntercept"):  # fmt: skip
        delattr(dataset, name)
    uid = "1.2.840.10008.5.1.4.1.1.2.1"
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = uid
    dataset.NumberOfFrames = len(hu)
    shared, orientation, measures, values = Dataset(), Dataset(), Dataset(), Dataset()
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    measures.PixelSpacing, measures.SliceThickness = list(SPACING), STEP
    values.RescaleSlope, values.RescaleIntercept, values.RescaleType = 1, -1024, "HU"
    shared.PlaneOrientationSequence = [orientation]
    shared.PixelMeasuresSequence = [measures]
    shared.PixelValueTransformationSequence = [values]
    dataset.SharedFunctionalGroupsSequence = [shared]
    frames = []
    for k in range(len(hu)):
        frame, place = Dataset(), Dataset()
        place.ImagePositionPatient = [ORIGIN[0], ORIGIN[1], ORIGIN[2] + k * STEP]
        frame.PlanePositionSequence = [place]
        frames.append(frame)
    dataset.PerFrameFunctionalGroupsSequence = frames
    dataset.PixelData = (hu.astype(np.int32) + 1024).astype("<i2").tobytes()
    dataset.save_as(path, enforce_file_format=True)
    return path


def _zipped(source: Path, target: Path, how: int = zipfile.ZIP_DEFLATED) -> None:
    target.parent.mkdir()
    with zipfile.ZipFile(target, "w", how) as archive:
        for path in sorted(source.iterdir()):
            archive.write(path, f"study/{path.name}")


def _directory(folder: Path) -> None:
    dataset, records = Dataset(), []
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for path in sorted((folder / "IMAGES").iterdir()):
        record = Dataset()
        record.DirectoryRecordType = "IMAGE"
        record.ReferencedFileID = ["IMAGES", path.name]
        records.append(record)
    dataset.DirectoryRecordSequence = records
    dataset.save_as(folder / "DICOMDIR", enforce_file_format=True)


def damaged(bases: list[Path], n: int, place: Path) -> Path:
    """Case n: a copy of one study with one to three files hurt; the path to open."""
    rng = random.Random(f"hilum-{n}")
    source = rng.choice(bases)
    shutil.copytree(source, place)
    files = sorted(p for p in place.rglob("*") if p.is_file())
    index = [p for p in files if p.name == "DICOMDIR"]
    for path in (
        index * 3 if index and rng.random() < 0.7 else rng.choices(files, k=rng.randrange(1, 4))
    ):
        raw = bytearray(path.read_bytes())
        if len(raw) > LEAST_BYTES:  # a file may be chosen, and cut, twice
            rng.choice(IN_ARCHIVES if path.suffix == ".zip" else MUTATIONS)(raw, rng)
        path.write_bytes(raw)
    one = rng.random()
    if path.suffix == ".zip" and one < 0.7:
        return path
    if index and one < 0.5:
        return index[0]
    return path if len(files) > 1 and one > 0.95 else place


def fault_of(path: Path) -> tuple[str, str]:
    """The outcome, and what is wrong with the answer (empty where nothing is)."""
    size = sum(p.stat().st_size for p in [path, *path.rglob("*")] if p.is_file())
    before, began = _memory_mib(), time.monotonic()
    try:
        answer = inspect(path, [(ORIGIN[0], ORIGIN[1], ORIGIN[2])])
    except Exception:  # noqa: BLE001 - finding out what may come is the purpose
        return "", "a trace: " + traceback.format_exc().strip().replace("\n", " | ")[-600:]
    took, grown = time.monotonic() - began, _memory_mib() - before
    if answer["outcome"] not in OUTCOMES:
        return "", f"the outcome {answer['outcome']}"
    outcome = str(answer["outcome"])
    if outcome != "opens" and not answer["sentences"]:
        return outcome, "no sentence"
    for sentence in answer["sentences"]:
        if not sentence.endswith(".") or any(word in sentence for word in PYTHON_WORDS):
            return outcome, f"the sentence {sentence!r}"
        if str(path.parent) in sentence:
            return outcome, f"a path in the sentence {sentence!r}"
    if took > LONGEST_S:
        return outcome, f"it took {took:.1f} s"
    if grown > SPARE_MIB + 4 * size / 2**20:
        return outcome, f"memory grew by {grown:.0f} MiB"
    return outcome, ""


def _memory_mib() -> float:
    """The most memory this process ever held, on Linux; 0 elsewhere."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return float(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def main(first: int, count: int) -> int:
    warnings.simplefilter("ignore")
    bad, outcomes = 0, Counter[str]()
    with tempfile.TemporaryDirectory() as work:
        bases = make_bases(Path(work) / "bases")
        for n in range(first, first + count):
            place = Path(work) / "case"
            path = damaged(bases, n, place)
            with decoders_hushed():
                outcome, fault = fault_of(path)
            outcomes[outcome] += 1
            if fault:
                bad += 1
                print(json.dumps({"case": n, "outcome": outcome, "fault": fault}), flush=True)
            shutil.rmtree(place)
    print(json.dumps({"end": True, "bad": bad, "outcomes": outcomes}))
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
