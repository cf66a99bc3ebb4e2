"""The rich phantom: what it shows, how it may be ill, and that it is the same every time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ai.phantom.chest import Phantom, chest, grid
from ai.phantom.look import Look, look_of, varied_look
from ai.phantom.scanner import KERNELS, Scanner
from ai.phantom.warp import make_warp
from ai.scan.finding import GROUND_GLASS, PART_SOLID, SOLID

HEALTHY = replace(look_of(7), noise_hu=0.0)


def made(look: Look, size: str = "tiny") -> Phantom:
    return chest(size, detail="rich", look=look)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def small() -> Phantom:
    return made(HEALTHY, "small")


@pytest.fixture(scope="module")
def tiny() -> Phantom:
    return made(HEALTHY)


def test_the_same_seed_gives_the_same_voxels_and_another_seed_another_body(tiny: Phantom) -> None:
    again = made(HEALTHY)
    assert np.array_equal(tiny.volume.hu, again.volume.hu)
    assert np.array_equal(tiny.lungs.labels, again.lungs.labels)
    assert tiny.nodules == again.nodules
    other = chest("tiny", 8, detail="rich", look=HEALTHY)
    assert not np.array_equal(tiny.lungs.labels, other.lungs.labels)
    assert look_of(7) != look_of(8)


def test_the_plain_phantom_does_not_change_with_the_rich_one(tiny: Phantom) -> None:
    assert grid("tiny").spacing_kji_mm != tiny.volume.geometry.spacing_kji_mm
    assert grid("tiny", detail="rich").same_grid(tiny.volume.geometry)
    assert grid("full", detail="rich").shape_kji == (240, 512, 512)


def test_it_holds_solid_part_solid_ground_glass_and_calcified_nodules(small: Phantom) -> None:
    types = [n.type for n in small.nodules]
    assert (types.count(SOLID), types.count(PART_SOLID), types.count(GROUND_GLASS)) == (7, 1, 2)
    assert max(n.hu for n in small.nodules) > 300
    for nodule in small.nodules:
        voxel = small.volume.geometry.nearest_voxel(nodule.centre_lps)
        assert voxel is not None
        assert small.lungs.labels[voxel] == (1 if nodule.zone[0] == "R" else 2), nodule
        if nodule.diameter_mm < 8:
            continue
        hu = 30.0 if nodule.core_mm else nodule.hu
        assert small.volume.hu_at(nodule.centre_lps) == pytest.approx(hu, abs=90), nodule


def test_an_uneven_nodule_has_the_volume_of_its_diameter(small: Phantom) -> None:
    bare = chest("small", detail="rich", look=HEALTHY, nodules=False)
    geometry = small.volume.geometry
    where = geometry.lps_of(np.moveaxis(np.indices(geometry.shape_kji), 0, -1).reshape(-1, 3))
    for nodule in small.nodules:
        if nodule.diameter_mm < 9 or nodule.core_mm:
            continue
        far = np.linalg.norm(where - nodule.centre_lps, axis=1)
        near = (far < nodule.diameter_mm).reshape(geometry.shape_kji)
        before = bare.volume.hu[near].astype(float)
        air = before < -780
        share = (small.volume.hu[near] - before)[air] / (nodule.hu - before[air])
        covered = ~air & (far[near.ravel()] < nodule.diameter_mm / 2)
        mm3 = (share.sum() + covered.sum()) * geometry.voxel_mm3
        assert (6 * mm3 / np.pi) ** (1 / 3) == pytest.approx(nodule.diameter_mm, rel=0.12), nodule


def test_lungs_hold_their_vessels_and_leave_out_windpipe_and_heart(small: Phantom) -> None:
    inside = small.volume.hu[small.lungs.labels > 0]
    assert -900 < np.median(inside) < -800
    assert 0.02 < (inside > -500).mean() < 0.07
    right_ml, left_ml = small.lungs_ml
    assert 1300 < left_ml < right_ml < 3500


def test_low_slices_show_lung_behind_the_belly_only(small: Phantom) -> None:
    geometry = small.volume.geometry
    holding = np.flatnonzero((small.lungs.labels > 0).any(axis=(1, 2)))
    k = int(holding[0] + 0.15 * len(holding))
    front = [
        geometry.lps_of((k, int(j), 0))[1] for j in np.argwhere(small.lungs.labels[k] > 0)[:, 0]
    ]
    assert np.quantile(front, 0.02) > 5, "in front there is liver and stomach"


def test_under_the_domes_lie_liver_stomach_spleen_and_fat(small: Phantom) -> None:
    geometry = small.volume.geometry
    k = int(np.argmin(np.abs([geometry.lps_of((k, 0, 0))[2] - 62 for k in range(100)])))
    x = np.array([geometry.lps_of((k, 0, i))[0] for i in range(192)])
    y = np.array([geometry.lps_of((k, j, 0))[1] for j in range(192)])
    slab = small.volume.hu[k - 6 : k + 7].astype(float)

    def part(x0: float, x1: float, y0: float, y1: float) -> np.ndarray:
        return slab[:, (y > y0) & (y < y1)][:, :, (x > x0) & (x < x1)]

    liver = part(-90, -50, -40, 10)
    assert 60 < np.median(liver) < 160 and (np.abs(liver - np.median(liver)) < 40).mean() > 0.9
    left = part(20, 105, -75, 20)
    assert (left < -700).mean() > 0.003, "gas in stomach or bowel"
    assert (np.abs(left + 100) < 40).mean() > 0.05, "fat between the organs"
    assert np.percentile(part(80, 112, 20, 60), 90) > np.median(liver), "the spleen takes up more"


def test_fluid_lies_at_the_back_of_one_lung_and_takes_the_share_it_was_asked_for(
    tiny: Phantom,
) -> None:
    ill = made(replace(HEALTHY, effusion=0.3))
    assert np.array_equal(ill.lungs.labels, tiny.lungs.labels)
    wet = (ill.volume.hu > -120) & (tiny.volume.hu < -600) & (ill.lungs.labels > 0)
    sides = np.unique(ill.lungs.labels[wet])
    assert len(sides) == 1
    own = ill.lungs.labels == sides[0]
    assert wet.sum() / own.sum() == pytest.approx(0.3, abs=0.12)
    assert np.argwhere(wet)[:, 1].mean() > np.argwhere(own & ~wet)[:, 1].mean() + 3


def test_consolidation_fills_part_of_one_lower_lobe(tiny: Phantom) -> None:
    ill = made(replace(HEALTHY, consolidation=0.25))
    assert np.array_equal(ill.lungs.labels, tiny.lungs.labels)
    full = (ill.volume.hu > -300) & (tiny.volume.hu < -600) & (ill.lungs.labels > 0)
    sides = np.unique(ill.lungs.labels[full])
    assert len(sides) == 1
    assert 0.08 < full.sum() / (ill.lungs.labels == sides[0]).sum() < 0.40


def test_emphysema_makes_holes_and_leaves_the_wall_alone(tiny: Phantom) -> None:
    ill = made(replace(HEALTHY, emphysema=0.3))
    lungs = ill.lungs.labels > 0
    assert (ill.volume.hu[lungs] < -930).mean() > (tiny.volume.hu[lungs] < -930).mean() + 0.1
    assert np.abs(ill.volume.hu[~lungs].astype(int) - tiny.volume.hu[~lungs]).mean() < 2


def test_thick_slices_are_fewer_and_cover_the_same_lungs(small: Phantom) -> None:
    thick = made(replace(HEALTHY, slice_mm=6.0), "small")
    assert thick.volume.geometry.spacing_kji_mm[0] == pytest.approx(6.0)
    assert thick.volume.hu.shape[0] == 50
    assert sum(thick.lungs_ml) == pytest.approx(sum(small.lungs_ml), rel=0.04)
    first = thick.volume.geometry.lps_of((0, 0, 0))
    fine = [small.volume.geometry.lps_of((k, 0, 0)) for k in (0, 1)]
    assert np.allclose(first, (fine[0] + fine[1]) / 2)


def test_feet_first_stores_the_same_places_from_the_head_down(tiny: Phantom) -> None:
    turned = made(replace(HEALTHY, feet_first=True))
    assert np.array_equal(turned.volume.hu[::-1], tiny.volume.hu)
    for nodule in tiny.nodules:
        there = turned.volume.hu_at(nodule.centre_lps)
        assert there == tiny.volume.hu_at(nodule.centre_lps)


def test_arms_that_lie_down_are_beside_the_trunk(tiny: Phantom) -> None:
    down = made(replace(HEALTHY, arms_down=True))
    edge = np.s_[8:14, :, :4]
    assert (down.volume.hu[edge] > -200).mean() > (tiny.volume.hu[edge] > -200).mean() + 0.05
    assert np.array_equal(down.lungs.labels, tiny.lungs.labels)


def test_a_sharp_kernel_is_noisier_than_a_soft_one_at_high_frequency() -> None:
    powers = {}
    for kernel in KERNELS:
        scanner = Scanner(7, kernel, 192, 0.8, 20.0)
        image = np.full((192, 192), 40.0, dtype=np.float32)
        scanner.see(image, np.s_[0:192, 0:192], 3)
        grain = image[48:144, 48:144] - 40
        assert grain.std() == pytest.approx(20, rel=0.25)
        powers[kernel] = float((np.diff(grain, axis=1) ** 2).mean() / (grain**2).mean())
    assert powers["soft"] < powers["standard"] < powers["lung"]


def test_noise_is_stronger_along_rays_that_cross_more_of_the_body() -> None:
    scanner = Scanner(7, "standard", 192, 2.0, 20.0)
    image = np.full((192, 192), -1000.0, dtype=np.float32)
    image[80:112, 16:176] = 0.0  # wide and flat: rays from side to side are starved
    body = image.copy()
    scanner.see(image, np.s_[0:192, 0:192], 3)
    grain = (image - body)[86:106, 40:152]
    down, across = (float((np.diff(grain, axis=n) ** 2).mean()) for n in (0, 1))
    assert down > 1.3 * across


def test_what_is_drawn_comes_to_lie_where_it_is_looked_up() -> None:
    warp = make_warp(7, scale=(0.95, 1.04, 0.97), mm=3.5)
    rng = np.random.default_rng(5)
    still = rng.uniform((-120, -100, 10), (120, 100, 290), (200, 3))
    back = warp.still(warp.shown(still))
    assert np.abs(back - still).max() < 0.8


def test_phantoms_for_training_differ_in_kernel_disease_and_position() -> None:
    looks = [varied_look(seed) for seed in range(60)]
    assert {look.kernel for look in looks} == set(KERNELS)
    for share in ("effusion", "consolidation", "emphysema", "arms_down", "feet_first"):
        assert 3 <= sum(bool(getattr(look, share)) for look in looks) <= 30, share
    assert varied_look(5) == varied_look(5)
