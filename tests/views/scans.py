"""Small made-up scans for the panes, placed in the patient as real scanners place them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from ai.scan.volume import Volume
from viewer.dicom.series import Patient, Series, SliceFile

AIR, TISSUE = -1000, 200

# Rows and columns of the image in the patient, by how the patient lies in the scanner: columns run
# down to the table, and rows so that the image is seen along the bore.
POSITIONS = {
    "HFS": ((1, 0, 0), (0, 1, 0)),
    "HFP": ((-1, 0, 0), (0, -1, 0)),
    "HFDR": ((0, 1, 0), (-1, 0, 0)),
    "HFDL": ((0, -1, 0), (1, 0, 0)),
    "FFS": ((-1, 0, 0), (0, 1, 0)),
    "FFP": ((1, 0, 0), (0, -1, 0)),
    "FFDR": ((0, -1, 0), (-1, 0, 0)),
    "FFDL": ((0, 1, 0), (1, 0, 0)),
}


def lying(
    position: str, *, shape_kji: tuple[int, int, int] = (40, 48, 52), mm: float = 2.0
) -> Geometry:
    """A grid round the patient's origin as a scan of a patient in that position has it."""
    row, column = (np.array(way, dtype=float) for way in POSITIONS[position])
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = np.cross(row, column) * mm, column * mm, row * mm
    affine[:3, 3] = -affine[:3, :3] @ (np.array(shape_kji) - 1) / 2
    return Geometry(shape_kji, affine)


def places(geometry: Geometry) -> np.ndarray:
    """(K, J, I, 3) LPS mm of every voxel."""
    index = np.stack(np.meshgrid(*map(np.arange, geometry.shape_kji), indexing="ij"), axis=-1)
    return geometry.lps_of(index)


def left_front_head(geometry: Geometry) -> Volume:
    """Air, with a block of tissue where left, front and head meet and nowhere else."""
    x, y, z = np.moveaxis(places(geometry), -1, 0)
    block = (x > 10) & (x < 30) & (y < -10) & (y > -30) & (z > 10) & (z < 30)
    return Volume(geometry, np.where(block, TISSUE, AIR).astype(np.int16))


def ramp(shape_kji: tuple[int, int, int] = (30, 64, 64)) -> Volume:
    """A scan along the axes, 2 mm, whose HU is ten times its slice index."""
    geometry = Geometry.axial(
        shape_kji, spacing_kji_mm=(2.0, 2.0, 2.0), origin_lps=(-63.0, -63.0, -29.0)
    )
    hu = np.zeros(shape_kji, dtype=np.int16) + 10 * np.arange(shape_kji[0])[:, None, None]
    return Volume(geometry, hu.astype(np.int16))


def two_balls(geometry: Geometry, *, radius_mm: float = 18.0, apart_mm: float = 30.0) -> LabelMap:
    """A ball on either side as lungs: 1 at the patient's right, 2 at the left."""
    where = places(geometry)
    labels = np.zeros(geometry.shape_kji, dtype=np.uint8)
    for label, x in ((1, -apart_mm), (2, apart_mm)):
        labels[np.linalg.norm(where - (x, 0, 0), axis=-1) <= radius_mm] = label
    return LabelMap(geometry, labels, LUNGS, MadeBy("test", "1"))


def series_of(volume: Volume, *, patient: Patient | None = None) -> Series:
    """A series as its headers would tell it; images are numbered from the head down."""
    count = volume.geometry.shape_kji[0]
    slices = tuple(
        SliceFile(Path(f"{k}.dcm"), f"1.{k}", "1", count - k, (0.0, 0.0, float(k)), "1")
        for k in range(count)
    )
    return Series(
        uid="1", study_uid="2", frame_of_reference="3", modality="CT", number=7,
        description="Thin", kernel="STANDARD", rows=volume.geometry.shape_kji[1],
        columns=volume.geometry.shape_kji[2], thickness_mm=2.0, original=True, axial=True,
        patient_position="HFS", study_date="20000102", study_description="Chest CT",
        patient=patient or Patient(name="Doe^Jane", id="P1", sex="F", age="064Y"),
        slices=slices, geometry=volume.geometry,
    )  # fmt: skip
