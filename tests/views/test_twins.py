"""Two marks of one number in one pane say their whole names."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from viewer.views.overlays import Placed, name_places, paint_mark, paint_name, twins
from viewer.views.state import Mark

PANE = QRectF(0, 0, 300, 280)


def placed(
    name: str, state: str = "proposed", *, x: float = 40.0, y: float = 60.0, current: bool = False
) -> Placed:
    number = name.rpartition(" ")[2]
    mark = Mark(name, number, (0.0, 0.0, 0.0), 4.0, state, current, name=name)
    return Placed(mark, x, y, 12.0)


def covers(name: QRectF, one: Placed) -> bool:
    return name.intersects(one.bounds)


def test_only_those_that_share_a_number_need_their_names():
    shown = [placed("LMZ 2"), placed("RUZ 2"), placed("RUZ 1")]
    assert twins(shown) == {"LMZ 2", "RUZ 2"}
    assert twins(shown[1:]) == frozenset()


def test_marks_without_a_tag_make_no_twin():
    assert twins([placed("LMZ 2"), placed("RUZ 2", "rejected")]) == frozenset()


def test_a_name_stands_right_of_its_tag_and_elsewhere_beside_it_by_the_edge(qapp):
    inside, by_edge = placed("LMZ 2", x=100, y=100), placed("RUZ 2", x=250, y=200)
    names = name_places([inside, by_edge], PANE)
    assert names["LMZ 2"].left() > inside.tag.x()
    assert not names["RUZ 2"].contains(by_edge.tag)
    assert names["RUZ 2"].right() < PANE.right() - 18
    assert all(PANE.contains(name) for name in names.values())


def test_a_name_hides_no_other_mark_and_no_other_name(qapp):
    left, right = placed("RMZ 3", x=100, y=100), placed("LMZ 3", x=150, y=88, current=True)
    other = placed("LMZ 4", x=155, y=60)
    names = name_places([left, right, other], PANE)
    assert set(names) == {"RMZ 3", "LMZ 3"}
    assert not names["RMZ 3"].intersects(names["LMZ 3"])
    assert not covers(names["RMZ 3"], right) and not covers(names["RMZ 3"], other)
    assert not covers(names["LMZ 3"], left) and not covers(names["LMZ 3"], other)


def test_a_name_is_read_on_bright_tissue(qapp):
    """Its plate is dark enough there for letters in the colour of its state."""
    one = placed("LMZ 2")
    box = name_places([one, placed("RUZ 2", y=200)], PANE)["LMZ 2"]
    image = QImage(300, 280, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    paint_mark(painter, one)
    paint_name(painter, one.mark, box)
    painter.end()
    ground = image.pixelColor(int(box.left()) + 1, int(box.top()) + 1)
    assert ground.lightness() < 80
