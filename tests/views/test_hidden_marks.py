"""While marks are hidden every pane says so, so that none is taken for a pane without marks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from viewer import theme
from viewer.views import corners
from viewer.views.pane_text import marks_hidden
from viewer.views.panes import Panes
from viewer.views.slice_view import SliceView
from viewer.views.state import NO_TEXT, PaneText, ViewState
from viewer.volume.overlay import Words, paint_words


def place_of(view: SliceView) -> QRectF:
    made = view.corners.hidden_place(0.0)
    assert made is not None
    return made


def test_it_names_the_key_that_brings_them_back() -> None:
    assert marks_hidden() == "Marks hidden · Space"


def test_every_pane_says_that_marks_are_hidden_and_only_then(panes: Panes) -> None:
    for view in panes.views.values():
        assert view.corners.hidden_place(0.0) is None
        before = view.grab().toImage()
        panes.set_show_marks(False)
        where: QRect = place_of(view).toAlignedRect()
        assert view.rect().contains(where)
        assert view.grab().toImage().copy(where) != before.copy(where)
        panes.set_show_marks(True)
        assert view.grab().toImage().copy(where) == before.copy(where)


@pytest.mark.parametrize("wide", [192, 300])
def test_in_a_small_pane_it_covers_no_other_words(panes: Panes, wide: int) -> None:
    panes.set_show_marks(False)
    panes.set_invert(True)
    for view in panes.views.values():
        view.resize(wide, 260)
        here, bounds = place_of(view), QRectF(view.rect())
        assert bounds.contains(here)
        for corner, lines in (
            (corners.BOTTOM_LEFT, view.corners.state_lines()),
            (corners.BOTTOM_RIGHT, view.corners.probe_lines()),
        ):
            assert lines and not here.intersects(corners.tab_place(bounds, corner, lines))


def test_it_stands_above_the_notice_of_an_ai(panes: Panes) -> None:
    panes.set_show_marks(False)
    axial = panes.views["axial"]
    bounds = QRectF(axial.rect())
    notice = corners.notice_place(bounds, axial.corners.lines.research_use)
    here = axial.corners.hidden_place(notice.height())
    assert here is not None and here.bottom() <= notice.top()


def test_the_3_d_pane_says_so_too(qapp: QApplication) -> None:
    theme.apply_theme(qapp)

    def painted(*, shown: bool) -> QImage:
        image = QImage(300, 260, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        state = ViewState(show_marks=shown, text_level=NO_TEXT)
        paint_words(
            painter, QRectF(image.rect()), Words("", PaneText(), False), state, ai_shows=False
        )
        painter.end()
        return image

    assert painted(shown=False) != painted(shown=True)
