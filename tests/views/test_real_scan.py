"""A real patient's scan, feet first, comes out the right way round."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from tests.data import scan
from viewer.views.panes import Panes
from viewer.views.state import Mark, Window


def read(folder: str) -> Volume:
    """A series through a reader that is not Hilum's own."""
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(folder))
    image = reader.Execute()
    directions = np.array(image.GetDirection()).reshape(3, 3) * image.GetSpacing()
    affine = np.eye(4)
    affine[:3, :3] = directions[:, ::-1]
    affine[:3, 3] = image.GetOrigin()
    hu = SimpleITK.GetArrayFromImage(image).astype(np.int16)
    return Volume(Geometry(hu.shape, affine), hu)


@pytest.mark.data
def test_the_nodule_four_readers_marked_is_bright_at_its_place_in_all_panes(
    qtbot: QtBot, themed: QApplication
) -> None:
    folder = scan("LIDC-IDRI-0001")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    nodule = max(truth["nodules"], key=lambda one: one["diameter_mm"])
    x, y, z = nodule["centre_lps_mm"]
    panes = Panes()
    qtbot.addWidget(panes)
    panes.resize(1031, 830)
    panes.show()
    panes.set_scan(read(str(folder)))
    panes.set_window(Window(1500, -600))
    panes.set_marks((Mark("1", 1, (x, y, z), nodule["diameter_mm"] / 2, "proposed", True),))
    panes.go_to((x, y, z))
    for plane, picture in panes.grab_pictures().items():
        view = panes.views[plane]
        column, row = view.view().pixels_of((x, y, z))
        assert picture.pixelColor(round(column), round(row)).lightness() > 180, plane
        assert 0 < column < view.width() and 0 < row < view.height()
    # It lies in the left lung, at the back: on the right of the axial pane and low.
    column, row = panes.views["axial"].view().pixels_of((x, y, z))
    assert x > 0 and column > panes.views["axial"].width() / 2
    assert row > panes.views["axial"].height() / 2
