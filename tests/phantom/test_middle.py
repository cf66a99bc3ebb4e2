"""What lies between the rich phantom's lungs, and what a scanner makes of dense things in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ai.phantom.anatomy import BORDER_Y, _spanned
from ai.phantom.chambers import Heart
from ai.phantom.great import blood, dense_veins, great_vessels
from ai.phantom.heart import mediastinum
from ai.phantom.lobes import grow_lobes, hila_of
from ai.phantom.look import look_of
from ai.phantom.lumps import CLOUD_HU, lumps_of, place_rich
from ai.phantom.rich_tubes import lung_vessels
from ai.phantom.still import Depths, StillPlane
from ai.phantom.streaks import RAYS_FROM_HU, Streaks
from ai.phantom.tubes import Tube
from ai.phantom.warp import make_warp
from ai.scan.finding import GROUND_GLASS

LOOK = replace(look_of(7), blood_hu=300.0)
WARP = make_warp(7, scale=(1.0, 1.0, 1.0), mm=0.0)
AXIS = np.arange(-140.0, 140.0, 1.0, dtype=np.float32)


def drawn(seed: int, z_mm: float) -> tuple[np.ndarray, Depths]:
    """A slice of fat with a heart in it, on AXIS along both sides, without any texture."""
    plane = StillPlane(AXIS, AXIS, z_mm, WARP)
    depths = Depths(AXIS, AXIS, z_mm, WARP, mediastinum())
    image = np.full((len(AXIS), len(AXIS)), -100.0, dtype=np.float32)
    flat = {name: np.zeros(image.shape, np.float32) for name in ("slow", "lobule", "fine")}
    Heart(LOOK, seed).draw(image, plane, depths, flat)
    return image, depths


def at(image: np.ndarray, x: float, y: float) -> float:
    j, i = np.searchsorted(AXIS, (y, x))
    return float(image[j - 1 : j + 2, i - 1 : i + 2].mean())


def test_the_left_ventricle_is_a_bright_hollow_in_darker_muscle() -> None:
    image, _ = drawn(3, 112.0)
    way = [(39 - 27 * t, -22 - 27 * t) for t in np.linspace(0, 1, 40)]  # to the right ventricle
    hollow, septum = at(image, *way[0]), min(at(image, *place) for place in way)
    assert hollow > 220
    assert 40 < septum < hollow - 80


def test_no_heart_is_drawn_in_the_lungs() -> None:
    for z_mm in (96.0, 112.0, 128.0, 144.0):
        image, depths = drawn(5, z_mm)
        inside = np.maximum(depths.right, depths.left) > 1.5
        assert np.abs(image[inside] + 100).max() < 60, z_mm  # lines of the beat, nothing else


def test_hearts_of_two_seeds_differ() -> None:
    assert np.abs(drawn(3, 112.0)[0] - drawn(4, 112.0)[0]).max() > 40


def test_contrast_comes_by_one_arm_and_not_from_below() -> None:
    for seed in range(12):
        own = blood(LOOK, seed)
        arms = sorted((own.right_vein, own.left_vein))
        assert arms[0] < own.upper < arms[1]
        assert own.late < 0.5 * own.left
    tubes = great_vessels(LOOK, 7)
    assert {round(own, 3) for own in (t.hu for t in tubes)} >= {round(blood(LOOK, 7).right, 3)}
    plain = replace(LOOK, blood_hu=45.0)
    assert all(t.hu == pytest.approx(45) for t in dense_veins(plain, 7))


def test_the_pleura_spans_dips_and_never_cuts_into_organs() -> None:
    y = np.arange(50.0)
    x = 20 + 6 * np.sin(y / 3) - 0.01 * (y - 20) ** 2
    over = _spanned(y, x)
    assert (over >= x - 1e-9).all()
    assert (np.diff(over, 2) < 1e-9).all()
    right, left = mediastinum().borders(180.0)
    assert len(right) == len(left) == len(BORDER_Y)
    assert (left - right > 2).all()


def test_hila_keep_their_plan_and_are_drawn_anew_for_each_body() -> None:
    one, other = hila_of(3), hila_of(4)
    assert hila_of(3) == one != other
    gaps = [
        np.linalg.norm(np.subtract(p, q))
        for a, b in zip(one, other, strict=True)
        for p, q in zip(a.artery, b.artery, strict=True)
    ]
    assert 0.5 < np.mean(gaps) < 12
    # the lower lobe's artery leaves the one that the middle lobe's leaves
    assert one[1].artery[0] == one[2].artery[0]


def test_fine_vessels_come_near_every_place_in_the_lungs() -> None:
    from scipy.spatial import cKDTree

    lobes = grow_lobes(7)
    _, threads = lung_vessels(7, WARP, 250.0)
    deep = lobes.points_lps[lobes.depths_mm > 6]
    some = deep[np.random.default_rng(1).choice(len(deep), 800)]
    far = cKDTree(threads.lps).query(WARP.shown(some))[0]
    assert np.quantile(far, 0.95) < 9


def test_glass_is_cloudy_and_solid_is_not() -> None:
    lobes = grow_lobes(7)
    nodules = place_rich(lobes, WARP, 7)
    places = np.random.default_rng(2).uniform(-8, 8, (4000, 3))
    for nodule, lump in zip(nodules, lumps_of(nodules, 7), strict=False):
        more = lump.unevenness_hu(places)
        if nodule.type == GROUND_GLASS:
            assert np.std(more) == pytest.approx(CLOUD_HU, rel=0.4)
            assert abs(np.mean(more)) < 0.5 * CLOUD_HU
        elif nodule.type == "solid":
            assert np.all(np.asarray(more) == 0)


def water(bones: bool) -> np.ndarray:
    far = np.hypot(AXIS[:, None], AXIS[None, :])
    image = np.where(far < 130, 40.0, -1000.0).astype(np.float32)
    if bones:
        for side in (-1, 1):
            bone = np.hypot(AXIS[:, None], AXIS[None, :] - side * 80) < 22
            image[bone] = 700
    return image


def test_it_is_darker_between_two_bones_than_beside_the_line_that_joins_them() -> None:
    image = water(bones=True)
    before = image.copy()
    Streaks(5, AXIS, AXIS, 0.0, ()).add(image, 3, 100.0)
    added = image - before
    between, beside = at(added, 0, 0), (at(added, 0, -90) + at(added, 0, 90)) / 2
    assert between < beside - 5
    assert np.abs(added).max() < 140


def test_dense_contrast_throws_rays_that_fade_and_thin_contrast_throws_none() -> None:
    rough = []
    for hu in (RAYS_FROM_HU - 1, RAYS_FROM_HU + 500):
        image = water(bones=False)
        before = image.copy()
        vein = Tube((20, 0, 50), (20, 0, 150), 8.0, 8.0, hu)
        Streaks(5, AXIS, AXIS, 0.0, (vein,)).add(image, 3, 100.0)
        added, far = image - before, np.hypot(AXIS[:, None], AXIS[None, :] - 20)
        rough.append([float(added[(far > a) & (far < a + 6)].std()) for a in (10, 50)])
    assert rough[1][0] > 3 * rough[1][1]
    assert rough[1][0] > rough[0][0] + 8


def test_shoulders_leave_level_streaks_and_a_chest_without_noise_has_none() -> None:
    wide = np.full((280, 280), -1000.0, dtype=np.float32)
    axis = AXIS * 1.4
    wide[100:180, 6:274] = 60.0
    before = wide.copy()
    Streaks(5, axis, axis, 16.0, ()).add(wide, 3, 260.0)
    calm = before.copy()
    Streaks(5, axis, axis, 0.0, ()).add(calm, 3, 260.0)
    streaks = (wide - calm)[110:170, 60:220]
    down, across = (float((np.diff(streaks, axis=n) ** 2).mean()) for n in (0, 1))
    assert streaks.std() > 3
    assert down > 3 * across
