"""What the first picture needs is loaded ahead, on a thread; what is missing is logged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from viewer.views.early import MODULES, load_early

PICTURE = """
import sys, threading
import numpy as np
from ai.scan.geometry import Geometry
from viewer.views.early import load_early
import viewer.app
assert "vtkmodules.vtkImagingCore" not in sys.modules
load_early().join()
before = set(sys.modules)
from viewer.views.planes import AXIAL, PLANES, View
from viewer.views.slice_render import OUTSIDE_HU, Cutter, Look, Table
from viewer.views.state import LUNG_WINDOW
geometry = Geometry.axial((4, 8, 8), spacing_kji_mm=(1, 1, 1))
cutter = Cutter(np.zeros((4, 8, 8), np.int16), geometry, outside=OUTSIDE_HU)
x, y, z = geometry.lps_of((2, 4, 4))
view = View(PLANES[AXIAL], (float(x), float(y), float(z)), 0.1, 64, 64)
Table(Look(LUNG_WINDOW)).colours(cutter.cut(view, smooth=True))
print("late:", sorted(name for name in set(sys.modules) - before if name.startswith("vtk")))
"""


def test_after_it_a_first_picture_loads_nothing_of_vtk() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PICTURE],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("late: []")


def test_a_module_that_is_missing_is_logged_and_the_others_come(
    caplog: pytest.LogCaptureFixture,
) -> None:
    load_early(["no.such.module", "colorsys"]).join()
    assert "no.such.module cannot be loaded ahead" in caplog.text
    assert "colorsys" in sys.modules


def test_it_loads_no_rendering() -> None:
    assert not any("Rendering" in name or "OpenGL" in name for name in MODULES)
