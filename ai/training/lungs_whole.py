"""A network asked about whole scans on its own grid, and how well it draws their lungs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ai.lungs.network import WINDOW
from ai.models.networks import UNet3d, scaled
from ai.models.sliding import ask
from ai.training.augment import HU_RANGE
from ai.training.lungs_scans import TrainingScan
from ai.training.lungs_score import SIDES, dice_of


@dataclass(frozen=True)
class Score:
    """Dice of both lungs of one scan; None where neither mask has that lung."""

    scan: str
    patient: str
    right: float | None
    left: float | None

    @property
    def both(self) -> tuple[float | None, float | None]:
        return self.right, self.left


def score(
    network: UNet3d, scans: Iterable[TrainingScan], device: torch.device
) -> tuple[Score, ...]:
    """Each scan, whole, on the grid of 3 mm; planes where the mask is wrong are left out."""
    network = network.to(device).eval()
    rows = []
    for scan in scans:
        image = scaled(torch.from_numpy(scan.hu.astype(np.float32)), HU_RANGE).numpy()
        found = ask(
            network, image, multiple=network.multiple, window=WINDOW, device=device, fill=-1.0
        ).labels
        said, true = found[scan.counted], scan.lungs[scan.counted]
        right, left = (dice_of(said == side, true == side) for side, _ in SIDES)
        rows.append(Score(scan.name, scan.patient, right, left))
    return tuple(rows)


def mean_and_spread(rows: Sequence[Score]) -> tuple[tuple[float, float], ...]:
    """Mean and standard deviation over the scans, of the right and of the left lung."""
    found = []
    for n in range(2):
        values = [one.both[n] for one in rows]
        known = [value for value in values if value is not None]
        spread = float(np.std(known, ddof=1)) if len(known) > 1 else 0.0
        found.append((float(np.mean(known)) if known else float("nan"), spread))
    return tuple(found)


def fold_table(rows: Sequence[tuple[int, Score]]) -> list[str]:
    """Left-out scans by fold and name, then mean and spread, as lines to print."""
    lines = [f"{'fold':>4}  {'right':>6}  {'left':>6}  left-out scan"]
    lines += [
        f"{fold:>4}  {told(one.right):>6}  {told(one.left):>6}  {one.scan}" for fold, one in rows
    ]
    (right, right_sd), (left, left_sd) = mean_and_spread([one for _, one in rows])
    lines.append(f"mean  {right:.4f}  {left:.4f}  of {len(rows)} scans, Dice at 3 mm")
    lines.append(f"  SD  {right_sd:.4f}  {left_sd:.4f}  between them")
    return lines


def write_folds(path: Path, rows: Sequence[tuple[int, Score]]) -> None:
    """The same as CSV, every left-out scan by name."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("fold", "scan", "patient", "right", "left"))
        for fold, one in rows:
            table.writerow((fold, one.scan, one.patient, told(one.right), told(one.left)))


def told(dice: float | None) -> str:
    return "-" if dice is None else f"{dice:.4f}"
