"""A run's log: one row of CSV per look, and the same with pictures as TensorBoard reads it."""

from __future__ import annotations

import csv
from pathlib import Path

import torch

from ai.training.augment import Sample
from ai.training.board import Board

COLUMNS = ("step", "loss", "watched_right", "watched_left", "rate", "seconds")


class Log:
    """Writes log.csv, and events/ beside it.

    since: the step that the run goes on from; rows of later ones, of a run that was killed after
    its last checkpoint, are written again and so go.
    """

    def __init__(self, folder: Path, *, since: int) -> None:
        self._path = folder / "log.csv"
        kept = [row for row in _rows(self._path) if int(row[0]) <= since] if since else []
        with self._path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([COLUMNS, *kept])
        self.seconds = float(kept[-1][-1]) if kept else 0.0
        self._board = Board(folder / "events")

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
        with self._path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(cells)
        self._board.numbers(step, loss=loss, watched__right=right, watched__left=left, rate=rate)

    def picture(self, step: int, sample: Sample, found: torch.Tensor) -> None:
        """A sample's middle plane: what was shown, what is true, what was found."""
        middle = sample.image.shape[1] // 2
        planes = [(sample.image[0, middle] + 1) / 2, sample.target[middle] / 2, found[middle] / 2]
        strip = torch.cat([p.float().cpu() for p in planes], dim=1)
        self._board.picture(step, "sample", strip.numpy())

    def close(self) -> None:
        self._board.close()


def _rows(path: Path) -> list[list[str]]:
    """The rows of an earlier log that are whole."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return [row for row in rows if len(row) == len(COLUMNS) and row[0].isdecimal()]
