"""`hilum evaluate lungs`: models side by side on scans with masks that others drew."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ai.errors import BadInput

if TYPE_CHECKING:
    from ai.training.lungs_evaluate import Case

TRUTH, LEFT_OUT = "lungs.nii.gz", "gtv.nii.gz"
SHORT = {"classical": "lungs-classical", "unet": "lungs-unet"}


def main(words: Sequence[str]) -> int:
    """The command; 0 when every scan was judged. Raises HilumError with the reason else."""
    parser = argparse.ArgumentParser(
        prog="hilum evaluate",
        description=f"Compare lung models on series that have {TRUTH} beside them; voxels of "
        f"{LEFT_OUT}, where there is one, are left out of every score. Research use only.",
    )
    parser.add_argument("task", choices=("lungs",))
    parser.add_argument("--data", required=True, type=Path, help="folder of series")
    parser.add_argument("--models", default="unet,classical", help="cards, by commas")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="CSV to write")
    parser.add_argument("--stress", action="store_true", help="also with disease put in")
    options = parser.parse_args(words)
    from ai.models.card import load_card
    from ai.training.lungs_evaluate import Row, evaluate
    from ai.training.stress import STRATA

    cards = [load_card(SHORT.get(name, name)) for name in options.models.split(",")]
    with _opened(options.out) as file:
        table = csv.writer(file)
        table.writerow(Row.header())
        for case in _cases(options.data):
            for row in evaluate(case, cards, strata=STRATA if options.stress else ()):
                table.writerow(row.cells())
                file.flush()
                dice = "-" if row.dice is None else f"{row.dice:.4f}"
                told = f"{row.scan}, {row.stratum}: {row.model} {row.side} Dice {dice}"
                print(f"{told} {row.seconds:.1f} s {row.fault}".rstrip(), flush=True)
    return 0


def _opened(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path.name} cannot be written: {error.strerror}.") from error


def _cases(data: Path) -> Iterator[Case]:
    from ai.training.lungs_evaluate import Case
    from viewer.commands.truth import read_labels
    from viewer.dicom.find import open_path
    from viewer.dicom.pixels import read_volume

    folders = [data] if (data / TRUTH).exists() else sorted(data.glob("*/"))
    folders = [folder for folder in folders if (folder / TRUTH).exists()]
    if not folders:
        raise BadInput(f"No series below {data} has {TRUTH} beside it.")
    for folder in folders:
        opened = open_path(folder)
        if not opened.series:
            raise BadInput(f"{folder.name} holds no series. {' '.join(opened.sentences)}")
        volume = read_volume(opened.series[0])
        lungs = read_labels(folder / TRUTH, volume)
        left_out = folder / LEFT_OUT
        without = read_labels(left_out, volume) > 0 if left_out.exists() else None
        yield Case(folder.name, volume, lungs, without)
