"""Letters and pixels agree, however the patient lay in the scanner."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ai.scan.geometry import Geometry
from tests.views import scans
from viewer.views.panes import Panes
from viewer.views.planes import PLANES, View, letters
from viewer.views.slice_render import OUTSIDE_HU, Cutter, Look, Table, render
from viewer.views.state import NO_TEXT, Window

SIDE = 200
BLOCK = (20.0, -20.0, 20.0)  # left, front, head


def centre_of(bright: np.ndarray) -> tuple[float, float]:
    """Mean column and row of the true pixels, from the middle of the picture."""
    rows, columns = np.nonzero(bright)
    high, wide = bright.shape
    return float(columns.mean() - wide / 2), float(rows.mean() - high / 2)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("position", scans.POSITIONS)
def test_a_block_at_the_left_front_and_head_lies_at_the_edges_that_say_so(
    position: str, plane: str
) -> None:
    volume = scans.left_front_head(scans.lying(position))
    shown = PLANES[plane]
    view = View(shown, BLOCK, 0.5, SIDE, SIDE)
    middle = View(shown, tuple(np.array(BLOCK) * np.abs(shown.onward)), 0.5, SIDE, SIDE)
    table = Table(Look(Window(400, 0)))
    picture = render(middle, Cutter(volume.hu, volume.geometry, outside=OUTSIDE_HU), table)
    x, y = centre_of((picture & 0xFF) > 200)
    assert letters(shown.right if x > 0 else -np.array(shown.right)) in ("L", "A")
    assert letters(shown.down if y > 0 else -np.array(shown.down)) in ("A", "H")
    # in the right amount too: 20 mm from the patient's middle at 0.5 mm a pixel
    assert (abs(x), abs(y)) == pytest.approx((40, 40), abs=1.5)
    centred = render(view, Cutter(volume.hu, volume.geometry, outside=OUTSIDE_HU), table)
    assert centre_of((centred & 0xFF) > 200) == pytest.approx((0, 0), abs=1.5)


@pytest.mark.parametrize("position", scans.POSITIONS)
def test_the_painted_panes_show_it_there_as_well(
    position: str, qtbot: QtBot, themed: QApplication
) -> None:
    volume = scans.left_front_head(scans.lying(position))
    panes = Panes()
    qtbot.addWidget(panes)
    panes.resize(900, 700)
    panes.show()
    panes.set_scan(volume)
    panes.set_window(Window(400, 0))
    panes.set_text_level(NO_TEXT)
    panes.set_show_crosshair(False)
    panes.go_to(BLOCK)
    expected = {"axial": (1, -1), "coronal": (1, -1), "sagittal": (-1, -1)}
    for plane, picture in panes.grab_pictures().items():
        picture = picture.convertToFormat(picture.Format.Format_RGB32)
        high, wide = picture.height(), picture.width()
        pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(high, wide) & 0xFF
        inner = pixels[40 : high - 40, 60 : wide - 60] > 250  # without letters and scale bar
        x, y = centre_of(inner)
        assert (np.sign(x), np.sign(y)) == expected[plane], plane


def test_the_axial_pane_is_seen_from_the_feet() -> None:
    axial = PLANES["axial"]
    assert letters(axial.right) == "L"
    assert letters(axial.down) == "P"


def test_coronal_has_the_head_on_top_and_sagittal_the_front_at_the_left() -> None:
    assert letters(-np.array(PLANES["coronal"].down)) == "H"
    assert letters(PLANES["coronal"].right) == "L"
    assert letters(-np.array(PLANES["sagittal"].right)) == "A"


@pytest.mark.parametrize(
    ("direction", "said"),
    [((1, 0, 0), "L"), ((-1, 0, 0), "R"), ((0, 1, 0), "P"), ((0, -1, 0), "A"), ((0, 0, 1), "H"),
     ((0, 0, -1), "F"), ((0.8, -0.6, 0), "LA"), ((-0.3, 0, -0.95), "FR"), ((1, 0.01, 0), "L")],
)  # fmt: skip
def test_letters_follow_direction_cosines_the_larger_part_first(
    direction: tuple[float, float, float], said: str
) -> None:
    assert letters(direction) == said


def test_a_tilted_scan_is_shown_straight_in_the_patient() -> None:
    straight = scans.lying("HFS")
    angle = np.radians(15)
    turn = np.array(
        [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    )
    affine = straight.affine.copy()
    affine[:3, :3] = turn @ affine[:3, :3]
    affine[:3, 3] = -affine[:3, :3] @ (np.array(straight.shape_kji) - 1) / 2
    volume = scans.left_front_head(Geometry(straight.shape_kji, affine))
    view = View(PLANES["axial"], (0, 0, 20), 0.5, SIDE, SIDE)
    cutter = Cutter(volume.hu, volume.geometry, outside=OUTSIDE_HU)
    picture = render(view, cutter, Table(Look(Window(400, 0))))
    assert centre_of((picture & 0xFF) > 200) == pytest.approx((40, -40), abs=2)
