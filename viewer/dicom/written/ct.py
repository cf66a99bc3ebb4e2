"""Writes a volume as an ordinary CT series, one file per slice."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from ai.progress import OnProgress, ignore
from ai.scan.geometry import Geometry
from ai.scan.volume import Volume

Cosines = tuple[float, float, float, float, float, float]

SCANNED_AS: dict[str, Cosines] = {
    "HFS": (1, 0, 0, 0, 1, 0),
    "HFP": (-1, 0, 0, 0, -1, 0),
    "FFS": (-1, 0, 0, 0, 1, 0),
    "FFP": (1, 0, 0, 0, -1, 0),
    "HFDR": (0, 1, 0, -1, 0, 0),
    "HFDL": (0, -1, 0, 1, 0, 0),
    "FFDR": (0, -1, 0, -1, 0, 0),
    "FFDL": (0, 1, 0, 1, 0, 0),
}
"""How each patient position is stored by a scanner that keeps its picture upright in the room:
cosines of a row, then of a column, in LPS. Down is where the couch is; slices run into the bore.
"""

IMPLEMENTATION_UID = "2.25.86172219137251935407921655018302274631"
STORED_ZERO_HU = -1024


def uid_of(*words: object) -> str:
    """A UID that is always the same for the same words (2.25 and 128 bits of their SHA-256)."""
    digest = hashlib.sha256("\n".join(str(w) for w in words).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


@dataclass(frozen=True)
class SeriesHeader:
    """What is written of patient, study and series. UIDs left empty are made from `seed`."""

    patient_name: str = "Phantom^Chest"
    patient_id: str = "HILUM-TEST"
    issuer: str = ""
    patient_sex: str = "O"
    patient_age: str = "060Y"
    patient_birth_date: str = "19660101"
    study_date: str = "20260101"
    study_time: str = "120000"
    study_description: str = "Chest CT"
    series_description: str = "Chest lung"
    series_number: int = 2
    kernel: str = "B50f"
    seed: str = "hilum"
    study_uid: str = ""
    series_uid: str = ""
    frame_of_reference: str = ""


def as_scanned(volume: Volume, patient_position: str) -> Volume:
    """The same patient, with voxels in the order that a scan in that position stores them.

    volume: on an axial grid (Geometry.axial). No voxel changes its value or its place in LPS.
    Raises KeyError for a position that DICOM does not know (PS3.3 C.7.3.1.1.2).
    """
    row, column = np.array(SCANNED_AS[patient_position], dtype=float).reshape(2, 3)
    wanted = (np.cross(row, column), column, row)
    hu, affine = volume.hu, volume.geometry.affine
    source = [int(np.argmax(np.abs(w @ volume.geometry.directions))) for w in wanted]
    start = np.zeros(3)
    new = affine.copy()
    flips = [slice(None)] * 3
    for axis, (want, old) in enumerate(zip(wanted, source, strict=True)):
        new[:3, axis] = affine[:3, old]
        if want @ affine[:3, old] < 0:
            start[old] = volume.hu.shape[old] - 1
            flips[axis] = slice(None, None, -1)
            new[:3, axis] *= -1
    new[:3, 3] = volume.geometry.lps_of(start)
    turned = np.ascontiguousarray(hu.transpose(source)[tuple(flips)])
    return Volume(Geometry(turned.shape, new, volume.geometry.frame_of_reference), turned)


def write_series(
    folder: Path,
    volume: Volume,
    *,
    header: SeriesHeader = SeriesHeader(),
    patient_position: str = "HFS",
    transfer_syntax: str = ExplicitVRLittleEndian,
    drop: Collection[int] = (),
    shuffled: bool = False,
    intercept_hu: int = STORED_ZERO_HU,
    signed: bool = False,
    on_progress: OnProgress = ignore,
) -> tuple[Path, ...]:
    """Paths of the files written, in the order of the volume's slices; the folder is made.

    Geometry comes from the volume, oblique or tilted as it may be; for another patient position
    give as_scanned(volume, position) and the position. transfer_syntax: also a compressed one that
    pydicom can write. drop: slices (k) to leave out, for a gap. shuffled: instance numbers and file
    names follow no order. Stored values are HU minus intercept_hu, in 12 bits where they fit.
    Raises ValueError where a stored value would not fit in 16 bits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lowest, highest = int(volume.hu.min()) - intercept_hu, int(volume.hu.max()) - intercept_hu
    low, high = (-(2**15), 2**15 - 1) if signed else (0, 2**16 - 1)
    if lowest < low or highest > high:
        raise ValueError(f"stored values {lowest} to {highest} do not fit in 16 bits")
    bits = 12 if not signed and highest < 4096 else 16
    common = _common(volume.geometry, header, patient_position)
    _pixel_format(common, bits, signed, intercept_hu)
    kept = [k for k in range(volume.hu.shape[0]) if k not in drop]
    numbers = np.arange(1, len(kept) + 1)
    if shuffled:
        numbers = np.random.default_rng(len(kept)).permutation(numbers)
    paths = []
    for done, (k, number) in enumerate(zip(kept, numbers, strict=True), start=1):
        stored = (volume.hu[k].astype(np.int32) - intercept_hu).astype("<i2" if signed else "<u2")
        path = folder / f"{number:04d}.dcm"
        _write_slice(path, common, volume.geometry, k, int(number), stored, transfer_syntax)
        paths.append(path)
        on_progress(done / len(kept), "Writing the series")
    return tuple(paths)


