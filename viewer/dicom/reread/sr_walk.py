"""Steps from one content item of a report to those below it, for eyes that only read.

It shares no module with the writer: pydicom only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from viewer.dicom.reread.seg import UnreadableError

Coded = tuple[str, str]
"""Scheme and value of a code; meanings are for people."""
Source = tuple[str, tuple[int, ...]]
"""Instance UID of an image, and its frames where some are named."""


@dataclass(frozen=True)
class FigureSeen:
    """One figure. derivation: how it came of many values, None where nothing is said."""

    concept: Coded
    derivation: Coded | None
    value: float
    unit: Coded


def children(item: Dataset, value: str) -> Iterator[Dataset]:
    """The children whose concept has this code value."""
    for child in item.get("ContentSequence") or []:
        if child.ConceptNameCodeSequence[0].CodeValue == value:
            yield child


def only(item: Dataset, value: str) -> Dataset:
    """The one child whose concept has this code value. Raises UnreadableError for none or two."""
    found = list(children(item, value))
    if len(found) != 1:
        raise UnreadableError(f"it has {len(found)} items {value} where there must be one")
    return found[0]


def answer(item: Dataset) -> Coded:
    """What a coded item says."""
    return code_of(item.ConceptCodeSequence)


def code_of(sequence: Iterable[Dataset]) -> Coded:
    (item,) = sequence
    return str(item.CodingSchemeDesignator), str(item.CodeValue)


def source_of(reference: Dataset) -> Source:
    """An image that is referred to."""
    frames = reference.get("ReferencedFrameNumber")
    if frames is None:
        listed: list[int] = []
    else:
        listed = [int(frame) for frame in (frames if hasattr(frames, "__iter__") else [frames])]
    return str(reference.ReferencedSOPInstanceUID), tuple(listed)


def figure_of(item: Dataset) -> FigureSeen:
    """A figure with its unit."""
    measured = item.MeasuredValueSequence[0]
    how = next(children(item, "121401"), None)
    return FigureSeen(
        code_of(item.ConceptNameCodeSequence),
        answer(how) if how is not None else None,
        float(measured.NumericValue),
        code_of(measured.MeasurementUnitsCodeSequence),
    )
