"""Models of the lungs side by side on the same scans, as they are and made harder."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ai.errors import OutsideError
from ai.lungs.segment import segment_lungs
from ai.models.card import ModelCard
from ai.scan.labelmap import Labels
from ai.scan.volume import Volume
from ai.training.lungs_score import agreement
from ai.training.stress import stress

AS_IT_IS = "as it is"


@dataclass(frozen=True, eq=False)
class Case:
    """A scan with lungs that others drew (1 right, 2 left), and voxels left out of every score."""

    name: str
    volume: Volume
    lungs: Labels
    without: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Row:
    """One model on one lung of one scan. inserted_inside: share of pasted voxels in that lung.

    fault: why there is no mask; its Dice is then 0, for a missing answer counts as the worst.
    """

    scan: str
    stratum: str
    model: str
    side: str
    dice: float | None
    hd95_mm: float | None
    msd_mm: float | None
    volume_error: float | None
    inserted_inside: float | None
    seconds: float
    fault: str

    @classmethod
    def header(cls) -> tuple[str, ...]:
        return tuple(f.name for f in fields(cls))

    def cells(self) -> tuple[str, ...]:
        """Every field as text; empty where a figure is undefined."""
        return tuple(
            f"{v:.4f}" if isinstance(v, float) else "" if v is None else str(v)
            for v in astuple(self)
        )


def evaluate(
    case: Case,
    cards: Sequence[ModelCard],
    *,
    strata: Sequence[tuple[str, float]] = (),
    seed: int = 1,
) -> Iterator[Row]:
    """Rows of every model on a scan as it is, then in every stratum. A refusal is a row too."""
    yield from _rows(case, AS_IT_IS, cards, inserted=None)
    for kind, severity in strata:
        made = stress(case.volume, case.lungs, kind=kind, severity=severity, seed=seed)
        # Thick slices lie on a grid of their own.
        same = made.volume.hu.shape == case.volume.hu.shape
        harder = Case(case.name, made.volume, made.lungs, case.without if same else None)
        inserted = made.inserted if made.inserted.any() else None
        yield from _rows(harder, f"{kind} {severity:g}", cards, inserted=inserted)


def _rows(
    case: Case,
    stratum: str,
    cards: Sequence[ModelCard],
    *,
    inserted: NDArray[np.bool_] | None,
) -> Iterator[Row]:
    for card in cards:
        began, fault = time.monotonic(), ""
        try:
            found = segment_lungs(case.volume, card=card).label_map.labels
        except OutsideError as error:
            found, fault = np.zeros_like(case.lungs), error.sentence
        seconds = time.monotonic() - began
        for side, name in ((1, "right"), (2, "left")):
            score = agreement(
                found,
                case.lungs,
                side=side,
                spacing_mm=case.volume.geometry.spacing_kji_mm,
                without=case.without,
            )
            inside = None
            if inserted is not None and (own := inserted & (case.lungs == side)).any():
                inside = float((found[own] == side).mean())
            yield Row(
                case.name,
                stratum,
                card.id,
                name,
                score.dice,
                score.hd95_mm,
                score.msd_mm,
                score.volume_error,
                inside,
                seconds,
                fault,
            )
