"""A key object selection document: which images of the CT the reader points at.

Source: DICOM PS3.3 A.35.4 and C.17.6, PS3.16 TID 2010.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from viewer.dicom.written.derived import (
    copy_patient_and_study,
    file_meta,
    first_header,
    must_be_nameable,
    references,
    say_maker,
    say_when,
    write_whole,
)
from viewer.dicom.written.ko_content import KoContent
from viewer.dicom.written.seg_frames import is_multi_frame
from viewer.dicom.written.sr_items import CONCEPT_MOD, CONTAINS, code, container, dcm, picture, text
from viewer.dicom.written.sr_parts import ENGLISH, LANGUAGE, observers

KEY_OBJECT_SELECTION: Final = "1.2.840.10008.5.1.4.1.1.88.59"
OF_INTEREST: Final = dcm("113000", "Of Interest")


def write_ko(path: Path, content: KoContent) -> None:
    """Write the document to a path that must be free, and force it to the disk.

    Raises BadInput where the CT can no longer be read, OSError where the disk refuses.
    """
    write_whole(path, ko_dataset(content))


def ko_dataset(content: KoContent) -> Dataset:
    """The whole document as a dataset with its file meta information."""
    if not content.slices:
        raise ValueError("a selection needs at least one image")
    series = content.series
    must_be_nameable(series)
    out = Dataset()
    copy_patient_and_study(out, first_header(series), series.study_uid)
    out.SOPClassUID = KEY_OBJECT_SELECTION
    out.SOPInstanceUID = content.instance_uid
    out.SeriesInstanceUID = content.series_uid
    out.Modality = "KO"
    out.SeriesNumber = content.series_number
    out.SeriesDescription = content.series_description[:64]
    out.InstanceNumber = 1
    say_when(out, content.made_at)
    say_maker(out, (), "")
    out.ReferencedPerformedProcedureStepSequence = Items()
    out.CurrentRequestedProcedureEvidenceSequence = Items([_evidence(content)])
    out.update(container(OF_INTEREST, _selected(content), template="2010"))
    out.file_meta = file_meta(out)
    return out


def _evidence(content: KoContent) -> Dataset:
    series = content.series
    pieces = [series.slices[k] for k in content.slices]
    listed = Dataset()
    listed.SeriesInstanceUID = series.uid
    listed.ReferencedSOPSequence = references(
        (piece.sop_class_uid, piece.sop_instance_uid) for piece in pieces
    )
    study = Dataset()
    study.StudyInstanceUID = series.study_uid
    study.ReferencedSeriesSequence = Items([listed])
    return study


def _selected(content: KoContent) -> Iterator[Dataset]:
    """What stands below the title, in the order of TID 2010."""
    yield code(CONCEPT_MOD, LANGUAGE, ENGLISH)
    yield from observers(content.reader, content.device_uid)
    yield text(CONTAINS, dcm("113012", "Key Object Description"), content.description)
    multi = is_multi_frame(content.series)
    for k in content.slices:
        piece = content.series.slices[k]
        frames = (piece.frame + 1,) if multi else ()
        yield picture(piece.sop_class_uid, piece.sop_instance_uid, frames=frames)
