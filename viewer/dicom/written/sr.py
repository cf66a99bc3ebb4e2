"""A measurement report of one CT series: Comprehensive 3D SR, template TID 1500.

One measurement group (TID 1411) per segment of the SEGs that went out with it, under the same
Tracking UID, and one for each drawing of the reader. Built by hand: a reference to the only segment
of a SEG is where libraries fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from ai.scan.labelmap import Code
from viewer.dicom.series import Series, SliceFile
from viewer.dicom.written.algorithm import NOT_TOLD, parameters_of
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
from viewer.dicom.written.seg_frames import is_multi_frame
from viewer.dicom.written.sr_content import (
    OWN_SCHEME,
    SrBefore,
    SrContent,
    SrGroup,
    SrNumber,
    SrVerified,
)
from viewer.dicom.written.sr_drawn import drawn_group
from viewer.dicom.written.sr_items import (
    CONCEPT_MOD,
    CONTAINS,
    OBS_CONTEXT,
    below,
    code,
    container,
    dcm,
    image,
    number,
    picture,
    text,
    uid,
)
from viewer.dicom.written.sr_parts import ENGLISH, LANGUAGE, observers

COMPREHENSIVE_3D_SR: Final = "1.2.840.10008.5.1.4.1.1.88.34"
SEGMENTATION_STORAGE: Final = "1.2.840.10008.5.1.4.1.1.66.4"
TITLE: Final = dcm("126000", "Imaging Measurement Report")
QUALITATIVE: Final = Code("C0034375", "UMLS", "Qualitative Evaluations")
CT_OF_CHEST: Final = Code("169069000", "SCT", "CT of chest")


def write_sr(path: Path, content: SrContent) -> None:
    """Write the report to a path that must be free, and force it to the disk.

    Raises BadInput where the CT can no longer be read, OSError where the disk refuses.
    """
    write_whole(path, sr_dataset(content))


def sr_dataset(content: SrContent) -> Dataset:
    """The whole report as a dataset with its file meta information."""
    if not content.groups and not content.drawn:
        raise ValueError("a report needs at least one measurement group")
    series = content.series
    must_be_nameable(series)
    out = Dataset()
    copy_patient_and_study(out, first_header(series), series.study_uid)
    _say_what_it_is(out, content)
    models = [group.made_by for group in content.groups if group.made_by is not None]
    say_maker(out, models, "Model that drew what was measured")
    out.update(container(TITLE, _root(content), template="1500"))
    out.file_meta = file_meta(out)
    return out


def _say_what_it_is(out: Dataset, content: SrContent) -> None:
    out.SOPClassUID = COMPREHENSIVE_3D_SR
    out.SOPInstanceUID = content.instance_uid
    out.SeriesInstanceUID = content.series_uid
    out.Modality = "SR"
    out.SeriesNumber = content.series_number
    out.SeriesDescription = content.description[:64]
    out.InstanceNumber = 1
    say_when(out, content.made_at)
    out.CompletionFlag = "COMPLETE"
    # only a person who gives a name can verify; a pseudonym or a rule cannot
    out.VerificationFlag = "VERIFIED" if content.verified else "UNVERIFIED"
    if content.verified is not None:
        out.VerifyingObserverSequence = Items([_verifying(content.verified)])
    out.ContentQualification = "RESEARCH"
    out.ReferencedPerformedProcedureStepSequence = Items()
    out.PerformedProcedureCodeSequence = Items()
    out.CurrentRequestedProcedureEvidenceSequence = Items([_evidence(content)])
    if any(_own_codes(group) for group in content.groups):
        out.CodingSchemeIdentificationSequence = Items([_own_scheme()])
    elsewhere = list(_other_studies(content))
    if elsewhere:
        out.PertinentOtherEvidenceSequence = Items(elsewhere)
    if content.before is not None:
        out.PredecessorDocumentsSequence = Items([_predecessor(content.before)])


def _own_codes(group: SrGroup) -> bool:
    """Whether a figure of the group is told by a code of our own."""
    codes = (code for figure in group.numbers for code in (figure.concept, figure.derivation))
    return any(one is not None and one.scheme == OWN_SCHEME for one in codes)


def _own_scheme() -> Dataset:
    """Whose the private codes are. Source: PS3.3 C.12.1.1.8.2."""
    item = Dataset()
    item.CodingSchemeDesignator = OWN_SCHEME
    item.CodingSchemeName = "Codes of Hilum"
    item.CodingSchemeResponsibleOrganization = "Hilum"
    return item


def _verifying(verified: SrVerified) -> Dataset:
    item = Dataset()
    item.VerifyingObserverName = verified.name
    item.VerifyingObserverIdentificationCodeSequence = Items()
    item.VerifyingOrganization = verified.organisation
    item.VerificationDateTime = verified.at
    return item


def _evidence(content: SrContent) -> Dataset:
    """Every instance of the study that the report rests on: whole CT series and each SEG."""
    series = content.series
    beside = [one for one in _drawn_on(content) if one.study_uid == series.study_uid]
    listed = [_whole(one) for one in (series, *beside)]
    segs = dict.fromkeys((g.segment.series_uid, g.segment.instance_uid) for g in content.groups)
    listed += [_listed(series_uid, [(SEGMENTATION_STORAGE, seg)]) for series_uid, seg in segs]
    return _study(series.study_uid, listed)


def _other_studies(content: SrContent) -> Iterator[Dataset]:
    """Series of other studies that a reader measured, a prior's. Source: PS3.3 C.17.2."""
    others = [one for one in _drawn_on(content) if one.study_uid != content.series.study_uid]
    for study in dict.fromkeys(one.study_uid for one in others):
        yield _study(study, [_whole(one) for one in others if one.study_uid == study])


