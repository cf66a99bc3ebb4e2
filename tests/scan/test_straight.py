"""A scan of a tilted gantry is put straight for the AI; what it finds comes back in its place."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import ndimage

from ai.lungs.segment import segment_lungs
from ai.models.card import load_card
from ai.nodules.detect import find_nodules
from ai.nodules.grow import grow
from ai.nodules.measure import measure
from ai.phantom.chest import chest
from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from ai.scan.straight import Straight, shear_degrees
from ai.scan.volume import Volume
from tests.lungs.turned import dice
from tests.nodules.scans import Ball, all_lung, half_mask, scan

TILTS = (-20.0, 12.0, 25.0)


def sheared(
    shape_kji: tuple[int, int, int],
    spacing_kji_mm: tuple[float, float, float],
    degrees: float,
    centre_lps: tuple[float, float, float] = (0.0, 0.0, 0.0),
    *,
    downward: bool = False,
) -> Geometry:
    """Slices that a gantry tilted about x makes while the table moves along z."""
    tilt = math.radians(degrees)
    step, row, column = spacing_kji_mm
    affine = np.eye(4)
    affine[:3, 0] = (0, 0, (-step if downward else step) / math.cos(tilt))
    affine[:3, 1] = (0, row * math.cos(tilt), row * math.sin(tilt))
    affine[:3, 2] = (column, 0, 0)
    affine[:3, 3] = np.array(centre_lps) - affine[:3, :3] @ ((np.array(shape_kji) - 1) / 2)
    return Geometry(shape_kji, affine)


def test_a_plain_or_turned_grid_needs_no_straightening() -> None:
    plain = Geometry.axial((4, 5, 6), spacing_kji_mm=(2.0, 0.7, 0.7))
    turned = plain.affine.copy()
    turned[:3, :3] = np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]]) @ turned[:3, :3]
    assert Straight.of(plain) is None
    assert Straight.of(Geometry((4, 5, 6), turned)) is None


@pytest.mark.parametrize("degrees", TILTS)
@pytest.mark.parametrize("downward", [False, True])
def test_every_voxel_of_the_straight_grid_lies_where_it_lay(degrees: float, downward: bool) -> None:
    own = sheared((9, 14, 8), (2.5, 0.8, 0.7), degrees, (3.0, -20.0, 55.0), downward=downward)
    assert shear_degrees(own) == pytest.approx(abs(degrees))
    straight = Straight.of(own)
    assert straight is not None and shear_degrees(straight.geometry) < 1e-6
    # HU that rise evenly along the patient are the same after any linear resampling
    place = own.lps_of(np.moveaxis(np.indices(own.shape_kji), 0, -1))
    ramp = np.rint(40 * place[..., 1] + 20 * place[..., 2]).astype(np.int16)
    moved = straight.volume(Volume(own, ramp))
    there = moved.geometry.lps_of(np.moveaxis(np.indices(moved.geometry.shape_kji), 0, -1))
    held = straight.labels(np.ones(own.shape_kji, np.uint8)) > 0
    inner = ndimage.binary_erosion(held, np.ones((1, 3, 3)))
    wanted = 40 * there[..., 1] + 20 * there[..., 2]
    assert inner.sum() > 0.5 * held.sum()
    assert np.abs(moved.hu - wanted)[inner].max() <= 1.01
    assert held.sum() == np.prod(own.shape_kji), "no pixel of any slice is lost"


@pytest.mark.parametrize("degrees", TILTS)
def test_labels_and_masks_come_back_as_they_were(degrees: float) -> None:
    own = sheared((9, 14, 8), (2.5, 0.8, 0.7), degrees)
    straight = Straight.of(own)
    assert straight is not None
    labels = np.random.default_rng(1).integers(0, 3, own.shape_kji).astype(np.uint8)
    there = straight.labels(labels)
    assert np.array_equal(straight.labels_back(there), labels)
    where = np.argwhere(there == 2)
    low, high = where.min(axis=0), where.max(axis=0) + 1
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    mask = BoxMask((int(low[0]), int(low[1]), int(low[2])), there[box] == 2)
    assert np.array_equal(straight.mask_back(mask).on(own.shape_kji), labels == 2)


@pytest.mark.parametrize("degrees", TILTS)
def test_a_ball_in_a_tilted_scan_is_found_with_its_size(degrees: float) -> None:
    geometry = sheared((44, 70, 70), (1.25, 0.8, 0.8), degrees)
    ball = Ball((4.0, -3.0, 2.0), 10.0)
    volume = scan(geometry, (ball,))
    found = find_nodules(volume, all_lung(geometry), card=load_card("nodules-log"))
    best = min(found, key=lambda one: math.dist(one.centre_lps, ball.centre_lps))
    assert math.dist(best.centre_lps, ball.centre_lps) < 1.0
    assert best.chance > 0.9
    assert best.measurement.mean_diameter_mm == pytest.approx(10, abs=0.8)
    assert best.measurement.volume_mm3 == pytest.approx(math.pi / 6 * 1000, rel=0.12)
    truth = half_mask(geometry, ball).on(geometry.shape_kji)
    assert best.mask is not None
    assert dice(best.mask.on(geometry.shape_kji), truth, True) > 0.9
    assert best.slice_index == round(geometry.index_of(ball.centre_lps)[0])


@pytest.mark.parametrize("degrees", TILTS)
def test_a_click_in_a_tilted_scan_grows_the_same_ball(degrees: float) -> None:
    geometry = sheared((40, 60, 60), (1.25, 0.8, 0.8), degrees)
    ball = Ball((0.3, 0.2, -0.4), 10.0)
    volume = scan(geometry, (ball,))
    for lungs in (None, all_lung(geometry)):
        mask = grow(volume, (0.0, 0.0, 0.0), lungs=lungs)
        truth = half_mask(geometry, ball).on(geometry.shape_kji)
        assert mask.grew and dice(mask.on(geometry.shape_kji), truth, True) > 0.9
        assert measure(volume, mask).volume_mm3 == pytest.approx(math.pi / 6 * 1000, rel=0.1)


def test_lungs_of_a_tilted_chest_are_found_where_they_are() -> None:
    phantom = chest("small")
    plain = phantom.volume.geometry
    centre = plain.lps_of((np.array(plain.shape_kji) - 1) / 2)
    own = sheared(plain.shape_kji, plain.spacing_kji_mm, 18.0, tuple(float(c) for c in centre))
    index = np.indices(own.shape_kji).reshape(3, -1).T
    place = plain.index_of(own.lps_of(index)).T
    hu = ndimage.map_coordinates(phantom.volume.hu.astype(np.float32), place, order=1, cval=-1000)
    nearest = np.floor(place + 0.5)
    truth = ndimage.map_coordinates(phantom.lungs.labels, nearest, order=0)
    volume = Volume(own, np.rint(hu).astype(np.int16).reshape(own.shape_kji))
    found = segment_lungs(volume, card=load_card("lungs-classical"))
    true = truth.reshape(own.shape_kji)
    for number, figures in zip((1, 2), found.figures, strict=True):
        assert dice(found.label_map.labels, true, number) > 0.975
        true_ml = np.count_nonzero(true == number) * own.voxel_mm3 / 1000
        assert figures.volume_ml == pytest.approx(true_ml, rel=0.02)
    assert found.label_map.geometry is own
