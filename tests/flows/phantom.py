"""The small phantom as a study on disk, written once for all tests that read it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pydicom
from pydicom.encaps import encapsulate
from pydicom.uid import RLELossless

from tests.conftest import STAGE
from viewer.dicom.demo import write_demo


@dataclass(frozen=True)
class Nodule:
    """One nodule of the truth table."""

    centre_lps: tuple[float, float, float]
    diameter_mm: float


@dataclass(frozen=True)
class Study:
    """A series on disk and what is known to be in it."""

    series: Path
    uid: str
    nodules: tuple[Nodule, ...]


@cache
def small_study(size: str = "small", seed: int = 7) -> Study:
    """The phantom of that size; nobody may write into its folder."""
    folder = STAGE / "phantoms" / f"{size}-{seed}"
    series = write_demo(folder, size=size, seed=seed)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    nodules = tuple(Nodule(tuple(n["centre_lps_mm"]), n["diameter_mm"]) for n in truth["nodules"])
    return Study(series, truth["series"], nodules)


def copy_of(study: Study, folder: Path) -> Path:
    """A copy that a test may spoil."""
    shutil.copytree(study.series, folder)
    return folder


def spoil(file: Path) -> None:
    """An image whose header is whole, and whose compressed pixels no decoder can read."""
    image = pydicom.dcmread(file)
    image.compress(RLELossless)
    image.PixelData = encapsulate([b"\xff" * 200])
    image.save_as(file)