def _drawn_on(content: SrContent) -> list[Series]:
    """Series that a drawing lies on beside the report's own, each once."""
    drawn = (d for d in content.drawn if d.series is not None and d.slices)
    return list({d.series.key: d.series for d in drawn if d.series is not None}.values())


def _study(uid: str, listed: list[Dataset]) -> Dataset:
    study = Dataset()
    study.StudyInstanceUID = uid
    study.ReferencedSeriesSequence = Items(listed)
    return study


def _whole(series: Series) -> Dataset:
    """Every instance of a CT series."""
    ct = [(piece.sop_class_uid, piece.sop_instance_uid) for piece in series.slices]
    return _listed(series.uid, ct)


def _listed(series_uid: str, instances: list[tuple[str, str]]) -> Dataset:
    item = Dataset()
    item.SeriesInstanceUID = series_uid
    item.ReferencedSOPSequence = references(instances)
    return item


def _predecessor(before: SrBefore) -> Dataset:
    item = Dataset()
    item.StudyInstanceUID = before.study_uid
    item.ReferencedSeriesSequence = Items(
        [_listed(before.series_uid, [(before.class_uid, before.instance_uid)])]
    )
    return item


def _root(content: SrContent) -> Iterator[Dataset]:
    """What stands below the title, in the order of TID 1500."""
    yield code(CONCEPT_MOD, LANGUAGE, ENGLISH)
    name = content.verified.name if content.verified else ""
    yield from observers(content.reader, content.device_uid, name=name)
    yield code(CONCEPT_MOD, dcm("121058", "Procedure reported"), CT_OF_CHEST)
    if content.key_images:
        yield _image_library(content)
    groups = [
        below(
            CONTAINS,
            container(
                dcm("125007", "Measurement Group"), _group(group, content.series), template="1411"
            ),
        )
        for group in content.groups
    ]
    groups += [below(CONTAINS, drawn_group(drawn, content.series)) for drawn in content.drawn]
    yield below(CONTAINS, container(dcm("126010", "Imaging Measurements"), groups))
    if content.remarks:
        told = [text(CONTAINS, dcm("121106", "Comment"), remark) for remark in content.remarks]
        yield below(CONTAINS, container(QUALITATIVE, told))


def _image_library(content: SrContent) -> Dataset:
    """The key images, as the report's library of images. Source: TID 1600, 1601."""
    shown = [_picture(content.series, k) for k in content.key_images]
    inner = below(CONTAINS, container(dcm("126200", "Image Library Group"), shown))
    return below(CONTAINS, container(dcm("111028", "Image Library"), [inner], template="1600"))


def _picture(series: Series, k: int, concept: Code | None = None) -> Dataset:
    """One CT slice as an image item."""
    piece = series.slices[k]
    frames = (piece.frame + 1,) if is_multi_frame(series) else ()
    class_uid, instance_uid = _identity(piece)
    if concept is None:
        return picture(class_uid, instance_uid, frames=frames)
    return image(concept, class_uid, instance_uid, frames=frames)


def _group(group: SrGroup, series: Series) -> Iterator[Dataset]:
    """One measurement group, in the order of TID 1411."""
    yield text(OBS_CONTEXT, dcm("112039", "Tracking Identifier"), group.tracking_id)
    yield uid(OBS_CONTEXT, dcm("112040", "Tracking Unique Identifier"), group.tracking_uid)
    yield code(CONTAINS, Code("276214006", "SCT", "Finding category"), group.category)
    yield code(CONTAINS, dcm("121071", "Finding"), group.finding)
    side = []
    if group.site_side is not None:
        side = [code(CONCEPT_MOD, Code("272741003", "SCT", "Laterality"), group.site_side)]
    yield code(CONCEPT_MOD, Code("363698007", "SCT", "Finding Site"), group.site, *side)
    if group.made_by is not None:
        yield text(CONCEPT_MOD, dcm("111001", "Algorithm Name"), group.made_by.card)
        version = group.made_by.version or NOT_TOLD
        yield text(CONCEPT_MOD, dcm("111003", "Algorithm Version"), version)
        for told in parameters_of(group.made_by):
            yield text(CONCEPT_MOD, dcm("111002", "Algorithm Parameters"), told)
    yield image(
        dcm("121191", "Referenced Segment"),
        SEGMENTATION_STORAGE,
        group.segment.instance_uid,
        segment=group.segment.number,
    )
    yield from _sources(group, series)
    for k in group.key_images:
        yield _picture(series, k, dcm("121080", "Best illustration of finding"))
    for figure in group.numbers:
        yield _number(figure)
    for quality in group.qualities:
        yield code(CONTAINS, quality.concept, quality.answer)
    if group.comment:
        yield text(CONTAINS, dcm("121106", "Comment"), group.comment)


def _sources(group: SrGroup, series: Series) -> Iterator[Dataset]:
    """The CT images below the segment, or the series where that is all of it."""
    if not group.slices:
        yield uid(CONTAINS, dcm("121232", "Source series for segmentation"), series.uid)
        return
    multi = is_multi_frame(series)
    used = [series.slices[k] for k in group.slices]
    for (class_uid, instance_uid), pieces in groupby(used, key=_identity):
        frames = [piece.frame + 1 for piece in pieces] if multi else ()
        concept = dcm("121233", "Source image for segmentation")
        yield image(concept, class_uid, instance_uid, frames=frames)


def _identity(piece: SliceFile) -> tuple[str, str]:
    return piece.sop_class_uid, piece.sop_instance_uid


def _number(figure: SrNumber) -> Dataset:
    how = []
    if figure.derivation is not None:
        how = [code(CONCEPT_MOD, dcm("121401", "Derivation"), figure.derivation)]
    return number(figure.concept, figure.value, figure.unit, *how)
