"""A reader's drawings as they stand in a report on the disk; pydicom only, as the re-reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from viewer.dicom.reread.sr_walk import FigureSeen, Source, children, figure_of, only, source_of

TEMPLATES = ("1410", "1501")
"""Of the groups that hold a drawing; those of segments are of another one."""


@dataclass(frozen=True)
class PlaceSeen:
    """A place in a frame of reference: its graphic type and points, LPS mm."""

    kind: str
    points_mm: tuple[tuple[float, float, float], ...]
    frame_of_reference: str


@dataclass(frozen=True)
class DrawnSeen:
    """One group. places: of each figure, None where it has none. pointed: of the words."""

    tracking_id: str
    tracking_uid: str
    figures: tuple[FigureSeen, ...]
    places: tuple[PlaceSeen | None, ...]
    region: PlaceSeen | None
    pointed: PlaceSeen | None
    sources: tuple[Source, ...]
    comment: str


def is_drawn(group: Dataset) -> bool:
    """Whether a measurement group holds a drawing."""
    templates = group.get("ContentTemplateSequence") or ()
    return any(str(one.TemplateIdentifier) in TEMPLATES for one in templates)


def drawn_seen(group: Dataset) -> DrawnSeen:
    """The group as it stands there. Raises UnreadableError, AttributeError or ValueError."""
    numbers = [item for item in group.ContentSequence if item.ValueType == "NUM"]
    comment = only(group, "121106")
    regions = [item for item in children(group, "111030") if item.ValueType == "SCOORD3D"]
    return DrawnSeen(
        tracking_id=str(only(group, "112039").TextValue),
        tracking_uid=str(only(group, "112040").UID),
        figures=tuple(figure_of(item) for item in numbers),
        places=tuple(_place_of(item) for item in numbers),
        region=_place(regions[0]) if regions else None,
        pointed=_place_of(comment),
        sources=tuple(_sources([*numbers, comment])),
        comment=str(comment.TextValue),
    )


def _place_of(item: Dataset) -> PlaceSeen | None:
    """The place that an item is inferred from."""
    found = [one for one in children(item, "121112") if one.ValueType == "SCOORD3D"]
    return _place(found[0]) if found else None


def _place(item: Dataset) -> PlaceSeen:
    data = [float(mm) for mm in item.GraphicData]
    points = tuple(zip(data[::3], data[1::3], data[2::3], strict=True))
    return PlaceSeen(str(item.GraphicType), points, str(item.ReferencedFrameOfReferenceUID))


def _sources(items: list[Dataset]) -> Iterator[Source]:
    for item in items:
        for one in children(item, "121112"):
            if one.ValueType == "IMAGE":
                yield source_of(one.ReferencedSOPSequence[0])
