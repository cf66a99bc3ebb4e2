"""A series scanned from the side or from the front has the large pane, and its wheel its slices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from ai.scan.geometry import Geometry
from tests.fakes import chest
from tests.views.test_mouse import turn
from tests.window.conftest import Sitting
from viewer.dicom.series import Series
from viewer.views.layouts import COMPARE, READ, REVIEW, VOLUMES
from viewer.views.planes import letters

AXES = {
    "sagittal": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "coronal": ((0, 1, 0), (0, 0, -1), (1, 0, 0)),
}
"""LPS ways of slices, rows and columns."""


def scanned(plane: str, *, lean_deg: float = 0.0, modality: str = "CT") -> Series:
    """20 slices 5 mm apart, 64 x 64; lean_deg: how far they lean to the other upright plane."""
    lean = np.radians(lean_deg)
    turned = np.array(
        [[np.cos(lean), -np.sin(lean), 0], [np.sin(lean), np.cos(lean), 0], [0, 0, 1]]
    )
    affine = np.eye(4)
    affine[:3, :3] = turned @ np.array(AXES[plane]).T * (5.0, 2.0, 2.0)
    affine[:3, 3] = -affine[:3, :3] @ (9.5, 31.5, 31.5)
    made = chest(f"6.{len(plane)}.{round(lean_deg)}")
    return replace(
        made, geometry=Geometry((20, 64, 64), affine), axial=False, modality=modality,
        in_hu=modality == "CT", slices=made.slices[:20], rows=64, columns=64,
    )  # fmt: skip


def slice_shown(sitting: Sitting) -> float:
    scan = sitting.desk.scan
    assert scan is not None
    return float(scan.volume.geometry.index_of(sitting.window.panes.state.crosshair_lps)[0])


def largest(sitting: Sitting) -> str:
    panes = sitting.window.panes
    return max(panes.shown, key=lambda n: panes.views[n].width() * panes.views[n].height())


@pytest.mark.parametrize("modality", ["CT", "MR"])
@pytest.mark.parametrize("plane", AXES)
def test_the_plane_that_was_scanned_has_the_large_pane(
    sitting: Sitting, plane: str, modality: str
) -> None:
    sitting.open(scanned(plane, modality=modality))
    panes = sitting.window.panes
    assert largest(sitting) == panes.active == panes.shown[0] == plane
    assert set(panes.shown) == {"axial", "coronal", "sagittal"}


def test_the_next_axial_series_has_it_again(sitting: Sitting) -> None:
    sitting.open(scanned("sagittal"), chest())
    assert largest(sitting) == "sagittal"
    sitting.key(Qt.Key.Key_Right)
    sitting.children.load()
    assert largest(sitting) == sitting.window.panes.active == "axial"


@pytest.mark.parametrize("plane", AXES)
def test_the_wheel_there_steps_the_slices_that_were_scanned(sitting: Sitting, plane: str) -> None:
    sitting.open(scanned(plane))
    panes = sitting.window.panes
    view, start = panes.views[plane], slice_shown(sitting)
    others = {n: panes.views[n].view().plane for n in panes.shown}
    assert start == pytest.approx(round(start))
    turn(view, -120)
    assert abs(slice_shown(sitting) - start) == pytest.approx(1)
    turn(view, 120)
    assert slice_shown(sitting) == pytest.approx(start)
    for name, shown in others.items():
        assert panes.views[name].view().plane == shown
    right, down = view.view().plane.right, view.view().plane.down
    assert (letters(right), letters(down)) == ("P" if plane == "sagittal" else "L", "F")


def test_a_click_into_the_large_pane_moves_the_two_others(sitting: Sitting) -> None:
    sitting.open(scanned("sagittal"))
    panes = sitting.window.panes
    view = panes.views["sagittal"]
    panes.set_tool("crosshair")
    before = np.array(panes.state.crosshair_lps)
    sitting.click(view, QPoint(view.width() // 2 + 40, view.height() // 2 + 30))
    QApplication.processEvents()
    moved = np.array(panes.state.crosshair_lps) - before
    assert moved[0] == pytest.approx(0, abs=0.01) and moved[1] > 1 and moved[2] < -1


def test_slices_that_lean_belong_to_the_plane_nearest_to_them(sitting: Sitting) -> None:
    sitting.open(scanned("sagittal", lean_deg=30))
    assert largest(sitting) == "sagittal"


def test_layouts_of_the_readers_choice_stay(sitting: Sitting) -> None:
    panes = sitting.window.panes
    sitting.open(chest(), scanned("coronal"))
    panes.set_layout(VOLUMES)
    sitting.key(Qt.Key.Key_Right)
    sitting.children.load()
    assert panes.layout_shown.name == VOLUMES and panes.layout_shown.panes[1] == "coronal"
    for name, first in ((REVIEW, "coronal"), (COMPARE, "coronal"), (READ, "coronal")):
        panes.set_layout(name)
        assert panes.layout_shown.name == name and panes.layout_shown.panes[0] == first
    panes.maximise("axial")
    sitting.key(Qt.Key.Key_Right)
    sitting.children.load()
    assert panes.maximised == "axial"
