"""What the rows read: made-up series written once a run, the phantom, and real scans if there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ai.phantom.chest import Phantom

CHECKOUT = Path(__file__).resolve().parents[2]
REAL = ("LIDC-IDRI-0001", "LIDC-IDRI-0003", "LIDC-IDRI-0004")


@dataclass(frozen=True)
class Setting:
    """How a run is done. work: a folder for what it writes. times: pairs, 0 for each row's own.

    tiny: inputs that show that a row runs, and whose figures mean nothing.
    """

    work: Path
    times: int = 0
    tiny: bool = False

    def pairs(self, usual: int) -> int:
        """How many pairs a row takes that usually takes so many."""
        return self.times or (1 if self.tiny else usual)


def data_folder() -> Path | None:
    """The folder of real scans: HILUM_DATA, else shared/data beside the checkout or inside it."""
    if named := os.environ.get("HILUM_DATA"):
        return Path(named) if Path(named).is_dir() else None
    for folder in (CHECKOUT.parent / "shared" / "data", CHECKOUT / "shared" / "data"):
        if folder.is_dir():
            return folder
    return None


def real_scan(name: str) -> Path | None:
    """The folder of one real scan, or None where it is not at hand."""
    data = data_folder()
    folder = data / "ct" / name if data else None
    return folder if folder is not None and folder.is_dir() else None


def plain_series(setting: Setting, slices: int = 400, side: int = 512) -> Path:
    """A folder of uncompressed slices (tiny: 24 of 64 x 64), written if it is not there yet."""
    import numpy as np

    from ai.scan.geometry import Geometry
    from ai.scan.volume import Volume
    from viewer.dicom.written.ct import write_series

    if setting.tiny:
        slices, side = 24, 64
    folder = setting.work / f"plain-{slices}x{side}"
    if folder.is_dir():
        return folder
    geometry = Geometry.axial((slices, side, side), spacing_kji_mm=(0.75, 0.7, 0.7))
    rows = np.linspace(-1, 1, side)
    inside = rows[:, None] ** 2 + rows[None, :] ** 2 < 0.7
    noise = np.random.default_rng(7).integers(-60, 60, (side, side))
    picture = np.where(inside, np.where(np.abs(rows) < 0.5, -820, 40), -960) + noise
    hu = np.empty(geometry.shape_kji, dtype=np.int16)
    for k in range(slices):
        hu[k] = np.roll(picture, k, axis=1)
    aside = folder.with_suffix(".part")
    write_series(aside, Volume(geometry, hu))
    aside.rename(folder)
    return folder


def jpeg_2000_series(setting: Setting, source: Path, slices: int = 60) -> Path:
    """The first slices of a scan as JPEG 2000, written if it is not there yet."""
    import pydicom
    from pydicom.pixels import compress
    from pydicom.uid import JPEG2000Lossless

    folder = setting.work / f"jpeg-2000-{slices}"
    if folder.is_dir():
        return folder
    aside = folder.with_suffix(".part")
    aside.mkdir(exist_ok=True)
    for file in sorted(source.glob("*.dcm"))[:slices]:
        dataset = pydicom.dcmread(file)
        dataset.decompress(generate_instance_uid=False)
        compress(dataset, JPEG2000Lossless, generate_instance_uid=False)
        dataset.save_as(aside / file.name)
    aside.rename(folder)
    return folder


def jpeg_ls_series(setting: Setting, slices: int = 400) -> Path:
    """A folder of JPEG-LS slices, written if it is not there yet.

    Of a real scan's streams where one is at hand, up and down again as often as need be, each
    slice 1 mm above the last; else (and tiny, 3 slices) of the plain series, compressed here.
    """
    import pydicom
    from pydicom.uid import JPEGLSLossless, generate_uid

    slices = 3 if setting.tiny else slices
    folder = setting.work / f"jpeg-ls-{slices}"
    if folder.is_dir():
        return folder
    real = None if setting.tiny else real_scan("LIDC-IDRI-0001")
    source = real or plain_series(setting)
    read = [pydicom.dcmread(path) for path in source.glob("*.dcm")]
    read.sort(key=lambda dataset: float(dataset.ImagePositionPatient[2]))
    aside = folder.with_suffix(".part")
    aside.mkdir(exist_ok=True)
    for k in range(slices):
        turn = k % (2 * len(read) - 2)
        dataset = read[min(turn, 2 * len(read) - 2 - turn)]
        if not dataset.file_meta.TransferSyntaxUID.is_encapsulated:
            dataset.compress(JPEGLSLossless, generate_instance_uid=False)
        dataset.ImagePositionPatient[2] = float(k)
        dataset.SOPInstanceUID = generate_uid(entropy_srcs=["hilum-bench", str(k)])
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.InstanceNumber = k + 1
        dataset.save_as(aside / f"{k:04d}.dcm")
    aside.rename(folder)
    return folder


def phantom(setting: Setting) -> Phantom:
    """The synthetic chest, with its true lungs: 300 x 512 x 512 (tiny: 24 x 64 x 64)."""
    from ai.phantom.chest import chest

    return chest("tiny" if setting.tiny else "full")


def phantom_series(setting: Setting) -> Path:
    """The folder of that chest's slices, written if it is not there yet."""
    from ai.phantom.chest import grid
    from viewer.dicom.demo import header_of, write_phantom

    size = "tiny" if setting.tiny else "full"
    folder = setting.work / f"phantom-{size}"
    there = sorted(folder.glob("*/*.dcm"))
    if len(there) == grid(size).shape_kji[0]:
        return there[0].parent
    return write_phantom(folder, phantom(setting), header_of(size, 7))
