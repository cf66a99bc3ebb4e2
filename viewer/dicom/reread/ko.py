"""A second pair of eyes on a key object selection: the images that the file really names.

Like the other re-readers it shares no module with the writer: pydicom only.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from viewer.dicom.reread.seg import UnreadableError


@dataclass(frozen=True)
class KoSeen:
    """A document as it stands in the file. images: instance UID and frames of each, in order.

    title: scheme and value. described: the description. reader: the person, or empty.
    """

    instance_uid: str
    study_uid: str
    title: tuple[str, str]
    described: str
    reader: str
    images: tuple[tuple[str, tuple[int, ...]], ...]


def reread_ko(path: Path, ct_slice: Path) -> KoSeen:
    """The document at `path`. ct_slice: one file of the CT.

    Raises UnreadableError where it cannot be read, is of another patient or study, or names an
    image that is not among its evidence.
    """
    try:
        document = _read(path)
        _must_belong(document, _read(ct_slice))
        seen = _seen(document)
        if {uid for uid, _ in seen.images} != _evidence(document):
            raise UnreadableError("its evidence is not the images that it names")
    except (AttributeError, IndexError, ValueError, TypeError) as error:
        raise UnreadableError(f"it is no whole key object selection: {error}") from error
    return seen


def _read(path: Path) -> Dataset:
    try:
        return pydicom.dcmread(path, stop_before_pixels=True, force=True)
    except (OSError, InvalidDicomError, ValueError, NotImplementedError, struct.error) as error:
        raise UnreadableError(f"{path.name} cannot be read") from error


def _must_belong(document: Dataset, ct: Dataset) -> None:
    for keyword, name in (("StudyInstanceUID", "study"), ("PatientID", "patient")):
        if str(document.get(keyword, "")) != str(ct.get(keyword, "")):
            raise UnreadableError(f"its {name} is not that of the CT")


def _seen(document: Dataset) -> KoSeen:
    (title,) = document.ConceptNameCodeSequence
    images, described, reader = [], [], ""
    for item in document.ContentSequence:
        if item.ValueType == "IMAGE":
            (reference,) = item.ReferencedSOPSequence
            images.append((str(reference.ReferencedSOPInstanceUID), _frames(reference)))
        elif item.ValueType == "TEXT" and _concept(item) == "113012":
            described.append(str(item.TextValue))
        elif item.ValueType == "PNAME":
            reader = str(item.PersonName)
    if len(described) != 1:
        raise UnreadableError(f"it is described {len(described)} times")
    return KoSeen(
        instance_uid=str(document.SOPInstanceUID),
        study_uid=str(document.StudyInstanceUID),
        title=(str(title.CodingSchemeDesignator), str(title.CodeValue)),
        described=described[0],
        reader=reader,
        images=tuple(images),
    )


def _frames(reference: Dataset) -> tuple[int, ...]:
    told = reference.get("ReferencedFrameNumber")
    if told is None:
        return ()
    return tuple(int(frame) for frame in (told if hasattr(told, "__iter__") else [told]))


def _concept(item: Dataset) -> str:
    (name,) = item.ConceptNameCodeSequence
    return str(name.CodeValue)


def _evidence(document: Dataset) -> set[str]:
    return {
        str(instance.ReferencedSOPInstanceUID)
        for study in document.CurrentRequestedProcedureEvidenceSequence
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    }
