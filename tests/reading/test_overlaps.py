"""Two findings on one place are told of each other, and stay two."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ai.scan.finding import BoxMask
from ai.scan.labelmap import MadeBy
from tests.reading.samples import Log, finding, proposed
from viewer.reading.events import Answer, FindingAdded, VerdictGiven
from viewer.reading.overlaps import overlapping, same_place

CONTOURS = MadeBy("contours from RTSTRUCT", "")


def box(start: int, side: int = 4) -> BoxMask:
    return BoxMask((start, 3, 4), np.ones((side, side, side), np.bool_))


def log_with(start: int) -> Log:
    """The detector's finding a, and contours c that begin in slice `start`."""
    log = Log()
    event = proposed("ab")
    ours = (replace(event.findings[0], mask=box(2)), replace(event.findings[1], mask=box(2)))
    log.add(replace(event, findings=ours))
    log.add(FindingAdded(replace(finding("c"), mask=box(start), made_by=CONTOURS)))
    return log


def names(log: Log, name: str) -> list[str]:
    one = log.reading.finding(name)
    assert one is not None
    return [other.id for other in overlapping(log.reading, one)]


def test_each_of_two_on_one_place_tells_the_other_and_both_stay():
    log = log_with(3)
    assert names(log, "a") == ["c"] and names(log, "c") == ["a", "b"]
    assert len(log.reading.findings) == 3


def test_two_of_the_detector_are_not_told_of_each_other():
    assert "b" not in names(log_with(3), "a")


def test_two_apart_are_not_told():
    assert names(log_with(40), "a") == [] == names(log_with(40), "c")


def test_a_rejected_one_is_not_told():
    log = log_with(3)
    log.add(VerdictGiven("a", Answer.REJECT))
    assert names(log, "c") == ["b"]


def test_a_small_mask_inside_a_large_one_is_on_its_place_and_none_is_on_no_place():
    inner = BoxMask((10, 10, 10), np.ones((1, 1, 1), np.bool_))
    outer = BoxMask((0, 0, 0), np.ones((30, 30, 30), np.bool_))
    assert same_place(inner, outer) and same_place(outer, inner)
    assert not same_place(None, outer)
    assert not same_place(BoxMask((0, 0, 0), np.zeros((2, 2, 2), np.bool_)), outer)
