"""Row of `hilum inspect`: a folder of 400 slices, from the start of the process to its answer."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench_measure import Figure
from bench_scans import CHECKOUT, Setting, jpeg_ls_series, plain_series

LIMIT_S = 2.0


def inspect(setting: Setting) -> list[Figure]:
    """Medians, plain and JPEG-LS: every slice is decoded, or a spoilt one would not be told."""
    folders = [("plain", plain_series(setting)), ("JPEG-LS", jpeg_ls_series(setting))]
    return [_of_folder(name, folder, setting.pairs(3)) for name, folder in folders]


def _of_folder(name: str, folder: Path, times: int) -> Figure:
    slices = len(list(folder.iterdir()))
    runs = [_once(folder, slices) for _ in range(times)]
    wall, cpu = (statistics.median(values) for values in zip(*runs, strict=True))
    return Figure(
        "inspect", f"{slices} slices, {name}: process start to the answer", wall, "s",
        limit=LIMIT_S, limits_value=True, runs=times,
        note=f"worst {max(run[0] for run in runs):.2f} s; {cpu:.2f} CPU s",
    )  # fmt: skip


def _once(folder: Path, slices: int) -> tuple[float, float]:
    """Wall and CPU seconds. Raises RuntimeError where the answer is not of all slices."""
    began, before = time.perf_counter(), _children_s()
    done = subprocess.run(
        [sys.executable, "-m", "viewer", "inspect", str(folder), "--json"],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    wall, cpu = time.perf_counter() - began, _children_s() - before
    answer = json.loads(done.stdout) if done.returncode == 0 else {"series": []}
    if [series["slices"] for series in answer["series"]] != [slices]:
        raise RuntimeError(f"inspect did not tell of all {slices} slices: {done.stderr[-500:]}")
    return wall, cpu


def _children_s() -> float:
    """CPU seconds of the children that have ended; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0.0
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
