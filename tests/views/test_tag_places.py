"""Tags of marks on a cut: apart from each other, on no nodule, at their usual place where free."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, QRectF

from viewer import theme
from viewer.views.overlays import Placed
from viewer.views.state import Mark
from viewer.views.tag_places import apart

PANE = QRectF(0, 0, 400, 400)


@pytest.fixture(autouse=True)
def themed(qapp: object) -> None:
    pass


def one(
    x: float, y: float, *, radius: float = 14.0, state: str = "proposed", current: bool = False
) -> Placed:
    mark = Mark(f"{x} {y}", 1, (0.0, 0.0, 0.0), 4.0, state, current, name="RUZ 1")
    return Placed(mark, x, y, radius)


def far(a: QPointF, b: QPointF) -> float:
    return math.hypot(a.x() - b.x(), a.y() - b.y())


def check(found: list[Placed]) -> None:
    radius = theme.number("mark.tagRadius")
    for a, b in combinations(found, 2):
        assert far(a.tag, b.tag) >= 2 * radius, "two tags lie on one another"
        for tag, other in ((a, b), (b, a)):
            nodule = other.radius - theme.number("mark.pad")
            assert far(tag.tag, QPointF(other.x, other.y)) >= nodule + radius, "on a nodule"
    assert all(PANE.contains(tag.as_tag.disc) for tag in found)


def test_a_tag_that_is_free_stands_at_45_degrees() -> None:
    found = apart([one(100, 100), one(200, 300, state="added", current=True)], PANE)
    assert [tag.turn_deg for tag in found] == [0, 0]
    assert found[0].tag.x() - 100 == pytest.approx(100 - found[0].tag.y())


def test_none_lies_on_the_nodule_beside_it_and_the_current_one_chooses_first() -> None:
    left, right = one(100, 100), one(122, 82, current=True)
    found = apart([left, right], PANE)
    check(found)
    assert found[1].turn_deg == 0 and found[0].turn_deg != 0


def test_tags_of_marks_that_lie_almost_on_one_another_part() -> None:
    found = apart([one(100, 100), one(102, 101), one(104, 99, current=True)], PANE)
    radius = theme.number("mark.tagRadius")
    assert all(far(a.tag, b.tag) >= 2 * radius for a, b in combinations(found, 2))


@pytest.mark.parametrize("at", [(395, 200), (200, 4), (396, 5), (3, 3)])
def test_at_the_edge_of_a_pane_it_turns_inwards(at: tuple[float, float]) -> None:
    check(apart([one(*at)], PANE))


@pytest.mark.parametrize("state", ["accepted", "edited", "added", "rejected"])
def test_a_cluster_has_room_around_it(state: str) -> None:
    cluster = [
        one(150, 150, current=True), one(186, 150, state=state), one(150, 186, state=state),
        one(186, 186), one(168, 120, state=state),
    ]  # fmt: skip
    check(apart(cluster, PANE))


def test_a_tag_of_a_diamond_touches_its_outline_wherever_it_stands() -> None:
    mark = one(200, 200, radius=20, state="added")
    radius = theme.number("mark.tagRadius")
    for turn in (0, 45, 90, 130):
        tag = mark.tag_at(turn)
        x, y = abs(tag.x() - 200), abs(tag.y() - 200)
        corner = 20 * math.sqrt(2)
        assert (x + y - corner) / math.sqrt(2) <= radius + 1e-6
        assert x + y > corner, "outside of it"


def test_where_there_is_no_room_the_current_nodule_stays_free() -> None:
    crowd = [one(30 + 6 * n, 40 + 5 * (n % 3)) for n in range(30)]
    crowd[12] = one(crowd[12].x, crowd[12].y, current=True)
    now, radius = crowd[12], theme.number("mark.tagRadius")
    found = apart(crowd, QRectF(0, 0, 220, 90))
    on_it = [tag for tag in found if far(tag.tag, QPointF(now.x, now.y)) < now.radius - 6 + radius]
    assert len(found) == 30 and not on_it


def test_a_held_mark_has_no_tag_that_takes_a_place() -> None:
    held, other = one(100, 100, radius=10, state="held"), one(101, 100, radius=10)
    assert apart([held, other], PANE)[1].turn_deg == apart([held, other], PANE)[0].turn_deg == 0


def test_a_click_on_a_tag_that_was_turned_means_its_mark() -> None:
    found = apart([one(100, 100), one(122, 82, current=True)], PANE)
    assert found[0].holds(found[0].tag)
