from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from ai.nodules.added import added_finding
from ai.nodules.measure import claimed, measure, type_of
from ai.nodules.rules import TypeRule
from ai.scan.finding import GROUND_GLASS, PART_SOLID, SOLID, UNKNOWN_TYPE, BoxMask
from ai.scan.volume import Volume
from tests.nodules.scans import Ball, boxed, grid, half_mask, scan

RULE = TypeRule(solid_p90_hu=-350, solid_p10_hu=-600)


@pytest.mark.parametrize("spacing", [(1.0, 0.7, 0.7), (2.5, 0.7, 0.7), (0.7, 0.6, 0.6)])
@pytest.mark.parametrize("diameter_mm", [4.0, 6.0, 8.0, 12.0, 20.0])
def test_the_diameters_of_balls_are_right_on_average(
    diameter_mm: float, spacing: tuple[float, float, float]
) -> None:
    geometry = grid((36, 36, 36), spacing)
    errors = []
    for seed in range(6):
        shift = np.random.default_rng(seed).uniform(-0.5, 0.5, 3) * spacing[::-1]
        ball = Ball(tuple(float(n) for n in shift), diameter_mm)
        figures = measure(scan(geometry, (ball,), seed=seed), half_mask(geometry, ball), rule=RULE)
        assert figures.short_mm <= figures.long_mm
        errors.append(figures.mean_diameter_mm - diameter_mm)
    # thick slices seldom pass through the middle of a small ball
    assert abs(np.mean(errors)) < (0.2 if spacing[0] <= 1 else 0.4)
    assert np.max(np.abs(errors)) < (0.35 if spacing[0] <= 1 else 0.8)


def test_an_ellipse_has_its_long_and_its_short_axis() -> None:
    geometry = grid((40, 40, 40), (1.0, 0.6, 0.6))
    index = np.moveaxis(np.indices(geometry.shape_kji), 0, -1)
    x, y, z = np.moveaxis(geometry.lps_of(index), -1, 0)
    turned, across = x * 0.8 + y * 0.6, y * 0.8 - x * 0.6
    inside = (turned / 9) ** 2 + (across / 4) ** 2 + (z / 4) ** 2 <= 1
    hu = np.where(inside, 40, -860).astype(np.int16)
    figures = measure(Volume(geometry, hu), boxed(inside), rule=RULE)
    assert figures.long_mm == pytest.approx(18, abs=0.5)
    assert figures.short_mm == pytest.approx(8, abs=0.5)
    assert figures.mean_diameter_mm == pytest.approx((figures.long_mm + figures.short_mm) / 2)
    assert figures.volume_mm3 == pytest.approx(4 / 3 * math.pi * 9 * 4 * 4, rel=0.02)


def test_a_tilted_scan_gives_the_same_figures() -> None:
    ball = Ball((0.2, -0.1, 0.3), 10.0)
    for tilt in (0.0, 25.0):
        geometry = grid((30, 30, 30), (1.0, 0.7, 0.7), tilt_degrees=tilt)
        figures = measure(scan(geometry, (ball,)), half_mask(geometry, ball), rule=RULE)
        assert figures.mean_diameter_mm == pytest.approx(10, abs=0.3)
        assert figures.volume_mm3 == pytest.approx(math.pi / 6 * 1000, rel=0.03)


def test_one_voxel_can_be_measured_anywhere_also_in_the_corner_of_the_scan() -> None:
    geometry = grid((10, 10, 10), (1.0, 1.0, 1.0))
    volume = scan(geometry, ())
    for corner in ((0, 0, 0), (9, 9, 9), (4, 4, 4)):
        figures = measure(volume, BoxMask(corner, np.ones((1, 1, 1), dtype=bool)), rule=RULE)
        assert 0 < figures.short_mm <= figures.long_mm < 2
        assert figures.volume_mm3 == pytest.approx(1)
        assert all(math.isfinite(n) for n in (figures.mean_hu, figures.p10_hu, figures.p90_hu))


def test_mean_hu_is_the_mean_of_the_stored_values_in_the_mask() -> None:
    geometry = grid((12, 12, 12), (1.0, 1.0, 1.0))
    volume = scan(geometry, ())
    voxels = np.random.default_rng(1).random((3, 4, 5)) > 0.4
    mask = BoxMask((2, 3, 4), voxels)
    expected = volume.hu[mask.on(geometry.shape_kji)].mean()
    assert measure(volume, mask, rule=RULE).mean_hu == pytest.approx(expected)


def test_an_empty_mask_is_refused() -> None:
    geometry = grid((10, 10, 10))
    empty = BoxMask((1, 1, 1), np.zeros((2, 2, 2), dtype=bool))
    with pytest.raises(ValueError, match="empty"):
        measure(scan(geometry, ()), empty, rule=RULE)


@pytest.mark.parametrize(("hu", "expected"), [(40, SOLID), (-600, GROUND_GLASS), (300, SOLID)])
def test_the_type_follows_the_density(hu: float, expected: str) -> None:
    geometry = grid((30, 30, 30))
    ball = Ball((0, 0, 0), 9.0, hu)
    assert measure(scan(geometry, (ball,)), half_mask(geometry, ball)).type == expected


def test_a_solid_core_in_ground_glass_is_part_solid() -> None:
    geometry = grid((36, 36, 36))
    outer, inner = Ball((0, 0, 0), 18.0, -650), Ball((0, 0, 0), 11.0, -860 + 650)
    volume = scan(geometry, (outer, inner))
    assert measure(volume, half_mask(geometry, outer)).type == PART_SOLID


def test_the_type_needs_both_ends_of_the_density() -> None:
    assert type_of(-700, -400, rule=RULE) == GROUND_GLASS
    assert type_of(-700, -100, rule=RULE) == PART_SOLID
    assert type_of(-300, 50, rule=RULE) == SOLID


def test_no_type_is_told_of_a_mark_on_lung_without_anything_in_it() -> None:
    volume = scan(grid(), ())
    marked = added_finding(volume, None, (0.0, 0.0, 0.0), finding_id="m")
    assert marked.measurement.mean_hu < -750
    assert marked.measurement.type == UNKNOWN_TYPE


@pytest.mark.parametrize(("hu", "kind"), [(-640.0, GROUND_GLASS), (40.0, SOLID)])
def test_a_mark_on_glass_or_tissue_keeps_its_type(hu: float, kind: str) -> None:
    volume = scan(grid(), (Ball((0.0, 0.0, 0.0), 10.0, hu),))
    assert added_finding(volume, None, (0.0, 0.0, 0.0), finding_id="m").measurement.type == kind


def test_air_drawn_around_something_solid_takes_no_type_from_it() -> None:
    ball = Ball((0.0, 0.0, 0.0), 12.0)
    geometry = grid()
    figures = measure(scan(geometry, (ball,)), half_mask(geometry, ball), rule=RULE)
    airy = replace(figures, mean_hu=-760.0)
    assert claimed(airy).type == figures.type == SOLID
