"""Rows of the whole window: start, first picture, what it loads."""

from __future__ import annotations

import statistics
import subprocess
import sys

from bench_measure import Figure, in_pairs, timed
from bench_probe import OFFSCREEN, Watched, window, xvfb
from bench_scans import Setting, phantom_series, plain_series

START_LIMIT_S, PICTURE_LIMIT_S = 2.0, 0.3
FORBIDDEN = ("torch", "highdicom", "vtkmodules.vtkRenderingOpenGL2", "matplotlib")


def bare_qt() -> None:
    """A Python that loads Qt's widgets and nothing else."""
    subprocess.run([sys.executable, "-c", "from PySide6 import QtWidgets"], check=True)


def start(setting: Setting) -> list[Figure]:
    """From the process's start to a window that was shown and took a key."""
    with xvfb() as screen:
        figures = [_start(setting, "offscreen", OFFSCREEN)]
        if screen is not None:
            figures.append(_start(setting, "Xvfb", screen))
    return figures


def _start(setting: Setting, name: str, screen: dict[str, str]) -> Figure:
    shown: list[float] = []
    busy: list[float] = []

    def ours() -> float:
        watched = window(screen, key=True)
        shown.append(watched.at("shown"))
        busy.append(watched.first("key")["cpu"])
        return watched.at("key")

    pairs = in_pairs(ours, timed(bare_qt), setting.pairs(7))
    return Figure(
        "start", f"process start to a key taken, {name}", pairs.ours_s, "s",
        "python -c 'from PySide6 import QtWidgets'", pairs.peer_s, pairs.ratio,
        START_LIMIT_S, limits_value=True, runs=pairs.runs,
        note=f"first frame after {statistics.median(shown):.2f} s, "
        f"{statistics.median(busy):.2f} CPU s",
    )  # fmt: skip


def picture(setting: Setting) -> list[Figure]:
    """From a folder given to its first slice on screen: with warm children, and from nothing."""
    slices = str(plain_series(setting))
    small = str(phantom_series(Setting(setting.work, tiny=True)))
    times = setting.pairs(7)
    folders = [small, *[slices, small] * times]
    warm = window(OFFSCREEN, then=[["ready"], *(["open", folder] for folder in folders)])
    spans, whole = warm.after_given("picture")[1::2], warm.after_given("whole")[1::2]
    cold = [window(OFFSCREEN, study=slices) for _ in range(setting.pairs(3))]
    _must_be_pictures([warm, *cold])
    note = f"worst {max(spans):.2f} s, whole series {statistics.median(whole):.2f} s"
    return [
        Figure(
            "picture", "400 slices: folder given to first picture, warm",
            statistics.median(spans), "s", limit=PICTURE_LIMIT_S, limits_value=True,
            runs=len(spans), note=note,
        ),
        Figure(
            "picture", "400 slices: process start to first picture, cold",
            statistics.median(c.at("picture") for c in cold), "s",
            limit=START_LIMIT_S + PICTURE_LIMIT_S, limits_value=True, runs=len(cold),
            note=f"first frame after {statistics.median(c.at('shown') for c in cold):.2f} s",
        ),
    ]  # fmt: skip


def _must_be_pictures(lives: list[Watched]) -> None:
    greys = [m["greys"] for life in lives for m in life.moments if m["moment"] == "picture"]
    if not greys or min(greys) < 5:
        raise RuntimeError(f"a first picture was empty: {greys} greys in its middle")


def modules(setting: Setting) -> list[Figure]:
    """What the window's process has loaded once a study is on screen."""
    life = window(OFFSCREEN, study=str(phantom_series(Setting(setting.work, tiny=True))))
    loaded = life.first("modules")["loaded"]
    wrong = [name for name in FORBIDDEN if name in loaded]
    return [
        Figure(
            "modules", "torch, highdicom, VTK rendering in the window's process", len(wrong),
            "loaded", limit=0, limits_value=True,
            note=f"heavy ones there: {', '.join(loaded) or 'none'}",
        )
    ]  # fmt: skip
