"""Which lung counts as shown: window, zoom, speed, place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from viewer.coverage.lungs import ghost, share, unseen
from viewer.coverage.rules import rules
from viewer.coverage.seen import Seen, Sight
from viewer.views.planes import AXIAL, CORONAL, PLANES


def lungs(turn: float = 0.0, *, feet_first: bool = False) -> LabelMap:
    """Two boxes of 60 x 100 x 60 mm, the right lung at the lower x; turned about z by degrees."""
    labels = np.zeros((40, 60, 120), np.uint8)
    labels[5:35, 10:50, 10:50] = 1
    labels[5:35, 10:50, 70:110] = 2
    affine = Geometry.axial((40, 60, 120), spacing_kji_mm=(2.0, 2.5, 1.5)).affine.copy()
    angle = np.radians(turn)
    spin = np.eye(4)
    spin[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    if feet_first:
        spin[2, 2] = -1
    return LabelMap(Geometry((40, 60, 120), spin @ affine), labels, LUNGS, MadeBy("test", "1"))


def seen_of(labelmap: LabelMap) -> Seen:
    return Seen(labelmap.geometry, rules())


def axial(labelmap: LabelMap, k: int, **other: float) -> Sight:
    """The whole slice k in the lung window."""
    plane = PLANES[AXIAL]
    x, y, z = labelmap.geometry.lps_of((k, 30, 60))
    values = {
        "wide_mm": 400.0, "high_mm": 400.0, "thick_mm": 2.0, "mm_per_px": 0.5,
        "window_width_hu": 1500.0, "window_level_hu": -600.0,
    } | other  # fmt: skip
    axes = (plane.right, plane.down, plane.onward)
    return Sight(axes, (float(x), float(y), float(z)), **values)


def test_nothing_is_seen_before_anything_was_shown():
    labelmap = lungs()
    seen = seen_of(labelmap)
    assert share(seen, labelmap) == 0
    assert sum(place.share for place in unseen(seen, labelmap)) == pytest.approx(1)


@pytest.mark.parametrize(("turn", "feet_first"), [(0, False), (30, False), (0, True), (30, True)])
def test_going_through_every_slice_sees_all_of_both_lungs(turn, feet_first):
    labelmap = lungs(turn, feet_first=feet_first)
    seen = seen_of(labelmap)
    for k in range(40):
        seen.add(axial(labelmap, k), 0.1)
    assert share(seen, labelmap) == 1
    assert unseen(seen, labelmap) == ()


def test_a_slice_that_was_passed_over_stays_unseen_and_is_offered():
    labelmap = lungs()
    seen = seen_of(labelmap)
    for k in range(40):
        if k != 20:
            seen.add(axial(labelmap, k), 0.1)
    assert share(seen, labelmap) == pytest.approx(29 / 30)
    there = labelmap.geometry.lps_of((20, 0, 0))[2]
    places = unseen(seen, labelmap)
    assert places and all(place.lps[2] == pytest.approx(there) for place in places)
    inside = labelmap.geometry.nearest_voxel(places[0].lps)
    assert inside is not None and labelmap.labels[inside] == places[0].lung


@pytest.mark.parametrize("turn", [0, 30])
def test_half_of_each_slice_out_of_the_pane_leaves_one_lung_unseen(turn):
    labelmap = lungs(turn)
    seen = seen_of(labelmap)
    across = labelmap.geometry.directions[:, 2] * 200.0
    for k in range(40):
        sight = axial(labelmap, k)
        right = tuple(float(n) for n in labelmap.geometry.directions[:, 2])
        down = tuple(float(n) for n in labelmap.geometry.directions[:, 1])
        x, y, z = np.array(sight.centre_lps) - across
        seen.add(replace(sight, axes=(right, down, sight.axes[2]), centre_lps=(x, y, z)), 1)
    assert share(seen, labelmap, 1) == 1
    assert share(seen, labelmap, 2) == 0
    assert {place.lung for place in unseen(seen, labelmap)} == {2}


def test_a_plane_along_the_grid_and_the_same_one_leaning_by_a_hair_see_the_same():
    labelmap = lungs()
    straight, leaning = seen_of(labelmap), seen_of(labelmap)
    sight = axial(labelmap, 20, wide_mm=91.0, high_mm=77.0)
    straight.add(sight, 1)
    hair = 1e-5
    axes = ((1.0, hair, 0.0), (-hair, 1.0, 0.0), sight.axes[2])
    leaning.add(replace(sight, axes=axes), 1)
    assert np.array_equal(straight.places, leaning.places)
    assert straight.places.any()


@pytest.mark.parametrize(
    "hidden",
    [
        {"window_width_hu": 400, "window_level_hu": 40},
        {"window_width_hu": 2000, "window_level_hu": 400},
        {"mm_per_px": 1.3},
    ],
)
def test_a_soft_window_or_a_small_picture_shows_no_lung(hidden):
    labelmap = lungs()
    seen = seen_of(labelmap)
    assert not seen.add(axial(labelmap, 20, **hidden), 5.0)
    assert share(seen, labelmap) == 0


def test_slices_that_flew_by_count_only_when_their_visits_add_up():
    labelmap = lungs()
    seen = seen_of(labelmap)
    seen.add(axial(labelmap, 20), 0.03)
    assert share(seen, labelmap) == 0
    seen.add(axial(labelmap, 20), 0.03)
    assert share(seen, labelmap) > 0


def test_a_slab_shows_all_the_slices_in_it():
    labelmap = lungs()
    seen = seen_of(labelmap)
    seen.add(axial(labelmap, 20, thick_mm=10.0), 0.1)
    assert share(seen, labelmap) == pytest.approx(5 / 30)


def test_what_was_seen_comes_back_from_the_log_and_never_onto_another_scan():
    labelmap = lungs()
    seen = seen_of(labelmap)
    for k in range(20):
        seen.add(axial(labelmap, k), 0.1)
    again = seen_of(labelmap)
    again.take_back(seen.text())
    assert np.array_equal(again.places, seen.places)
    other = Seen(Geometry.axial((11, 60, 60)), rules())
    with pytest.raises(ValueError, match="another scan"):
        other.take_back(seen.text())
    with pytest.raises(ValueError, match="read"):
        again.take_back("no coverage")


def test_a_lung_that_was_edited_keeps_what_was_seen_of_it():
    labelmap = lungs()
    seen = seen_of(labelmap)
    for k in range(40):
        seen.add(axial(labelmap, k), 0.1)
    more = labelmap.labels.copy()
    more[5:35, 5:10, 10:50] = 1
    edited = LabelMap(labelmap.geometry, more, LUNGS, labelmap.made_by)
    assert share(seen, edited) == 1


def test_the_ghost_shows_what_was_seen_where_it_lies():
    labelmap = lungs()
    seen = seen_of(labelmap)
    for k in range(20, 40):  # the upper half
        seen.add(axial(labelmap, k), 0.1)
    plane = PLANES[CORONAL]
    made = ghost(seen, labelmap, (plane.right, plane.down, plane.onward), cell_mm=6.0)
    filled = made.lung > 0
    assert filled.any() and not filled.all()
    rows = [made.seen[r][filled[r]].mean() for r in range(len(filled)) if filled[r].any()]
    assert rows[0] == 1 and rows[-1] == 0
