"""The lungs are fitted between the words of a pane, and by all slices alike."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from ai.scan.volume import Volume
from tests.views import scans
from viewer.views import corners
from viewer.views.clearing import Shadow, clear_sight
from viewer.views.layouts import COMPARE
from viewer.views.panes import Panes
from viewer.views.slice_view import SliceView


def block() -> np.ndarray:
    """Places of a block of 100 x 80 mm, 2 mm apart."""
    x, y = np.meshgrid(np.arange(0, 100, 2.0), np.arange(0, 80, 2.0))
    return np.stack([x.ravel(), y.ravel()], axis=1)


def hidden_of(view: SliceView) -> float:
    """Share of labelled places, of all slices, under words on this pane."""
    assert view._extent is not None and view._extent.places_lps is not None
    at = view.view().pixels_of(view._extent.places_lps)
    under = np.zeros(len(at), dtype=bool)
    for rect in view.corners.places(view.camera.mm_per_px):
        inside = (at >= (rect.left(), rect.top())) & (at <= (rect.right(), rect.bottom()))
        under |= inside.all(axis=1)
    return float(under.mean())


def test_a_box_without_words_over_it_fills_the_pane_from_its_middle() -> None:
    low, high = np.array([0.0, 0.0]), np.array([100.0, 80.0])
    sight = clear_sight(low, high, Shadow(block()), (200, 400), 0.0, lambda _mm: ())
    assert sight == pytest.approx((50.0, 40.0, 0.5))


def test_a_box_moves_off_words_before_it_becomes_smaller() -> None:
    low, high = np.array([0.0, 0.0]), np.array([100.0, 80.0])
    foot = [QRectF(0, 300, 200, 100)]
    x, y, mm = clear_sight(low, high, Shadow(block()), (200, 400), 0.0, lambda _mm: foot)
    assert (x, mm) == pytest.approx((50.0, 0.5))
    assert (80 - y) / mm + 200 <= 301, "its foot stands above the words"


def test_a_box_that_cannot_move_becomes_smaller() -> None:
    low, high = np.array([0.0, 0.0]), np.array([100.0, 80.0])
    side = [QRectF(180, 0, 20, 400)]
    x, _, mm = clear_sight(low, high, Shadow(block()), (200, 160), 0.0, lambda _mm: side)
    assert 0.5 < mm < 0.6
    assert (100 - x) / mm + 100 <= 180 + 4 / mm


def test_what_all_words_of_a_pane_hide_is_looked_up_at_one_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Panes are fitted anew when candidates come: one by one the words took 10 ms there."""
    asked, share = [], Shadow.share
    monkeypatch.setattr(Shadow, "share", lambda *edges: asked.append(1) or share(*edges))
    scales: list[float] = []

    def words(mm: float) -> list[QRectF]:
        scales.append(mm)
        return [QRectF(20 * n, 0, 20, 400) for n in range(10)]

    clear_sight(np.zeros(2), np.array([100.0, 80.0]), Shadow(block()), (200, 160), 0.0, words)
    assert len(asked) == len(scales) > 1


def test_no_word_lies_on_lung_of_any_slice_in_wide_low_panes(panes: Panes) -> None:
    assert panes.volume is not None
    panes.resize(1000, 760)
    panes.set_layout(COMPARE)
    panes.set_labels(scans.two_balls(panes.volume.geometry))
    for name in panes.shown:
        view = panes.views[name]
        assert view.corners.places(1.0), name
        assert hidden_of(view) == 0, name


def test_lungs_stand_near_the_middle_of_a_narrow_high_pane(panes: Panes) -> None:
    """Words at mid-edges took them a seventh of the pane up, and left black below."""
    geometry = Geometry.axial(
        (50, 85, 85), spacing_kji_mm=(6.0, 4.0, 4.0), origin_lps=(-170.0, -170.0, -150.0)
    )
    x, y, z = np.moveaxis(scans.places(geometry), -1, 0)
    wide = np.sqrt(np.clip(1 - (z / 135) ** 2, 0, 1))
    labels = np.zeros(geometry.shape_kji, dtype=np.uint8)
    for label, side in ((1, -72), (2, 72)):
        labels[((x - side) / 62) ** 2 + ((y + 10) / 90) ** 2 <= wide**2] = label
    volume = Volume(geometry, np.zeros(geometry.shape_kji, dtype=np.int16))
    panes.resize(640, 596)
    panes.set_scan(volume, scans.series_of(volume))
    panes.set_labels(LabelMap(geometry, labels, LUNGS, MadeBy("test", "1")))
    axial = panes.views["axial"]
    assert axial.width() < 400 and axial._extent is not None
    box = axial._extent.on(axial.plane)
    right, down = (box.low + box.high)[:2] / 2 - (axial.camera.right_mm, axial.camera.down_mm)
    assert abs(right) / axial.camera.mm_per_px < 0.05 * axial.width()
    assert abs(down) / axial.camera.mm_per_px < 0.05 * axial.height()
    assert hidden_of(axial) < 0.001


def test_the_fit_is_the_same_wherever_the_slice_is(panes: Panes) -> None:
    assert panes.volume is not None
    panes.set_labels(scans.two_balls(panes.volume.geometry))
    views = [panes.views[name] for name in panes.shown]
    first = [(v.camera.right_mm, v.camera.down_mm, v.camera.mm_per_px) for v in views]
    panes.go_to((-20.0, 11.0, 16.0))
    panes.fit()
    assert [(v.camera.right_mm, v.camera.down_mm, v.camera.mm_per_px) for v in views] == first


def test_a_scale_bar_stands_at_any_zoom() -> None:
    assert corners.scale_mm(1.5, 300) == 50
    assert corners.scale_mm(20.0, 300) == 10
    assert corners.scale_mm(40.0, 300) == 5
    assert corners.scale_mm(400.0, 300) is None
