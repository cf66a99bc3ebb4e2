"""What a file of masks holds on a CT, whatever its format, as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.scan.finding import BoxMask, Origin
from ai.scan.geometry import Geometry
from ai.scan.labelmap import BOTH_LUNGS, LUNGS, LabelMap, MadeBy
from viewer.dicom.masks.drawn_by import READER


@dataclass(frozen=True, eq=False)
class NamedMask:
    """Something outlined that is no lung: label, tracking UID (or empty), voxels on the CT.

    made_by: a model, or the reader. abnormal: its codes call it so, as a nodule's do. origin: the
    kind of file, and what that says of it. kind: what its codes call it, in the file's own words;
    code: the value of that code. description: what else a file says of it, empty where nothing.
    """

    label: str
    tracking_uid: str
    mask: BoxMask
    made_by: MadeBy = READER
    abnormal: bool = True
    origin: Origin | None = None
    kind: str = ""
    code: str = ""
    description: str = ""


@dataclass(frozen=True, eq=False)
class MaskContents:
    """label_map: the lungs, None where the file has none. findings: all else, in file order.

    sentences: what the reader must be told of it.
    """

    label_map: LabelMap | None
    findings: tuple[NamedMask, ...]
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class LungMask:
    """Voxels of one lung: 1 right, 2 left, 3 where no side is told, as it is named in the file."""

    number: int
    label: str
    mask: BoxMask


def lungs_on(
    geometry: Geometry, lungs: Iterable[LungMask], made_by: MadeBy, *, file: str
) -> tuple[LabelMap, list[str]]:
    """The lungs as one label map, and a sentence for each that covers another.

    All of them have a side, or none has.
    """
    lungs = tuple(lungs)
    whole = any(lung.number == BOTH_LUNGS.number for lung in lungs)
    labels = np.zeros(geometry.shape_kji, np.uint8)
    sentences = []
    for lung in lungs:
        inside = labels[lung.mask.box]
        if not whole and np.any(inside[lung.mask.voxels]):
            sentences.append(f"{file}: the lungs overlap; {lung.label} was laid on top.")
        inside[lung.mask.voxels] = lung.number
    return LabelMap(geometry, labels, (BOTH_LUNGS,) if whole else LUNGS, made_by), sentences


def joined_to(labels: NDArray[np.uint8], there: NDArray[np.uint8]) -> bool:
    """Whether lungs with sides are the other side of those that are there, and touch none of them.

    Both on one grid: 1 right, 2 left.
    """
    here, before = (set(np.unique(one).tolist()) - {0} for one in (labels, there))
    if here & before or BOTH_LUNGS.number in before:
        return False
    return not np.any((labels > 0) & (there > 0))
