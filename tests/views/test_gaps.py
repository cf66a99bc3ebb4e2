"""Where nothing was scanned the panes are hatched, exactly there and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from ai.scan.geometry import Geometry
from viewer import theme
from viewer.views.gaps import gap_mm, gap_on, gaps_of, paint_gap
from viewer.views.planes import PLANES, View

GRID = Geometry.axial((10, 40, 40), spacing_kji_mm=(5.0, 1.0, 1.0), origin_lps=(0.0, 0.0, 0.0))


def test_runs_of_empty_levels_are_found() -> None:
    assert gaps_of([1, 2, -1, 4, -1, -1, -1]) == ((2, 2), (4, 6))
    assert gaps_of([1, 2, 3]) == gaps_of([]) == ()


def test_a_gap_is_as_wide_as_what_is_missing_also_where_the_gantry_leans() -> None:
    assert gap_mm(GRID, (4, 5)) == pytest.approx(10.0)
    affine = GRID.affine.copy()
    affine[1, 0] = 3.0
    assert gap_mm(Geometry(GRID.shape_kji, affine, ""), (4, 5)) == pytest.approx(10.0)


@pytest.mark.parametrize("plane", ["coronal", "sagittal"])
def test_across_the_slices_a_gap_is_a_band_at_its_place(plane: str) -> None:
    view = View(PLANES[plane], (19.5, 19.5, 22.5), 0.5, 200, 200)
    corners = gap_on(view, GRID, (4, 5))
    assert corners.shape == (4, 2)
    ends = view.pixels_of([(-0.5, -0.5, 17.5), (39.5, 39.5, 27.5)])
    assert np.allclose(sorted(corners[:, 1]), sorted([*ends[:, 1], *ends[:, 1]]))
    assert np.allclose([corners[:, 0].min(), corners[:, 0].max()], sorted(ends[:, 0]))


def test_on_the_slices_own_plane_a_gap_is_all_or_nothing() -> None:
    inside = View(PLANES["axial"], (19.5, 19.5, 20.0), 0.5, 200, 200)
    beside = View(PLANES["axial"], (19.5, 19.5, 10.0), 0.5, 200, 200)
    spread = np.ptp(gap_on(inside, GRID, (4, 5)), axis=0)
    assert np.allclose(spread, (80.0, 80.0))
    assert len(gap_on(beside, GRID, (4, 5))) == 0


def test_a_gap_is_painted_in_two_colours_and_nothing_outside_of_it(qapp: QApplication) -> None:
    theme.apply_theme(qapp)
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    paint_gap(painter, np.array([(20, 80), (180, 80), (180, 160), (20, 160)], float), "10 mm")
    paint_gap(painter, np.empty((0, 2)), "0 mm")
    paint_gap(painter, np.array([(0, 10), (200, 10), (200, 11), (0, 11)], float), "1 mm")
    painter.end()
    band = {image.pixel(x, y) for x in range(21, 80) for y in range(81, 159)}
    assert len(band) > 1
    assert {image.pixel(x, y) & 0xFFFFFF for x in range(200) for y in range(79)} == {0}
