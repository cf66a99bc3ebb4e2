"""A run's log: one row of CSV per look, and TensorBoard with pictures where it is installed."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ai.training.augment import Sample

COLUMNS = ("step", "loss", "watched_right", "watched_left", "rate", "seconds")


class Log:
    """Writes log.csv, and events beside it when the package tensorboard is there."""

    def __init__(self, folder: Path, *, fresh: bool) -> None:
        self._path = folder / "log.csv"
        if fresh or not self._path.exists():
            self._append(COLUMNS, mode="w")
        self._board = _board(folder / "events")

    def row(
        self, step: int, loss: float, dice: tuple[float, float], rate: float, seconds: float
    ) -> None:
        right, left = dice
        cells = (
            step,
            f"{loss:.5f}",
            f"{right:.5f}",
            f"{left:.5f}",
            f"{rate:.6f}",
            f"{seconds:.1f}",
        )
        self._append(cells)
        if self._board is not None:
            self._board.add_scalar("loss", loss, step)
            self._board.add_scalars("watched", {"right": right, "left": left}, step)

    def picture(self, step: int, sample: Sample, found: torch.Tensor) -> None:
        """A sample's middle plane: what was shown, what is true, what was found."""
        if self._board is None:
            return
        middle = sample.image.shape[1] // 2
        planes = [(sample.image[0, middle] + 1) / 2, sample.target[middle] / 2, found[middle] / 2]
        strip = torch.cat([p.float().cpu() for p in planes], dim=1).clamp(0, 1)
        self._board.add_image("sample", np.asarray(strip[None]), step)

    def close(self) -> None:
        if self._board is not None:
            self._board.close()

    def _append(self, cells: tuple[object, ...], *, mode: str = "a") -> None:
        with self._path.open(mode, newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(cells)


def _board(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None  # an extra: the CSV holds every figure
    return SummaryWriter(str(folder))  # type: ignore[no-untyped-call]
