"""What every object made of a CT shares: its patient and study, who made it, how it is stored."""

from __future__ import annotations

import os
import struct
import warnings
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

import pydicom
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.sequence import Sequence as Items
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRLittleEndian

from ai.errors import BadInput
from ai.scan.labelmap import Code, MadeBy
from viewer import __version__
from viewer.dicom.series import Series
from viewer.dicom.written.seg_items import LONG_STRING, coded

MAKER: Final = "Hilum"
PROCESSING_EQUIPMENT: Final = Code("109102", "DCM", "Processing Equipment")

NEEDED: Final = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
)
"""Copied from the CT, written empty where the CT has none (type 2)."""
OPTIONAL: Final = (
    "IssuerOfPatientID",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "LongitudinalTemporalInformationModified",
    "StudyDescription",
    "TimezoneOffsetFromUTC",
)
"""Copied where the CT has them."""


def write_whole(path: Path, dataset: Dataset) -> None:
    """Write a dataset to a path that must be free, and force it to the disk. Raises OSError."""
    with path.open("xb") as stream:
        pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
        stream.flush()
        os.fsync(stream.fileno())


def first_header(series: Series) -> Dataset:
    """The header of the series' first slice, read again from its file."""
    path = series.slices[0].path
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd values of the scanner are no news here
            # force: slices without a preamble open in the viewer, so they must export too
            return pydicom.dcmread(path, stop_before_pixels=True, force=True)
    except (OSError, InvalidDicomError, ValueError, struct.error) as error:
        raise BadInput(
            f"The CT slice {path.name} can no longer be read, so nothing was exported.",
            "Check that the study's folder is still there, then export again.",
        ) from error


def must_be_nameable(series: Series) -> None:
    """Raises BadInput where the CT lacks a UID that ties other objects to it."""
    for uid, name in (
        (series.study_uid, "study UID"),
        (series.uid, "series UID"),
        (series.frame_of_reference, "frame of reference UID"),
    ):
        if not uid:
            raise BadInput(
                f"This CT has no {name}: a DICOM-SEG could not be tied to it, so none was written.",
                "Get the study again from where it came from.",
            )


def copy_patient_and_study(out: Dataset, header: Dataset, study_uid: str) -> None:
    """Patient and study as the CT tells them, and nothing that the standard does not allow."""
    # Everything is re-encoded as Unicode: names in any of the older character sets stay whole.
    out.SpecificCharacterSet = "ISO_IR 192"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for keyword in NEEDED:
            value = header.get(keyword)
            text = value if value is None or keyword != "PatientName" else str(value)
            setattr(out, keyword, "" if text is None else text)
        for keyword in OPTIONAL:
            carry_on(out, header, keyword)
    out.StudyInstanceUID = study_uid


def carry_on(out: Dataset, header: Dataset, keyword: str) -> None:
    """Copy one optional value of the CT, unless it is not what the standard allows there."""
    try:
        value = header.get(keyword)
        if value is None or value == "" or (isinstance(value, str) and not value.isprintable()):
            return
        element = DataElement(
            Tag(keyword), dictionary_VR(keyword), value, validation_mode=pydicom.config.RAISE
        )
    except (ValueError, TypeError, NotImplementedError):
        return
    out.add(element)


def say_when(out: Dataset, made_at: datetime) -> None:
    """One moment for series, content and instance."""
    date, time = made_at.strftime("%Y%m%d"), made_at.strftime("%H%M%S")
    out.SeriesDate, out.SeriesTime = date, time
    out.ContentDate, out.ContentTime = date, time
    out.InstanceCreationDate, out.InstanceCreationTime = date, time


def say_maker(out: Dataset, models: Iterable[MadeBy], what: str) -> None:
    """Hilum as the equipment, and each model as a contributor; what: the part they had in it."""
    out.Manufacturer = MAKER
    out.ManufacturerModelName = MAKER
    out.DeviceSerialNumber = "none"
    out.SoftwareVersions = __version__
    equipment = []
    for card, version in sorted({(model.card, model.version) for model in models}):
        item = Dataset()
        item.PurposeOfReferenceCodeSequence = coded(PROCESSING_EQUIPMENT)
        item.Manufacturer = MAKER
        item.ManufacturerModelName = card[:LONG_STRING]
        item.SoftwareVersions = [told for told in (__version__, version[:LONG_STRING]) if told]
        item.ContributionDescription = f"{what}; research use only"
        equipment.append(item)
    if equipment:
        out.ContributingEquipmentSequence = Items(equipment)


def references(instances: Iterable[tuple[str, str]]) -> Items:
    """SOP class and instance UIDs as references, each once."""
    made = []
    for sop_class, uid in dict.fromkeys(instances):
        item = Dataset()
        item.ReferencedSOPClassUID = sop_class
        item.ReferencedSOPInstanceUID = uid
        made.append(item)
    return Items(made)


def file_meta(dataset: Dataset) -> FileMetaDataset:
    """The file meta information: plain, readable anywhere."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationVersionName = f"HILUM {__version__}"[:16]
    return meta
