"""How a reader's drawing stands in a measurement report: figures, and the places they come from.

A region is a planar ROI (TID 1410) whose place is part of the group; each other figure is inferred
from its own place (TID 1501, 300, 320). Places are SCOORD3D, in the frame of reference of the CT.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from pydicom.dataset import Dataset

from ai.scan.labelmap import Code
from viewer.dicom.series import Series
from viewer.dicom.written.seg_frames import is_multi_frame
from viewer.dicom.written.sr_content import SrDrawn, SrPlace
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
    place,
    text,
    uid,
)

INFERRED_FROM: Final = "INFERRED FROM"
SOURCE: Final = dcm("121112", "Source of Measurement")
REGION: Final = dcm("111030", "Image Region")


def drawn_group(drawn: SrDrawn, series: Series) -> Dataset:
    """The measurement group of one drawing, without its relationship to what is above it.

    series: the report's own; a drawing on another one speaks of that one's images and places.
    """
    series = drawn.series or series
    template = "1410" if drawn.region is not None else "1501"
    content = _content(drawn, series)
    return container(dcm("125007", "Measurement Group"), content, template=template)


def _content(drawn: SrDrawn, series: Series) -> Iterator[Dataset]:
    yield text(OBS_CONTEXT, dcm("112039", "Tracking Identifier"), drawn.tracking_id)
    yield uid(OBS_CONTEXT, dcm("112040", "Tracking Unique Identifier"), drawn.tracking_uid)
    sources = list(_sources(drawn, series))
    if drawn.region is not None:
        yield from _places(drawn.region, series, REGION, CONTAINS)
    for figure, where in zip(drawn.numbers, drawn.places, strict=True):
        how = []
        if figure.derivation is not None:
            how = [code(CONCEPT_MOD, dcm("121401", "Derivation"), figure.derivation)]
        from_where = _places(where, series, SOURCE, INFERRED_FROM)
        yield number(figure.concept, figure.value, figure.unit, *how, *from_where, *sources)
        sources = []  # named once, below the first figure
    comment = text(CONTAINS, dcm("121106", "Comment"), drawn.comment)
    below_it = [*_places(drawn.pointed, series, SOURCE, INFERRED_FROM), *sources]
    if below_it:
        comment.ContentSequence = below_it
    yield comment


def _places(
    where: SrPlace | None, series: Series, concept: Code, relationship: str
) -> Iterator[Dataset]:
    """The place as SCOORD3D, if there is one."""
    if where is not None:
        frame = series.frame_of_reference
        yield below(relationship, place(concept, where.kind, where.points_mm, frame))


def _sources(drawn: SrDrawn, series: Series) -> Iterator[Dataset]:
    """The CT images that the drawing crosses."""
    multi = is_multi_frame(series)
    used = [series.slices[k] for k in drawn.slices]
    for (class_uid, instance), pieces in groupby(
        used, key=lambda piece: (piece.sop_class_uid, piece.sop_instance_uid)
    ):
        frames = [piece.frame + 1 for piece in pieces] if multi else ()
        yield below(INFERRED_FROM, image(SOURCE, class_uid, instance, frames=frames))
