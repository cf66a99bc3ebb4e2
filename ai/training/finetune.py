"""A lung network taught by a reader's corrections, and kept only if held-back ones speak for it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from ai.errors import BadInput
from ai.models.networks import UNet3d, build
from ai.models.weights import read_weights
from ai.training.lungs import Outcome, train
from ai.training.lungs_prepare import phantoms
from ai.training.lungs_scans import TrainingScan
from ai.training.lungs_settings import Settings
from ai.training.lungs_whole import Score, mean_and_spread, score, told

LEAST_LEARNT, LEAST_HELD = 3, 2
"""Patients: fewer to learn from teach one chest, fewer to judge by prove nothing."""
EVERY = 3
"""One patient in so many is held back; their keyed hashes, and so their order, are dice."""
PHANTOMS, GUARDS = (201, 202, 203, 204, 205, 206), (211, 212)
"""Seeds: chests to learn from beside the corrections, and chests that must not be forgotten."""
WORSE = 0.005
"""By so much any one lung may lose, while the means may not."""
DIGITS = 4
"""Means are compared as they are told: less is no difference."""
CHOSEN = Settings(
    steps=300, rate=2e-4, stage_rate=0.5, watch_every=50, keep_every=50, patience=10**6, watched=4
)
"""A tenth of the rate, half of it for every stage further in; the last weights are judged."""


@dataclass(frozen=True)
class Pair:
    """One scan that nothing was learnt from, before and after. guard: a phantom."""

    before: Score
    after: Score
    guard: bool


@dataclass(frozen=True)
class Tuned:
    """What came of it. refused: why the new weights are not kept; nothing where they are.

    learnt: patients; taught: the scans that were learnt from, phantoms last.
    """

    outcome: Outcome
    pairs: tuple[Pair, ...]
    refused: str
    learnt: tuple[str, ...]
    taught: tuple[TrainingScan, ...] = ()


def parted(
    scans: Sequence[TrainingScan], *, known: Collection[str] = ()
) -> tuple[tuple[TrainingScan, ...], tuple[TrainingScan, ...]]:
    """Corrections to learn from, and those of other patients that are held back.

    known: patients that the network learnt from before: they judge nothing. Raises BadInput,
    saying how many are needed, where there are too few patients.
    """
    patients = sorted({s.patient for s in scans})
    fresh = [patient for patient in patients if patient not in known]
    held = set(fresh[: max(LEAST_HELD, len(fresh) // EVERY)])
    if len(held) < LEAST_HELD or len(patients) - len(held) < LEAST_LEARNT:
        need = LEAST_LEARNT + LEAST_HELD
        beside = f", {len(patients) - len(fresh)} of them learnt from before" if known else ""
        raise BadInput(
            f"Corrected lungs of {need} patients are needed, {LEAST_HELD} of them new to the"
            f" network; there are {len(patients)}{beside}.",
            "Correct the lungs in more studies, then run it again.",
        )
    return (
        tuple(s for s in scans if s.patient not in held),
        tuple(s for s in scans if s.patient in held),
    )


def fine_tune(
    scans: Sequence[TrainingScan],
    network: UNet3d,
    out: Path,
    settings: Settings,
    *,
    device: torch.device,
    known: Collection[str] = (),
    go_on: bool = False,
    minutes: float | None = None,
    say: Callable[[str], None] = print,
) -> Tuned:
    """Trains on some of the corrections and phantoms, judges by the others and other phantoms.

    network: to begin with; it stays as it is. Raises BadInput where there are too few corrections,
    or where the time was up before the last step.
    """
    learnt, held = parted(scans, known=known)
    say(f"Learns from {len(learnt)} corrected scans, holds back {len(held)}.")
    beside, guards = phantoms(PHANTOMS), phantoms(GUARDS)
    settings = replace(settings, channels=network.channels, neighbours=network.neighbours)
    start = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    outcome = train(
        (*learnt, *beside), (), out, settings,
        device=device, go_on=go_on, start_from=start, minutes=minutes, say=say,
    )  # fmt: skip
    if not outcome.whole:
        raise BadInput(
            f"The time was up at step {outcome.steps} of {settings.steps}; nothing was judged yet.",
            "--resume goes on there.",
        )
    tuned = build(read_weights(outcome.last))
    pairs = tuple(
        Pair(before, after, guard)
        for guard, shelf in ((False, held), (True, guards))
        for before, after in zip(
            score(network, shelf, device), score(tuned, shelf, device), strict=True
        )
    )
    patients = tuple(sorted({s.patient for s in learnt} | set(known)))
    return Tuned(outcome, pairs, verdict(pairs), patients, (*learnt, *beside))


def verdict(pairs: Sequence[Pair]) -> str:
    """Why new weights are not kept: a lung drawn worse on what was held back; else nothing."""
    judged = [pair for pair in pairs if not pair.guard]
    was, now = (mean_and_spread([getattr(p, when) for p in judged]) for when in ("before", "after"))
    for side, (old, _), (new, _) in zip(("right", "left"), was, now, strict=True):
        if not round(new, DIGITS) >= round(old, DIGITS):
            return (
                f"The {side} lung of the held-back corrections is drawn worse than before:"
                f" Dice {new:.4f}, before {old:.4f}."
            )
    for pair in pairs:
        for side, before, after in zip(
            ("right", "left"), pair.before.both, pair.after.both, strict=True
        ):
            if before is not None and (after is None or after < before - WORSE):
                what = "a synthetic chest" if pair.guard else pair.before.scan
                return (
                    f"The {side} lung of {what} is drawn worse than before: Dice {told(after)},"
                    f" before {before:.4f}."
                )
    return ""


def table(pairs: Sequence[Pair]) -> list[str]:
    """Every judged scan by name, before and after, as lines to print."""
    lines = [f"{'right':>15}  {'left':>15}  Dice at 3 mm, before and after"]
    for pair in pairs:
        sides = zip(pair.before.both, pair.after.both, strict=True)
        cells = "  ".join(f"{told(a):>6} > {told(b):>6}" for a, b in sides)
        kind = "synthetic, must not be forgotten" if pair.guard else "held back"
        lines.append(f"{cells}  {pair.before.scan} ({kind})")
    return lines


def write_table(path: Path, pairs: Sequence[Pair]) -> None:
    """The same as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("scan", "kind", "right_before", "right_after", "left_before", "left_after"))
        for pair in pairs:
            kind = "synthetic" if pair.guard else "held back"
            rows.writerow(
                (pair.before.scan, kind, told(pair.before.right), told(pair.after.right),
                 told(pair.before.left), told(pair.after.left))
            )  # fmt: skip
