"""What is seen on the screen is what is measured: on any grid, any lie, any screen scale."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.measuring.drawing_on_a_screen import GRIDS, RADIUS_MM
from viewer.views.planes import PLANES

ROOT = Path(__file__).resolve().parents[2]
SCALES = ("1", "1.5", "2")
VOXEL_MM = {"axial": 0.8, "coronal": 3.0, "sagittal": 3.0}
"""The largest side of a voxel on each plane: no edge is known better than to half of it."""


@cache
def told(scale: str) -> dict:  # type: ignore[type-arg]
    done = subprocess.run(
        [sys.executable, "-m", "tests.measuring.drawing_on_a_screen"],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("scale", SCALES)
def test_the_screen_really_has_that_scale(scale: str) -> None:
    assert told(scale)["ratio"] == float(scale)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("scale", SCALES)
def test_a_ball_is_as_large_as_it_is(scale: str, name: str, plane: str) -> None:
    seen = told(scale)[name][plane]
    for way in ("across_mm", "down_mm"):
        assert seen[way] == pytest.approx(2 * RADIUS_MM, abs=VOXEL_MM[plane])


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("scale", SCALES)
def test_an_oval_within_it_holds_nothing_but_the_ball(scale: str, name: str) -> None:
    for plane, seen in told(scale)[name].items():
        assert (seen["mean_hu"], seen["sd_hu"]) == (100, 0), plane
    axial = told(scale)[name]["axial"]
    assert axial["area_mm2"] == pytest.approx(math.pi * (0.76 * RADIUS_MM) ** 2, rel=0.05)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", GRIDS)
def test_the_scale_of_the_screen_changes_no_figure(name: str, plane: str) -> None:
    """The edge is found in device pixels, so it may differ by one of them."""
    every = [told(scale)[name][plane] for scale in SCALES]
    for way in ("across_mm", "down_mm"):
        lengths = [seen[way] for seen in every]
        assert max(lengths) - min(lengths) < 0.6
