"""The main job without a display: the demo study read in batch, always afresh."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

from viewer.batch import Order, read_study, rule_of
from viewer.home import subfolder


def read_demo(size: Literal["full", "small"] = "full") -> int:
    """Writes the demo study if need be, reads it, says where everything was written; exit code."""
    from viewer.dicom.demo import write_demo

    print("Hilum reads its demo study, a synthetic chest CT. Research use only.", flush=True)
    began, say = time.monotonic(), _Steps()
    study = write_demo(subfolder("demo"), size=size, on_progress=say)
    order = Order(subfolder("headless"), rule=rule_of("0.5"))
    written = read_study(Path(study), order, on_progress=say)
    print(
        f"{written.findings} candidates: {written.accepted} accepted by rule (chance 0.5 or more),"
        f" {written.held} held back. No reader saw them."
    )
    for sentence in written.sentences:
        print(f"  {sentence}")
    names = {"lungs.dcm": "SEG", "nodules.dcm": "SEG", "report.html": "report"}
    for path in written.files:
        if kind := names.get(path.name):
            print(f"  {kind}: {path}")
    print(f"  pictures: {written.folder / 'pictures'}")
    print(f"Done in {time.monotonic() - began:.0f} s.")
    return 0


class _Steps:
    """Prints each step once, when it begins."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, fraction: float, step: str) -> None:
        if step and step != self._last:
            print(f"  {step} ...", flush=True)
            self._last = step
