"""Two marks of one number in one pane say their whole names."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from viewer.views.beside_tags import Tag, twins
from viewer.views.beside_tags import name_places as places_of
from viewer.views.overlays import NAME_EDGE_PX, Placed, paint_mark, paint_name
from viewer.views.state import Mark

PANE = QRectF(0, 0, 300, 280)


def placed(
    name: str, state: str = "proposed", *, x: float = 40.0, y: float = 60.0, current: bool = False
) -> Placed:
    number = name.rpartition(" ")[2]
    mark = Mark(name, number, (0.0, 0.0, 0.0), 4.0, state, current, name=name)
    return Placed(mark, x, y, 12.0)


def name_places(shown: list[Placed], within: QRectF) -> dict[str, QRectF]:
    room = within.adjusted(NAME_EDGE_PX, 0, -NAME_EDGE_PX, 0)
    return places_of([one.as_tag for one in shown], room)


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


def test_a_name_lies_on_no_current_finding_though_its_tag_is_in_it(qapp):
    """Two marks on one another: the names of both stand beside the nodule that is judged."""
    under, judged = placed("RMZ 1", x=100, y=100), placed("RUZ 1", x=108, y=104, current=True)
    names = name_places([under, judged], PANE)
    assert set(names) == {"RMZ 1", "RUZ 1"}
    ring = judged.as_tag.ring
    assert not any(name.intersects(ring) for name in names.values())


def test_a_name_at_its_ring_always_stands_and_one_that_leads_may_be_left_out(qapp):
    crowd = [placed(f"LM{n} 1", x=60 + 9 * n, y=40) for n in range(14)]
    small = QRectF(0, 0, 200, 80)
    at_rings = [one.as_tag for one in crowd]
    assert len(places_of(at_rings, small)) == 14
    leading = [Tag(one.mark, one.at, one.ring, leads=True) for one in at_rings]
    found = places_of(leading, small)
    assert 0 < len(found) < 14
    assert not any(name.intersects(tag.disc) for name in found.values() for tag in leading)


def test_a_name_keeps_clear_of_what_the_pane_says_over_it(qapp):
    one, other = placed("LMZ 2", x=100, y=100, current=True), placed("RUZ 2", y=200)
    free = name_places([one, other], PANE)["LMZ 2"]
    room = PANE.adjusted(NAME_EDGE_PX, 0, -NAME_EDGE_PX, 0)
    tags = [one.as_tag, other.as_tag]
    moved = places_of(tags, room, [free.adjusted(5, 2, 0, 0)])["LMZ 2"]
    assert not moved.intersects(free.adjusted(5, 2, 0, 0)) and moved != free
    assert places_of(tags, room, [PANE]).keys() == {"LMZ 2", "RUZ 2"}, "none is left out for it"


def test_a_pane_keeps_its_names_clear_of_its_scale(panes, monkeypatch):
    axial = panes.views["axial"]
    axial.resize(300, 260)
    found: dict[str, QRectF] = {}
    told: list[bool] = []
    label = axial.corners.places(axial.camera.mm_per_px)[-1]

    def spied(tags, within, words=()):
        told.append(any(name.intersects(label) for name in places_of(tags, within).values()))
        found.update(places_of(tags, within, words))
        return found

    monkeypatch.setattr("viewer.views.overlays.name_places", spied)
    twin = Mark("b", 1, axial.view().lps_of(40.0, 60.0), 5.0, "proposed", name="RUZ 1")

    def show(x: float, y: float) -> None:
        here = axial.view().lps_of(x, y)
        panes.set_marks((Mark("a", 1, here, 5.0, "proposed", True, name="LMZ 1"), twin))

    show(150.0, 100.0)
    tag = next(one.tag for one in axial._placed() if one.mark.id == "a")
    show(label.left() - 20 - (tag.x() - 150), label.center().y() - (tag.y() - 100))
    axial.grab()
    assert told[-1], "left to itself it would stand under the scale's label"
    assert set(found) == {"a", "b"}
    assert not any(name.intersects(label) for name in found.values())
