"""Two demo studies of one patient, 400 days apart, with what is true of both beside them.

FOLDER/pair/current, FOLDER/pair/prior   each as the demo study lies on disk
FOLDER/pair/pair.json                    how the two lie to each other; written last
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from ai.errors import BadInput
from ai.phantom.chest import Size
from ai.phantom.follow_up import Pair, pair
from ai.progress import OnProgress, ignore, part
from viewer.dicom.demo import detail_of, header_of, is_complete, write_phantom
from viewer.dicom.written.ct import SeriesHeader, uid_of

PAIR, CURRENT, PRIOR, TRUTH = "pair", "current", "prior", "pair.json"
CURRENT_DATE, PRIOR_DATE = "20260205", "20250101"
"""400 days apart."""


@dataclass(frozen=True)
class PairMade:
    """folder: holds both studies, and no other."""

    folder: Path
    current_uid: str
    prior_uid: str


def write_pair(
    folder: Path, size: Size = "full", seed: int = 7, on_progress: OnProgress = ignore
) -> PairMade:
    """Both studies below a folder; at once where they are whole. Raises as write_demo does."""
    root = folder / PAIR
    now, before = pair_header(size, seed, prior=False), pair_header(size, seed, prior=True)
    made = PairMade(root, now.study_uid, before.study_uid)
    whole = all(is_complete(root / name, size, seed) for name in (CURRENT, PRIOR))
    if whole and (root / TRUTH).exists():
        return made
    found = pair(size, seed, detail=detail_of(size), on_progress=part(on_progress, 0.0, 0.7))
    write_phantom(root / PRIOR, found.prior, before, part(on_progress, 0.7, 0.85))
    write_phantom(root / CURRENT, found.current, now, part(on_progress, 0.85, 1.0))
    _write_truth(root / TRUTH, found)
    return made


def pair_header(size: Size, seed: int, *, prior: bool) -> SeriesHeader:
    """Patient, study and series of one of the two; the same UIDs on every machine."""
    plain = header_of(size, seed)
    name = f"{plain.seed} {PRIOR if prior else CURRENT}"
    return replace(
        plain,
        patient_id="HILUM-PAIR",
        issuer="HILUM",
        patient_age="059Y" if prior else "060Y",
        study_date=PRIOR_DATE if prior else CURRENT_DATE,
        seed=name,
        study_uid=uid_of(name, "study"),
        series_uid=uid_of(name, "series"),
        frame_of_reference=uid_of(name, "frame"),
    )


def _write_truth(path: Path, found: Pair) -> None:
    truth = {
        "prior_to_current": found.prior_to_current.round(6).tolist(),
        "prior_of": list(found.prior_of),
        "gone": found.gone,
    }
    aside = path.with_suffix(f".part-{os.getpid()}")
    try:
        aside.write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        raise BadInput(
            f"The demo studies cannot be written in {path.parent} ({error.strerror or error}).",
            "Set HILUM_HOME to a folder that you may write to.",
        ) from error
