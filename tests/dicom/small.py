"""Small CT series on disk for tests, written by pydicom alone, every oddity an argument away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian

ORIGIN = (-40.0, -30.0, 100.0)
SPACING = (2.0, 3.0)
"""Row and column spacing in mm."""
STEP = 2.5
ROWS, COLUMNS = 40, 36
"""JPEG 2000 encoders refuse pictures below 32 pixels a side."""

Edit = Callable[[Dataset, int], None]


def nothing(dataset: Dataset, k: int) -> None:
    """No oddity."""


def hu_of(slices: int = 6) -> NDArray[np.int16]:
    """A volume (k, j, i) with air in it in which every voxel differs from its neighbours."""
    k, j, i = np.mgrid[0:slices, 0:ROWS, 0:COLUMNS]
    return (-1000 + 100 * k + 10 * j + i).astype(np.int16)


def write_ct(
    folder: Path,
    *,
    series: str = "1.2.3.1",
    number: int = 1,
    hu: NDArray[np.int16] | None = None,
    z_mm: Sequence[float] | None = None,
    edit: Edit = nothing,
    implicit: bool = False,
) -> list[Path]:
    """Write one axial series, a file for each slice, rising in z; edit changes each data set."""
    folder.mkdir(parents=True, exist_ok=True)
    hu = hu_of() if hu is None else hu
    places = [ORIGIN[2] + STEP * k for k in range(len(hu))] if z_mm is None else list(z_mm)
    files = []
    for k, (plane, z) in enumerate(zip(hu, places, strict=True)):
        dataset = _slice(series, number, k, z, plane)
        edit(dataset, k)
        path = folder / f"{number}-{k:03d}.dcm"
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = (
            ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
        )
        dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.save_as(path, enforce_file_format=True)
        files.append(path)
    return files


def _slice(series: str, number: int, k: int, z: float, plane: NDArray[np.int16]) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = f"{series}.{k + 1}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", series
    dataset.FrameOfReferenceUID = "1.2.3.9"
    dataset.Modality, dataset.ImageType = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.PatientName, dataset.PatientID = "Phantom^Small", "P1"
    dataset.SeriesNumber, dataset.InstanceNumber = number, k + 1
    dataset.SliceThickness, dataset.ConvolutionKernel = STEP, "STANDARD"
    dataset.ImagePositionPatient = [ORIGIN[0], ORIGIN[1], z]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = list(SPACING)
    dataset.Rows, dataset.Columns = plane.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = 1
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
    dataset.PixelData = (plane.astype(np.int32) + 1024).astype("<i2").tobytes()
    return dataset
