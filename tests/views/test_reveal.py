"""Panes pan only to what is out of sight, no further than the scan reaches, and both together."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF

from tests.views import scans
from tests.views.test_second import pair
from viewer import theme
from viewer.views.layouts import AXIAL_2, CORONAL_2
from viewer.views.panes import Panes
from viewer.views.planes import bounds_on
from viewer.views.slice_view import SliceView

__all__ = ["pair"]


def black(view: SliceView) -> tuple[float, float]:
    """The shares of a pane's width and height that lie beside the scan."""
    assert view.volume is not None
    low, high = bounds_on(view.volume.geometry, view.plane).T
    shares = []
    middles = (view.camera.right_mm, view.camera.down_mm)
    for axis, (middle, pixels) in enumerate(
        zip(middles, (view.width(), view.height()), strict=True)
    ):
        half = pixels * view.camera.mm_per_px / 2
        seen = min(middle + half, high[axis]) - max(middle - half, low[axis])
        shares.append(1 - max(0.0, seen) / (2 * half))
    return shares[0], shares[1]


@pytest.mark.parametrize("x", [-57.0, 57.0])
@pytest.mark.parametrize("y", [-57.0, 0.0, 57.0])
def test_a_point_at_the_edge_of_the_scan_comes_in_sight_without_black_beside_it(
    panes: Panes, x: float, y: float
) -> None:
    axial = panes.views["axial"]
    panes.zoom(3.0, "axial")
    inset = theme.number("reveal.inset")
    panes.go_to((x, y, 9.0))
    at = axial.view().pixels_of((x, y, 9.0))
    for pixel, size, share in zip(at, (axial.width(), axial.height()), black(axial), strict=True):
        assert inset - 1 <= pixel <= size - inset + 1
        assert share * size <= inset + 1
    stands = axial.camera.right_mm, axial.camera.down_mm
    panes.go_to((x, y, 9.0))
    assert (axial.camera.right_mm, axial.camera.down_mm) == stands


def test_much_enlarged_a_point_comes_to_the_middle_the_way_it_was_out_of_sight(
    panes: Panes,
) -> None:
    """What lies around it is half of what is read there."""
    axial = panes.views["axial"]
    panes.zoom(6.0, "axial")
    axial.pan(QPointF(1500, 0))
    down = axial.camera.down_mm
    panes.go_to((5.0, -6.0, 9.0))
    x, _ = axial.view().pixels_of((5.0, -6.0, 9.0))
    assert x == pytest.approx(axial.width() / 2, abs=1)
    assert axial.camera.down_mm == down


def test_a_point_near_an_edge_moves_nothing_while_no_words_lie_on_it(panes: Panes) -> None:
    coronal = panes.views["coronal"]
    panes.zoom(1.6, "coronal")
    for x, y in ((coronal.width() / 2 + 60.0, 20.0), (20.0, 60.0), (coronal.width() - 20.0, 100.0)):
        assert not any(r.contains(x, y) for r in coronal.corners.places(coronal.camera.mm_per_px))
        before = coronal.camera.place
        right, _, up = coronal.view().lps_of(x, y)
        panes.go_to((right, 3.0, up))
        assert coronal.camera.place == before


def test_a_point_under_words_comes_out_from_under_them_and_no_further(panes: Panes) -> None:
    coronal = panes.views["coronal"]
    panes.zoom(1.6, "coronal")
    tab = coronal.corners.places(coronal.camera.mm_per_px)
    assert any(rect.contains(20.0, 20.0) for rect in tab)
    right, _, up = coronal.view().lps_of(20.0, 20.0)
    before = coronal.camera.right_mm, coronal.camera.down_mm
    panes.go_to((right, 3.0, up))
    inset = theme.number("reveal.inset")
    assert min(coronal.view().pixels_of((right, 3.0, up))) >= inset - 1
    moved = (coronal.camera.right_mm - before[0], coronal.camera.down_mm - before[1])
    assert max(map(abs, moved)) <= theme.number("reveal.aroundMm")


