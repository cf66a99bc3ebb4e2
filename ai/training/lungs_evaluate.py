"""Models of the lungs side by side on the same scans, as they are and made harder."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.errors import OutsideError
from ai.lungs.segment import segment_lungs
from ai.models.card import ModelCard
from ai.resources import resource
from ai.scan.labelmap import Labels
from ai.scan.volume import Volume
from ai.training.evaluation_cells import Line
from ai.training.evaluation_pictures import worst_slice
from ai.training.lungs_calibration import Reliability, network_reliability
from ai.training.lungs_score import SIDES, agreement, dice_of
from ai.training.memory import peak_memory
from ai.training.peers import AIR_HU, Union, union_of
from ai.training.stress import stress

AS_IT_IS = "as it is"


@dataclass(frozen=True, eq=False)
class Nodule:
    """A nodule that others outlined: its name and its voxels, three arrays of places (k, j, i)."""

    name: str
    voxels: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True, eq=False)
class Case:
    """A scan with lungs that others drew (1 right, 2 left), and voxels left out of every score.

    lungs: None where nobody drew any; then nodules alone are looked at, and whether a model failed.
    without: a tumour that the contours leave out; how much of it lies inside is told beside.
    patient: a pseudonym; nothing where none is known.
    """

    name: str
    volume: Volume
    lungs: Labels | None
    without: NDArray[np.bool_] | None = None
    nodules: tuple[Nodule, ...] = ()
    patient: str = ""


@dataclass(frozen=True)
class Row(Line):
    """One model on one lung of one scan. inserted_inside: share of pasted voxels in that lung.

    trained: the model learnt from this patient, so the score says nothing. peak_mb: by how much
    memory grew. fault: why there is no mask; its Dice is then 0, for a missing answer counts as
    the worst. patient: a pseudonym; scans of one patient are no independent looks. weights: the
    SHA-256 of the model's, nothing for a model without. air_dice: Dice with every voxel above
    AIR_HU left out of both masks: whether such voxels are lung is a rule, and rules differ.
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
    trained: bool
    seconds: float
    peak_mb: float | None
    fault: str
    patient: str = ""
    weights: str = ""
    air_dice: float | None = None

    @property
    def of(self) -> str:
        """Whose lung it is: the patient, or the scan where no patient is known."""
        return self.patient or self.scan


@dataclass(frozen=True)
class Inside:
    """How much of a nodule, or of the tumour that the contours leave out, a model's lungs hold."""

    scan: str
    model: str
    what: str
    voxels: int
    inside: float


@dataclass(frozen=True, eq=False)
class Judged:
    """What came of one model on one scan in one stratum.

    union: both lungs as one, of a scan as it is.
    picture: PNG of the slice with most voxels of disagreement, and what stands on it, or nothing.
    """

    rows: tuple[Row, ...]
    inside: tuple[Inside, ...] = ()
    reliability: Reliability | None = None
    picture: bytes = b""
    caption: str = ""
    union: Union | None = None


def evaluate(
    case: Case,
    cards: Sequence[ModelCard],
    *,
    strata: Sequence[tuple[str, float]] = (),
    calibrate: bool = False,
    seed: int = 1,
) -> Iterator[Judged]:
    """Every model on a scan as it is, then in every stratum. A refusal is a row too."""
    for card in cards:
        yield _judged(case, AS_IT_IS, card, inserted=None, calibrate=calibrate)
    if case.lungs is None:
        return
    for kind, severity in strata:
        made = stress(case.volume, case.lungs, kind=kind, severity=severity, seed=seed)
        # Thick slices lie on a grid of their own.
        same = made.volume.hu.shape == case.volume.hu.shape
        without = case.without if same else None
        harder = Case(case.name, made.volume, made.lungs, without, patient=case.patient)
        inserted = made.inserted if made.inserted.any() else None
        for card in cards:
            yield _judged(harder, f"{kind} {severity:g}", card, inserted=inserted)


def learnt_from(card: ModelCard) -> frozenset[str]:
    """Folders and patients that a model was trained on, as the list beside its weights says."""
    path = resource("models", f"{card.id}.scans.toml")
    if not path.exists():
        return frozenset()
    rows = tomllib.loads(path.read_text(encoding="utf-8")).get("scan", [])
    return frozenset(str(row[key]) for row in rows for key in ("folder", "patient") if key in row)


def _judged(
    case: Case,
    stratum: str,
    card: ModelCard,
    *,
    inserted: NDArray[np.bool_] | None,
    calibrate: bool = False,
) -> Judged:
    began, fault = time.monotonic(), ""
    found = np.zeros(case.volume.hu.shape, dtype=np.uint8)
    with peak_memory() as peak:
        try:
            found = segment_lungs(case.volume, card=card).label_map.labels
        except OutsideError as error:
            fault = error.sentence
    seconds = time.monotonic() - began
    rows = tuple(
        _row(case, stratum, card, side, found, inserted, seconds, peak.grown_mb, fault)
        for side in SIDES
    )
    chances = None
    if calibrate and card.weights and case.lungs is not None and not fault:
        chances = network_reliability(case.volume, case.lungs, card, without=case.without)
    picture, place = b"", ""
    if case.lungs is not None:
        picture, k = worst_slice(case.volume, case.lungs, found)
        place = f"{case.name}, {stratum}, {card.id}: slice {k + 1} of {len(found)}"
    inside = _inside(case, card, found) if stratum == AS_IT_IS else ()
    union = None
    if case.lungs is not None and stratum == AS_IT_IS:
        union = union_of(
            case.name, card.id, case.volume, found, case.lungs,
            without=case.without, seconds=seconds, fault=fault,
        )  # fmt: skip
    return Judged(rows, inside, chances, picture, place, union)


def _row(
    case: Case,
    stratum: str,
    card: ModelCard,
    side: tuple[int, str],
    found: Labels,
    inserted: NDArray[np.bool_] | None,
    seconds: float,
    peak_mb: float | None,
    fault: str,
) -> Row:
    number, name = side
    dice = hd95 = msd = error = inside = air = None
    if case.lungs is not None:
        spacing = case.volume.geometry.spacing_kji_mm
        score = agreement(found, case.lungs, side=number, spacing_mm=spacing, without=case.without)
        dice, hd95, msd, error = score.dice, score.hd95_mm, score.msd_mm, score.volume_error
        air = _air_dice(case, found == number, case.lungs == number)
        if inserted is not None and (own := inserted & (case.lungs == number)).any():
            inside = float((found[own] == number).mean())
    trained = case.name in learnt_from(card)
    return Row(
        case.name, stratum, card.id, name, dice, hd95, msd, error, inside, trained, seconds,
        peak_mb, fault, case.patient, card.weights_sha256, air,
    )  # fmt: skip


def _air_dice(case: Case, found: NDArray[np.bool_], true: NDArray[np.bool_]) -> float | None:
    """Dice over what holds air; None where neither mask holds any."""
    counted = case.volume.hu < AIR_HU
    if case.without is not None:
        counted &= ~case.without
    return dice_of(found & counted, true & counted)


def _inside(case: Case, card: ModelCard, found: Labels) -> tuple[Inside, ...]:
    """Each nodule, and the tumour that was left out of the scores."""
    told = []
    for nodule in case.nodules:
        held = found[nodule.voxels] > 0
        told.append(Inside(case.name, card.id, nodule.name, held.size, float(held.mean())))
    if case.without is not None and case.without.any():
        share = float((found[case.without] > 0).mean())
        told.append(Inside(case.name, card.id, "tumour", int(case.without.sum()), share))
    return tuple(told)
