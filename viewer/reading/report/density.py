"""Whether densities of a series' lungs may be read as emphysema, and why not.

LAA-950 was validated on slices of 1 mm and a smooth kernel (Gevenois 1996; Madani 2006, Radiology
238:1036). Thick slices average air with its walls away; a sharp kernel's noise counts as air.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ai.scan.density import both
from ai.scan.labelmap import SegmentFigures
from viewer.dicom.prefer import LUNG, UNKNOWN, kernel_kind
from viewer.dicom.series import Series
from viewer.language.signs import tidy

THIN_MM = 1.5
THICK_MM = 3.0
"""Up to here the figure is given with a mark; from there on it is not given."""


@dataclass(frozen=True)
class DensityUse:
    """given: whether LAA-950 and the 15th percentile are told at all. why: each doubt."""

    given: bool
    why: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        return " ".join(self.why)


def density_use(series: Series) -> DensityUse:
    """What the slices' thickness and kernel allow. A mean and a volume are always told."""
    marks, stops = [], []
    step = series.geometry.spacing_kji_mm[0] if series.geometry is not None else 0.0
    thick = series.thickness_mm or step
    if thick > THICK_MM:
        stops.append(
            f"LAA-950 and the 15th percentile are not told: slices of {tidy(thick)} mm average air "
            f"and walls."
        )
    elif thick > THIN_MM:
        marks.append(f"Slices are {tidy(thick)} mm thick: LAA-950, made for 1 mm, reads too low.")
    kind = kernel_kind(series.kernel)
    if kind == LUNG:
        stops.append(
            f"LAA-950 and the 15th percentile are not told: noise of the sharp kernel "
            f"{series.kernel} counts as air."
        )
    elif kind == UNKNOWN:
        marks.append("The kernel is not known: a sharp one would make LAA-950 read too high.")
    return DensityUse(not stops, tuple(stops or marks))


def whole(figures: Sequence[SegmentFigures]) -> SegmentFigures | None:
    """Both lungs as one, number 0; without a density where one of them has none."""
    ml = sum(row.volume_ml for row in figures)
    if not ml:
        return None
    mean = sum(row.volume_ml * row.mean_hu for row in figures) / ml
    parts = [row.density for row in figures if row.density is not None]
    return SegmentFigures(0, ml, mean, both(parts) if len(parts) == len(figures) else None)
