"""A pane says that an AI took part only where marks or segments of an AI are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from ai.nodules.added import GROWING
from ai.scan.labelmap import MadeBy
from tests.views import scans
from viewer.dicom.masks.drawn_by import CONTOURS, READER
from viewer.views import corners
from viewer.views.by_ai import by_ai
from viewer.views.panes import Panes
from viewer.views.state import Mark, PaneText, ViewState
from viewer.volume.overlay import Words, paint_words

NETWORK = MadeBy("lungs-unet", "3")


@pytest.mark.parametrize(
    ("made_by", "told"),
    [
        (NETWORK, True),
        (MadeBy("another program", ""), True),
        (MadeBy(f"{CONTOURS}, plan", "automatic"), True),
        (MadeBy(f"{CONTOURS}, plan", "semiautomatic"), False),
        (MadeBy(CONTOURS, ""), False),
        (READER, False),
        (GROWING, False),
    ],
)
def test_who_is_an_ai(made_by: MadeBy, told: bool) -> None:
    assert by_ai(made_by) is told


def test_lungs_of_a_hand_carry_no_notice_of_an_ai(panes: Panes) -> None:
    assert panes.volume is not None
    lungs = scans.two_balls(panes.volume.geometry)
    axial = panes.views["axial"]
    assert not axial._ai_shows()
    panes.set_labels(replace(lungs, made_by=READER))
    assert not axial._ai_shows()
    panes.set_labels(replace(lungs, made_by=NETWORK))
    assert axial._ai_shows()


def test_a_mark_of_a_hand_carries_none_beside_one_of_an_ai_it_stands(panes: Panes) -> None:
    own = Mark("a", 1, (10.0, 10.0, 0.0), 3.0, "added", by_ai=False)
    axial = panes.views["axial"]
    panes.set_marks((own,))
    assert not axial._ai_shows()
    panes.set_marks((own, Mark("b", 2, (10.0, 10.0, 0.0), 3.0, "proposed")))
    assert axial._ai_shows()


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("wide", [200, 300, 400])
def test_a_small_axial_pane_carries_the_notice_beside_or_above_its_lower_tabs(
    panes: Panes, wide: int, invert: bool
) -> None:
    panes.set_invert(invert)
    axial = panes.views["axial"]
    axial.resize(wide, 260)
    before = axial.grab().toImage()
    panes.set_marks((Mark("b", 2, (9999.0, 10.0, 0.0), 3.0, "proposed"),))
    assert axial._ai_shows()
    place = axial.corners.notice_place()
    bounds = QRectF(axial.rect())
    assert place is not None and bounds.contains(place)
    here = place.toAlignedRect()
    assert axial.grab().toImage().copy(here) != before.copy(here)
    lines = axial.corners.probe_lines()
    assert not place.intersects(corners.tab_place(bounds, corners.BOTTOM_RIGHT, lines))
    places = axial.corners.places(1.0)
    assert place in places
    assert not any(place.intersects(other) for other in places if other != place)


def test_the_3_d_pane_carries_the_notice_however_small_it_is(themed: QApplication) -> None:
    def painted(*, shows: bool) -> QImage:
        image = QImage(300, 260, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        words = Words("", PaneText(), False)
        paint_words(painter, QRectF(image.rect()), words, ViewState(), ai_shows=shows)
        painter.end()
        return image

    assert painted(shows=True) != painted(shows=False)