def _write_slice(
    path: Path,
    common: Dataset,
    geometry: Geometry,
    k: int,
    number: int,
    stored: NDArray[np.integer],
    transfer_syntax: str,
) -> None:
    slice_ = Dataset()
    slice_.update(common)
    slice_.SOPInstanceUID = uid_of(common.SeriesInstanceUID, "slice", k)
    slice_.InstanceNumber = number
    corner = geometry.lps_of((k, 0, 0))
    slice_.ImagePositionPatient = [_decimal(v) for v in corner]
    slice_.SliceLocation = _decimal(float(corner @ geometry.directions[:, 0]))
    slice_.PixelData = stored.tobytes()
    slice_["PixelData"].VR = "OW"
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = UID(slice_.SOPInstanceUID)
    meta.TransferSyntaxUID = UID(transfer_syntax)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    meta.ImplementationVersionName = "HILUM"
    slice_.file_meta = meta
    if meta.TransferSyntaxUID.is_compressed:
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        slice_.compress(transfer_syntax, generate_instance_uid=False)
    slice_.save_as(path, enforce_file_format=True)


def _decimal(value: float) -> str:
    """A DICOM decimal string: at most 16 characters, never an exponent."""
    text = f"{value:.8f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text[:16]


def _common(geometry: Geometry, header: SeriesHeader, patient_position: str) -> Dataset:
    """All that the slices of a series share (PS3.3 A.3.3, CT Image IOD)."""
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.SOPClassUID = CTImageStorage
    for part in ("Study", "Series", "Acquisition", "Content"):
        setattr(ds, f"{part}Date", header.study_date)
        setattr(ds, f"{part}Time", header.study_time)
    ds.AccessionNumber = ds.ReferringPhysicianName = ""
    ds.StudyID = "1"
    ds.Modality, ds.BodyPartExamined = "CT", "CHEST"
    ds.Manufacturer, ds.ManufacturerModelName = "Hilum", "Chest phantom"
    ds.SoftwareVersions, ds.DeviceSerialNumber = "1", "1"
    ds.StudyDescription, ds.SeriesDescription = header.study_description, header.series_description
    ds.PatientName, ds.PatientID = header.patient_name, header.patient_id
    if header.issuer:
        ds.IssuerOfPatientID = header.issuer
    ds.PatientSex, ds.PatientAge = header.patient_sex, header.patient_age
    ds.PatientBirthDate = header.patient_birth_date
    between, down, across = geometry.spacing_kji_mm
    ds.SliceThickness = _decimal(between)
    ds.KVP, ds.ConvolutionKernel, ds.PatientPosition = "120", header.kernel, patient_position
    ds.StudyInstanceUID = header.study_uid or uid_of(header.seed, "study")
    ds.SeriesInstanceUID = header.series_uid or uid_of(header.seed, "series")
    ds.FrameOfReferenceUID = header.frame_of_reference or uid_of(header.seed, "frame")
    ds.PositionReferenceIndicator = ""
    ds.SeriesNumber, ds.AcquisitionNumber = header.series_number, 1
    turn = geometry.directions
    ds.ImageOrientationPatient = [_decimal(v) for v in (*turn[:, 2], *turn[:, 1])]
    ds.PixelSpacing = [_decimal(down), _decimal(across)]
    ds.Rows, ds.Columns = geometry.shape_kji[1:]
    ds.WindowCenter, ds.WindowWidth = "-600", "1500"
    return ds


def _pixel_format(ds: Dataset, bits: int, signed: bool, intercept_hu: int) -> None:
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, bits, bits - 1
    ds.PixelRepresentation = int(signed)
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = str(intercept_hu), "1", "HU"
