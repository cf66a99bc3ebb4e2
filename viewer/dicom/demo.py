"""The demo study: the phantom as an ordinary CT series, with its truth beside it.

FOLDER/series/0001.dcm ...   the scan, and nothing else
FOLDER/truth.json            what is in it; written last, so it also says that the scan is whole
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from pathlib import Path

from ai.errors import BadInput
from ai.phantom.chest import RICH_VERSION, VERSION, Detail, Phantom, Size, chest, grid
from ai.progress import OnProgress, ignore, part
from viewer.dicom.written.ct import SeriesHeader, uid_of, write_series

SERIES, TRUTH = "series", "truth.json"
FORMAT = "1"
"""Raised when the files are written otherwise; the phantom's own version counts too."""
ABANDONED_S = 900
"""A half-written series of that age was left by a run that died."""


def detail_of(size: Size) -> Detail:
    """The demo study is rich in detail when full; the small ones are for tests, and quick."""
    return "rich" if size == "full" else "plain"


def write_demo(
    folder: Path, size: Size = "full", seed: int = 7, on_progress: OnProgress = ignore
) -> Path:
    """The folder of DICOM files to open; at once where it is already whole and of this version.

    Files are written aside, then renamed, and the truth table comes last: an interrupted write
    never counts. Raises BadInput where the disk is full or cannot be written, Cancelled.
    """
    if is_complete(folder, size, seed):
        return folder / SERIES
    made = part(on_progress, 0.0, 0.75)
    phantom = chest(size, seed, detail=detail_of(size), on_progress=made)
    return write_phantom(folder, phantom, header_of(size, seed), part(on_progress, 0.75, 1.0))


def write_phantom(
    folder: Path, phantom: Phantom, header: SeriesHeader, on_progress: OnProgress = ignore
) -> Path:
    """The folder of DICOM files of a phantom, its truth beside it. Raises as write_demo does."""
    series = folder / SERIES
    aside = folder / f"{SERIES}.part-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(folder)
        (folder / TRUTH).unlink(missing_ok=True)
        shutil.rmtree(aside, ignore_errors=True)
        write_series(aside, phantom.volume, header=header, on_progress=on_progress)
        if series.exists():
            shutil.rmtree(series)
        aside.rename(series)
        _write_truth(folder / TRUTH, phantom, header)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise BadInput(
                f"The disk is full: the demo study does not fit in {folder}.",
                "Free some space there, or set HILUM_HOME to a folder on another disk.",
            ) from error
        raise BadInput(
            f"The demo study cannot be written in {folder} ({error.strerror or error}).",
            "Set HILUM_HOME to a folder that you may write to.",
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return series


def is_complete(folder: Path, size: Size = "full", seed: int = 7) -> bool:
    """True when the folder holds the whole demo study of that size, seed and of this version."""
    try:
        truth = json.loads((folder / TRUTH).read_text(encoding="utf-8"))
        here = sum(1 for f in (folder / SERIES).iterdir() if f.suffix == ".dcm")
    except (OSError, ValueError):
        return False
    if not isinstance(truth, dict):
        return False
    same = (truth.get("version"), truth.get("size"), truth.get("seed"))
    whole = grid(size, detail=detail_of(size)).shape_kji[0]
    return same == (_version(size), size, seed) and here == whole


def header_of(size: Size, seed: int) -> SeriesHeader:
    """Patient, study and series of the demo; the same UIDs on every machine."""
    name = f"hilum demo {_version(size)} {size} {seed}"
    return SeriesHeader(
        patient_id="HILUM-DEMO",
        study_description="Chest CT, synthetic",
        series_description="Chest 1.25 B40f" if size == "full" else f"Lung B50f {size}",
        kernel="B40f" if size == "full" else "B50f",
        seed=name,
        study_uid=uid_of(name, "study"),
        series_uid=uid_of(name, "series"),
        frame_of_reference=uid_of(name, "frame"),
    )


def _version(size: Size) -> str:
    number = RICH_VERSION if detail_of(size) == "rich" else VERSION
    return f"{number}.{FORMAT}"


def _clear_abandoned(folder: Path) -> None:
    """Remove what a killed run left, but not what another one may be writing now."""
    for old in folder.glob(f"{SERIES}.part-*"):
        if time.time() - old.stat().st_mtime > ABANDONED_S:
            shutil.rmtree(old, ignore_errors=True)


def _write_truth(path: Path, phantom: Phantom, header: SeriesHeader) -> None:
    right_ml, left_ml = phantom.lungs_ml
    truth = {
        "version": _version(phantom.size),
        "size": phantom.size,
        "seed": phantom.seed,
        "series": header.series_uid,
        "lungs_ml": {"right": round(right_ml, 1), "left": round(left_ml, 1)},
        "nodules": [
            {
                "centre_lps_mm": list(n.centre_lps),
                "diameter_mm": n.diameter_mm,
                "type": n.type,
                "hu": n.hu,
                "core_mm": n.core_mm,
                "zone": n.zone,
            }
            for n in phantom.nodules
        ],
    }
    aside = path.with_suffix(f".part-{os.getpid()}")
    aside.write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
    aside.replace(path)
