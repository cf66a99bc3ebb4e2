"""Two marks of one number in one pane say their whole names."""

from __future__ import annotations

from PySide6.QtGui import QImage, QPainter

from viewer.views.overlays import Placed, paint_mark, twins
from viewer.views.state import Mark


def placed(name: str, state: str = "proposed") -> Placed:
    number = name.rpartition(" ")[2]
    return Placed(Mark(name, number, (0.0, 0.0, 0.0), 4.0, state, name=name), 40.0, 60.0, 12.0)


def picture(one: Placed, *, named: bool) -> QImage:
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    paint_mark(painter, one, named=named)
    painter.end()
    return image


def test_only_those_that_share_a_number_need_their_names():
    shown = [placed("LMZ 2"), placed("RUZ 2"), placed("RUZ 1")]
    assert twins(shown) == {"LMZ 2", "RUZ 2"}
    assert twins(shown[1:]) == frozenset()


def test_marks_without_a_tag_make_no_twin():
    assert twins([placed("LMZ 2"), placed("RUZ 2", "rejected")]) == frozenset()


def test_the_name_stands_beside_the_tag(qapp):
    assert picture(placed("LMZ 2"), named=True) != picture(placed("LMZ 2"), named=False)
