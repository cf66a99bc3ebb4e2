"""Numbers that repeat in the 3-D picture are told apart by whole names beside their tags."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from viewer import theme
from viewer.views.state import Mark
from viewer.volume.leaders import tags_of
from viewer.volume.overlay import names_of, paint_names
from viewer.volume.pick import Seen

PANE = QRectF(0, 0, 600, 500)


def seen(name: str, x: float, y: float, *, current: bool = False) -> Seen:
    mark = Mark(name, name.split()[-1], (0.0, 0.0, 0.0), 5.0, "undecided", current, name=name)
    return Seen(mark, x, y, 8.0, 0.0)


def test_findings_of_one_number_have_their_names_and_the_only_one_of_its_number_has_none(
    themed: QApplication,
) -> None:
    found = [seen("LMZ 2", 100, 100), seen("RUZ 2", 400, 300), seen("RUZ 1", 250, 200)]
    assert set(names_of(tags_of(found, PANE), PANE)) == {"LMZ 2", "RUZ 2"}


def test_names_lie_on_no_tag_on_no_other_name_and_in_the_pane(themed: QApplication) -> None:
    rows = [(70 + 40 * n, 90 + 17 * (n % 3)) for n in range(13)]
    found = [seen(f"LM{n} 1", x, y) for n, (x, y) in enumerate(rows)]
    found.append(seen("RUZ 1", 596, 4, current=True))
    places = tags_of(found, PANE)
    names = names_of(places, PANE)
    tags = [one.disc for one in places]
    assert "RUZ 1" in names and len(names) > 3
    assert not any(a.intersects(b) for a, b in combinations(names.values(), 2))
    assert not any(name.intersects(tag) for name in names.values() for tag in tags)
    assert all(PANE.contains(name) for name in names.values())


def test_a_name_is_painted_where_it_was_placed(themed: QApplication) -> None:
    found = [seen("LMZ 2", 100, 100), seen("RUZ 2", 400, 300)]
    tags = tags_of(found, PANE)
    image = QImage(600, 500, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    paint_names(painter, tags, PANE)
    painter.end()
    box = names_of(tags, PANE)["LMZ 2"].toAlignedRect()
    inside = image.copy(box)
    bright = sum(
        inside.pixelColor(x, y).lightness() > 60
        for x in range(inside.width()) for y in range(inside.height())
    )  # fmt: skip
    assert bright > 20


@pytest.mark.parametrize("at", [(300, 250), (60, 250), (540, 60), (300, 440)])
def test_no_tag_no_name_and_no_leader_lies_on_the_current_finding(
    themed: QApplication, at: tuple[float, float]
) -> None:
    """Neither its own nor another's, from wherever round it the others look at it."""
    x, y = at
    judged = seen("RUZ 1", x, y, current=True)
    ways = [(-38, 38), (-30, 25), (-24, 40), (0, 45), (40, 40), (-45, 0), (38, 0), (0, -40)]
    others = [seen(f"RM{n} 1", x + dx, y + dy) for n, (dx, dy) in enumerate(ways)]
    found = [*others, judged]
    tags = tags_of(found, PANE)
    ring = judged.radius + theme.number("mark.pad")
    radius = theme.number("mark.tagRadius")
    for one, tag in zip(found, tags, strict=True):
        assert PANE.contains(tag.disc), tag.mark.name
        assert math.dist((tag.at.x(), tag.at.y()), at) > ring + radius, tag.mark.name
        if one is not judged and math.dist((one.x, one.y), at) > ring:
            assert off_line(at, (one.x, one.y), (tag.at.x(), tag.at.y())) > judged.radius
    middle, whole = QPointF(x, y), QRectF(x - ring, y - ring, 2 * ring, 2 * ring)
    names = names_of(tags, PANE)
    assert "RUZ 1" in names
    assert not any(names["RUZ 1"].intersects(tag.disc) for tag in tags)
    assert not any(name.contains(middle) or name.intersects(whole) for name in names.values())
    discs = [tag.disc for tag in tags]
    assert not any(a.intersected(b).width() > 4 for a, b in combinations(discs, 2))


def test_a_lone_tag_stands_where_it_always_stood(themed: QApplication) -> None:
    (tag,) = tags_of([seen("RUZ 1", 300, 250)], PANE)
    out = (8.0 + theme.number("tag.leader")) * math.cos(math.radians(45))
    assert (tag.at.x(), tag.at.y()) == pytest.approx((300 + out, 250 - out), abs=0.01)


def off_line(point: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    """How far a point is from the line between two others."""
    (px, py), (ax, ay), (bx, by) = point, a, b
    long = (bx - ax) ** 2 + (by - ay) ** 2
    t = max(0.0, min(1.0, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / long))
    return math.dist(point, (ax + t * (bx - ax), ay + t * (by - ay)))