def test_a_pane_pans_only_the_way_in_which_a_point_is_out_of_sight(panes: Panes) -> None:
    """A jump to lung above the pane took the coronal sideways and the other lung out of it."""
    coronal = panes.views["coronal"]
    panes.zoom(1.4, "coronal")
    right, _, up = coronal.view().lps_of(60.0, -4.0)
    before = coronal.camera.place
    panes.go_to((right, 3.0, up))
    moved_px = (before[1] - coronal.camera.down_mm) / coronal.camera.mm_per_px
    assert coronal.camera.right_mm == before[0]
    around = theme.number("reveal.aroundMm") / coronal.camera.mm_per_px
    assert 0 < moved_px <= 4 + max(theme.number("reveal.inset"), around) + 1


def places_of(pair: Panes) -> list[tuple[float, float, float]]:
    views = [pair.views[name] for name in ("axial", AXIAL_2, "coronal", CORONAL_2)]
    return [(v.camera.right_mm, v.camera.down_mm, v.camera.mm_per_px) for v in views]


def test_going_to_a_point_in_sight_moves_neither_scan_whichever_panes_are_hidden(
    pair: Panes,
) -> None:
    pair.zoom(1.5, "axial")
    pair.views[AXIAL_2].resize(120, 120)
    for alone in ("axial", AXIAL_2):
        pair.maximise(alone)
        hidden = pair.views[AXIAL_2 if alone == "axial" else "axial"]
        hidden.resize(120, 120)
        before = places_of(pair)
        pair.go_to((25.0, 20.0, 5.0))
        assert places_of(pair)[:2] == before[:2]


def test_going_to_a_point_out_of_sight_takes_both_scans_to_one_place(pair: Panes) -> None:
    pair.zoom(6.0, "axial")
    for point in ((50.0, 40.0, 5.0), (-50.0, 30.0, -5.0), (0.0, -50.0, 0.0)):
        pair.go_to(point)
        first, second = pair.views["axial"], pair.views[AXIAL_2]
        assert first.view().centre_lps[:2] == pytest.approx(second.view().centre_lps[:2])
        for view in (first, second):
            x, y = view.view().pixels_of(point)
            assert 39 <= x <= view.width() - 39 and 39 <= y <= view.height() - 39


@pytest.mark.parametrize("small", [(640, 520), (500, 420)])
def test_a_pane_that_followed_the_crosshair_fills_its_room_when_the_window_grows(
    panes: Panes, small: tuple[int, int]
) -> None:
    """No hand has zoomed it: it is no small stamp in a large pane, and still shows the place."""
    assert panes.volume is not None
    panes.set_labels(scans.two_balls(panes.volume.geometry))
    panes.resize(*small)
    sagittal = panes.views["sagittal"]
    edge = (5.0, 57.0, 25.0)
    panes.go_to(edge)
    assert not sagittal.camera.touched
    panes.resize(1300, 1000)
    grown = sagittal.camera.mm_per_px
    x, y = sagittal.view().pixels_of(edge)
    edge_px = theme.number("reveal.edge")
    assert edge_px <= x <= sagittal.width() - edge_px
    assert edge_px <= y <= sagittal.height() - edge_px
    sagittal.fit()
    assert grown == sagittal.camera.mm_per_px


def test_a_pane_that_followed_the_crosshair_is_fitted_to_the_lungs_that_come(panes: Panes) -> None:
    assert panes.volume is not None
    panes.resize(500, 420)
    panes.go_to((57.0, 57.0, 25.0))
    panes.set_labels(scans.two_balls(panes.volume.geometry))
    for view in (panes.views[name] for name in panes.shown):
        came = view.camera.mm_per_px
        view.fit()
        assert came == view.camera.mm_per_px, view.name
