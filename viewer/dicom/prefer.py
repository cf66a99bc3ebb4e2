"""Which series a reader most likely wants first: thin, original, axial, then the lung kernel.

Thin counts before sharp, and within half a millimetre sharp decides. Scouts, derived pictures and
other modalities come last; they stay one click away.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

import numpy as np

from ai.resources import resource
from viewer.dicom.series import Series

LUNG, SOFT, UNKNOWN = "lung", "soft", "unknown"
AS_THIN_MM = 0.5
FEW_SLICES = 10
"""A stack below this is a preview or a biopsy check while a longer one is there."""


@lru_cache(maxsize=4)
def _patterns(path: Path) -> tuple[tuple[re.Pattern[str], str], ...]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        (re.compile(pattern, re.IGNORECASE), kind)
        for row in table["kernel"]
        for kind in (LUNG, SOFT)
        for pattern in row.get(kind, ())
    )


def kernel_kind(kernel: str) -> str:
    """lung, soft or unknown, for the text of Convolution Kernel (its first value rules)."""
    name = kernel.split("\\")[0].strip()
    for pattern, kind in _patterns(resource("kernels.toml")):
        if pattern.match(name):
            return kind
    return UNKNOWN


def effective_mm(series: Series) -> float:
    """What counts as thin: the thicker of slice and step, so that gaps do not win."""
    here = series.sources
    step = 0.0
    if series.geometry and len(here) > 1:
        ends = np.subtract(here[-1].position_lps, here[0].position_lps)
        step = float(np.linalg.norm(ends)) / (len(here) - 1)
    return max(series.thickness_mm or 0.0, step) or float("inf")


def in_order(found: list[Series]) -> tuple[Series, ...]:
    """Series by preference, the default one first."""
    most = max((len(s.sources) for s in found), default=0)

    def tier(series: Series) -> int:
        if series.modality != "CT":
            return 4
        if series.geometry is None or len(series.sources) < 2:
            return 3
        if not (series.axial and series.original):
            return 2
        few = len(series.sources) < FEW_SLICES <= most
        return 1 if few or series.ai_refusal else 0

    top = [s for s in found if tier(s) == min(map(tier, found))]
    thinnest = min(map(effective_mm, top), default=0.0)
    sharpness = {LUNG: 0, UNKNOWN: 1, SOFT: 2}

    def key(series: Series) -> tuple[float, ...]:
        thin = effective_mm(series)
        near = thin <= thinnest + AS_THIN_MM
        return (
            tier(series),
            0 if near else 1,
            sharpness[kernel_kind(series.kernel)] if near else thin,
            thin,
            -len(series.sources),
            series.number,
        )

    return tuple(sorted(found, key=key))
