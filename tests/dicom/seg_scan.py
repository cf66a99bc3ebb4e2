"""Small CT series written to disk with their `Series`, for the tests of SEG and export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from pydicom.valuerep import DSfloat

from ai.scan.finding import BoxMask, Finding, Measurement
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from viewer.dicom.series import Patient, Series, SliceFile

ROOT = "1.2.826.0.1.3680043.8.498.77"
AXIAL = np.array([[1.0, 0, 0], [0, 1.0, 0]])
BY_MODEL = MadeBy("nodules-log", "1.0")


@dataclass(frozen=True, eq=False)
class Grid:
    """How a synthetic scan lies: heights of its slices along the normal (mm), rising."""

    heights_mm: tuple[float, ...] = (0.0, 2.5, 5.0, 7.5, 10.0, 12.5)
    rows: int = 24
    columns: int = 20
    pixel_spacing_mm: tuple[float, float] = (0.6, 0.8)
    row_lps: tuple[float, float, float] = (1.0, 0.0, 0.0)
    column_lps: tuple[float, float, float] = (0.0, 1.0, 0.0)
    origin_lps: tuple[float, float, float] = (-40.25, -31.5, 7.125)
    patient_position: str = "HFS"


def write_scan(folder: Path, grid: Grid, *, study: str = "1", series: str = "1") -> Series:
    """The CT files of a grid in `folder`, stored head first, and their Series in rising order."""
    folder.mkdir(parents=True, exist_ok=True)
    normal = np.cross(grid.row_lps, grid.column_lps)
    uids = {name: f"{ROOT}.{study}.{part}" for name, part in (("study", "1"), ("frame", "2"))}
    uid = f"{ROOT}.{study}.3.{series}"
    slices = []
    count = len(grid.heights_mm)
    for k, height in enumerate(grid.heights_mm):
        number = count - k
        header = _header(grid, uids, uid)
        header.SOPInstanceUID = f"{uid}.{number}"
        header.InstanceNumber = number
        position = [DSfloat(v, auto_format=True) for v in grid.origin_lps + height * normal]
        header.ImagePositionPatient = position
        header.PixelData = np.zeros((grid.rows, grid.columns), "<i2").tobytes()
        path = folder / f"{number:04d}.dcm"
        _save(header, path)
        slices.append(
            SliceFile(
                path,
                header.SOPInstanceUID,
                CTImageStorage,
                number,
                (float(position[0]), float(position[1]), float(position[2])),
                ExplicitVRLittleEndian,
            )
        )
    return Series(
        uid=uid,
        study_uid=uids["study"],
        frame_of_reference=uids["frame"],
        modality="CT",
        number=3,
        description="CHEST",
        kernel="B60f",
        rows=grid.rows,
        columns=grid.columns,
        thickness_mm=2.5,
        original=True,
        axial=True,
        patient_position=grid.patient_position,
        study_date="20260102",
        study_description="",
        patient=Patient("Doe^Jane", "P1"),
        slices=tuple(slices),
        geometry=_geometry(grid, np.array([s.position_lps for s in slices]), uids["frame"]),
    )


def _geometry(grid: Grid, positions: NDArray[np.float64], frame: str) -> Geometry:
    affine = np.eye(4)
    step = (positions[-1] - positions[0]) / max(1, len(positions) - 1)
    if len(positions) == 1:
        step = np.cross(grid.row_lps, grid.column_lps)
    affine[:3, 0] = step
    affine[:3, 1] = np.array(grid.column_lps) * grid.pixel_spacing_mm[0]
    affine[:3, 2] = np.array(grid.row_lps) * grid.pixel_spacing_mm[1]
    affine[:3, 3] = positions[0]
    return Geometry((len(positions), grid.rows, grid.columns), affine, frame)


def _header(grid: Grid, uids: dict[str, str], series: str) -> Dataset:
    out = Dataset()
    out.SpecificCharacterSet = "GB18030"
    out.SOPClassUID = CTImageStorage
    out.Modality, out.PatientName, out.PatientID = "CT", "Wang^XiaoDong=王^小东", "P1"
    out.PatientBirthDate, out.PatientSex, out.PatientAge = "19500101", "F", "076Y"
    out.StudyInstanceUID, out.FrameOfReferenceUID = uids["study"], uids["frame"]
    out.SeriesInstanceUID, out.SeriesNumber = series, 3
    out.StudyDate, out.StudyTime, out.AccessionNumber = "20260102", "101112", "A1"
    out.StudyID, out.ReferringPhysicianName, out.Manufacturer = "7", "", "Maker"
    out.ImageOrientationPatient = [
        DSfloat(v, auto_format=True) for v in (*grid.row_lps, *grid.column_lps)
    ]
    out.PixelSpacing = [DSfloat(v, auto_format=True) for v in grid.pixel_spacing_mm]
    out.SliceThickness, out.PositionReferenceIndicator = "2.5", ""
    out.Rows, out.Columns, out.SamplesPerPixel = grid.rows, grid.columns, 1
    out.PhotometricInterpretation = "MONOCHROME2"
    out.BitsAllocated, out.BitsStored, out.HighBit, out.PixelRepresentation = 16, 16, 15, 1
    out.RescaleSlope, out.RescaleIntercept = 1, 0
    return out


def _save(header: Dataset, path: Path) -> None:
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    pydicom.dcmwrite(path, header, enforce_file_format=True)


def lungs_on(series: Series, labels: NDArray[np.uint8]) -> LabelMap:
    """A lung label map of the classical model on a series."""
    assert series.geometry is not None
    return LabelMap(series.geometry, labels, LUNGS, MadeBy("lungs-classical", "1.0"))


def two_lungs(series: Series) -> LabelMap:
    """A block for each lung, the left one with two empty slices in its middle where it can."""
    count = len(series.slices)
    labels = np.zeros((count, series.rows, series.columns), np.uint8)
    half = series.columns // 2
    labels[:, 2:-2, 1 : half - 1] = 1
    labels[:, 3:-1, half + 1 :] = 2
    if count > 4:
        labels[2:4, :, half:] = 0
    return lungs_on(series, labels)


def nodule(
    series: Series,
    name: str,
    start_kji: tuple[int, int, int],
    voxels: NDArray[np.bool_],
    *,
    made_by: MadeBy = BY_MODEL,
    zone: str = "RUZ",
) -> Finding:
    """A finding with these voxels; its figures are plausible, not measured."""
    assert series.geometry is not None
    centre = np.add(start_kji, np.array(voxels.shape) / 2 - 0.5)
    x, y, z = (float(v) for v in series.geometry.lps_of(centre))
    k = min(len(series.slices) - 1, int(centre[0]))
    figures = Measurement(9.0, 7.4, 8.2, 288.7, -35.0, -120.0, 20.0, "solid")
    return Finding(
        name, "nodule", (x, y, z), k, zone, 0.7, figures, made_by, (), BoxMask(start_kji, voxels)
    )


def open_scan(folder: Path) -> Series:
    """The one axial CT series of a folder, read plainly (the tests' own, simplest reading)."""
    headers = [
        (path, pydicom.dcmread(path, stop_before_pixels=True)) for path in folder.glob("*.dcm")
    ]
    first = headers[0][1]
    turned = np.array(first.ImageOrientationPatient, float)
    normal = np.cross(turned[:3], turned[3:])

    def place(header: Dataset) -> NDArray[np.float64]:
        return np.array(header.ImagePositionPatient, float)

    headers.sort(key=lambda pair: float(place(pair[1]) @ normal))
    down, across = map(float, first.PixelSpacing)
    grid = Grid(
        rows=first.Rows,
        columns=first.Columns,
        pixel_spacing_mm=(down, across),
        row_lps=tuple(turned[:3]),
        column_lps=tuple(turned[3:]),
    )
    positions = np.array([place(header) for _, header in headers])
    slices = tuple(
        SliceFile(
            path,
            header.SOPInstanceUID,
            header.SOPClassUID,
            int(header.InstanceNumber),
            tuple(map(float, header.ImagePositionPatient)),
            header.file_meta.TransferSyntaxUID,
        )
        for path, header in headers
    )
    return Series(
        uid=first.SeriesInstanceUID,
        study_uid=first.StudyInstanceUID,
        frame_of_reference=first.FrameOfReferenceUID,
        modality="CT",
        number=int(first.SeriesNumber),
        description="",
        kernel="",
        rows=first.Rows,
        columns=first.Columns,
        thickness_mm=float(first.SliceThickness),
        original=True,
        axial=True,
        patient_position="",
        study_date="",
        study_description="",
        patient=Patient(),
        slices=slices,
        geometry=_geometry(grid, positions, first.FrameOfReferenceUID),
    )
