"""Numbers that repeat in the 3-D picture are told apart by whole names beside their tags."""

from __future__ import annotations

from itertools import combinations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from viewer import theme
from viewer.views.state import Mark
from viewer.volume.overlay import name_places, paint_names, tag_places
from viewer.volume.pick import Seen

PANE = QRectF(0, 0, 600, 500)


def seen(name: str, x: float, y: float, *, current: bool = False) -> Seen:
    mark = Mark(name, name.split()[-1], (0.0, 0.0, 0.0), 5.0, "undecided", current, name=name)
    return Seen(mark, x, y, 8.0, 0.0)


def test_findings_of_one_number_have_their_names_and_the_only_one_of_its_number_has_none(
    themed: QApplication,
) -> None:
    found = [seen("LMZ 2", 100, 100), seen("RUZ 2", 400, 300), seen("RUZ 1", 250, 200)]
    assert set(name_places(found, tag_places(found, PANE), PANE)) == {"LMZ 2", "RUZ 2"}


def test_names_lie_on_no_tag_on_no_other_name_and_in_the_pane(themed: QApplication) -> None:
    rows = [(70 + 40 * n, 90 + 17 * (n % 3)) for n in range(13)]
    found = [seen(f"LM{n} 1", x, y) for n, (x, y) in enumerate(rows)]
    found.append(seen("RUZ 1", 596, 4, current=True))
    places = tag_places(found, PANE)
    names = name_places(found, places, PANE)
    radius = theme.number("mark.tagRadius")
    tags = [QRectF(p.x() - radius, p.y() - radius, 2 * radius, 2 * radius) for p in places]
    assert "RUZ 1" in names and len(names) > 3
    assert not any(a.intersects(b) for a, b in combinations(names.values(), 2))
    assert not any(name.intersects(tag) for name in names.values() for tag in tags)
    assert all(PANE.contains(name) for name in names.values())


def test_a_name_is_painted_where_it_was_placed(themed: QApplication) -> None:
    found = [seen("LMZ 2", 100, 100), seen("RUZ 2", 400, 300)]
    places = tag_places(found, PANE)
    image = QImage(600, 500, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    paint_names(painter, found, places, PANE)
    painter.end()
    box = name_places(found, places, PANE)["LMZ 2"].toAlignedRect()
    inside = image.copy(box)
    bright = sum(
        inside.pixelColor(x, y).lightness() > 60
        for x in range(inside.width()) for y in range(inside.height())
    )  # fmt: skip
    assert bright > 20
