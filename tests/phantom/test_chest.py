"""The phantom is what its truth says."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import ndimage

from ai.errors import BadInput, Cancelled
from ai.phantom.chest import Phantom, chest, grid
from ai.phantom.growths import PhantomNodule
from ai.scan.finding import GROUND_GLASS, SOLID


@pytest.fixture(scope="module")
def small() -> Phantom:
    return chest("small", noise_hu=0.0)


@pytest.fixture(scope="module")
def small_without_nodules() -> Phantom:
    return chest("small", nodules=False, noise_hu=0.0)


@pytest.fixture(scope="module")
def tiny() -> Phantom:
    return chest("tiny")


def _around(phantom: Phantom, nodule: PhantomNodule) -> tuple[tuple[slice, ...], np.ndarray]:
    """A box that holds a nodule with room to spare, and how far its voxels are from the centre."""
    geometry = phantom.volume.geometry
    reach_mm = nodule.diameter_mm / 2 + 8
    reach = np.full((2, 3), reach_mm) * [[-1], [1]]
    corners = geometry.index_of(np.array(nodule.centre_lps) + reach)
    low, high = np.floor(corners).astype(int)
    start, shape = tuple(map(int, low)), tuple(map(int, high - low))
    places = geometry.cropped(start, shape).lps_of(np.moveaxis(np.indices(shape), 0, -1))
    box = tuple(slice(n, n + m) for n, m in zip(start, shape, strict=True))
    return box, np.linalg.norm(places - nodule.centre_lps, axis=-1)


def test_it_holds_six_solid_and_two_ground_glass_nodules_of_4_to_20_mm(small: Phantom) -> None:
    types = [n.type for n in small.nodules]
    assert types.count(SOLID) == 6
    assert types.count(GROUND_GLASS) == 2
    solid = [n.diameter_mm for n in small.nodules if n.type == SOLID]
    assert (min(solid), max(solid)) == (4.0, 20.0)


def test_the_centre_of_a_nodule_has_the_hu_that_the_truth_tells(small: Phantom) -> None:
    for nodule in small.nodules:
        if nodule.diameter_mm < 8:  # smaller than three voxels: blurred by the slice's height
            continue
        found = small.volume.hu_at(nodule.centre_lps)
        assert found == pytest.approx(nodule.hu, abs=40), nodule


def test_a_nodule_takes_the_volume_that_its_diameter_tells(
    small: Phantom, small_without_nodules: Phantom
) -> None:
    for nodule in small.nodules:
        box, away_mm = _around(small, nodule)
        before = small_without_nodules.volume.hu[box].astype(float)
        added = small.volume.hu[box] - before
        near = away_mm < nodule.diameter_mm / 2 + 4
        air = near & (before < -750)
        contrast = nodule.hu - before[air].mean()
        # where wall or vessel was already there, the ball adds nothing to be seen
        covered = ~air & (away_mm < nodule.diameter_mm / 2)
        voxels = added[air].sum() / contrast + np.count_nonzero(covered)
        volume_mm3 = voxels * small.volume.geometry.voxel_mm3
        diameter_mm = (6 * volume_mm3 / np.pi) ** (1 / 3)
        assert diameter_mm == pytest.approx(nodule.diameter_mm, rel=0.10), nodule


def test_every_nodule_lies_in_the_lung_and_third_that_its_zone_names(small: Phantom) -> None:
    labels = small.lungs.labels
    for nodule in small.nodules:
        k, j, i = small.volume.geometry.nearest_voxel(nodule.centre_lps)
        side = 1 if nodule.zone[0] == "R" else 2
        assert labels[k, j, i] == side, nodule
        slices = np.flatnonzero((labels == side).any(axis=(1, 2)))
        third = int((k - slices[0]) / (slices[-1] - slices[0] + 1) * 3)
        assert "LMU"[third] == nodule.zone[1], nodule


def test_the_right_lung_is_on_the_patients_right_and_the_larger(small: Phantom) -> None:
    labels = small.lungs.labels
    x = small.volume.geometry.lps_of([(0, 0, i) for i in range(labels.shape[2])])[:, 0]
    means = [np.average(x, weights=(labels == side).sum(axis=(0, 1))) for side in (1, 2)]
    assert means[0] < -40 < 40 < means[1]
    right_ml, left_ml = small.lungs_ml
    assert 1500 < left_ml < right_ml < 3500


def test_heart_apex_and_aortic_arch_are_on_the_left_and_the_liver_on_the_right(
    small: Phantom,
) -> None:
    assert small.volume.hu_at((50, -40, 98)) == pytest.approx(42, abs=15)
    assert small.volume.hu_at((-50, -40, 98)) < -700
    assert small.volume.hu_at((25, 49, 140)) == pytest.approx(42, abs=15)
    assert small.volume.hu_at((-70, 0, 40)) == pytest.approx(58, abs=15)


def test_the_lungs_are_two_pieces_that_never_touch(small: Phantom) -> None:
    _, pieces = ndimage.label(small.lungs.labels > 0, np.ones((3, 3, 3)))
    assert pieces == 2


def test_at_the_anterior_junction_the_lungs_come_within_a_few_millimetres(small: Phantom) -> None:
    spacing = small.volume.geometry.spacing_kji_mm
    right = small.lungs.labels == 1
    to_left = ndimage.distance_transform_edt(small.lungs.labels != 2, sampling=spacing)
    assert 2.0 < to_left[right].min() < 6.5


def test_lungs_are_about_minus_850_hu_and_denser_at_the_back(small: Phantom) -> None:
    hu, inside = small.volume.hu, ndimage.binary_erosion(small.lungs.labels > 0)
    quiet = inside & (hu < -700)
    assert np.median(hu[quiet]) == pytest.approx(-850, abs=20)
    rows = hu.shape[1]
    front, back = quiet.copy(), quiet.copy()
    front[:, rows // 2 - 10 :] = False
    back[:, : rows // 2 + 10] = False
    assert np.median(hu[back]) > np.median(hu[front]) + 20


def test_the_windpipe_is_air_outside_the_lungs_and_splits_towards_both_hila(
    small: Phantom,
) -> None:
    air = small.volume.hu < -900
    for lps in ((-1, 11, 215), (-36, 22, 153), (42, 27, 150)):
        voxel = small.volume.geometry.nearest_voxel(lps)
        assert air[voxel], lps
    assert small.lungs.labels[small.volume.geometry.nearest_voxel((-1, 11, 215))] == 0
    assert small.lungs.labels[small.volume.geometry.nearest_voxel((-19, 20, 166))] == 0


def test_tissues_have_the_hu_of_a_person(small: Phantom) -> None:
    hu = small.volume.hu
    assert hu.min() >= -1024
    assert 600 < hu.max() < 1000
    assert np.count_nonzero((hu > -120) & (hu < -85)) > 50_000  # fat
    assert np.count_nonzero((hu > 30) & (hu < 70)) > 100_000  # muscle, blood, liver
    assert np.count_nonzero(hu > 200) > 10_000  # bone


def test_noise_has_the_asked_spread_a_grain_and_no_memory_from_slice_to_slice(
    small: Phantom,
) -> None:
    noisy, quiet = chest("small"), small
    liver = np.s_[8:14, 90:110, 50:70]
    noise = noisy.volume.hu[liver].astype(float) - quiet.volume.hu[liver]
    assert noise.std() == pytest.approx(22, rel=0.15)
    assert abs(noise.mean()) < 3
    along = np.corrcoef(noise[:, :, 1:].ravel(), noise[:, :, :-1].ravel())[0, 1]
    across = np.corrcoef(noise[1:].ravel(), noise[:-1].ravel())[0, 1]
    assert along > 0.2
    assert abs(across) < 0.1


def test_the_same_seed_gives_the_same_voxels_and_another_seed_others(tiny: Phantom) -> None:
    again, other = chest("tiny"), chest("tiny", seed=8)
    assert np.array_equal(tiny.volume.hu, again.volume.hu)
    assert tiny.nodules == again.nodules
    assert not np.array_equal(tiny.volume.hu, other.volume.hu)
    assert tiny.nodules != other.nodules


def test_every_size_shows_the_same_chest(small: Phantom, tiny: Phantom) -> None:
    assert tiny.nodules == small.nodules
    assert tiny.lungs_ml == pytest.approx(small.lungs_ml, rel=0.05)
    assert grid("full").shape_kji == (300, 512, 512)
    for name in ("full", "small", "tiny"):
        geometry = grid(name)
        middle = geometry.lps_of((np.array(geometry.shape_kji) - 1) / 2)
        assert middle == pytest.approx((0, 0, 150), abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_nodules_of_other_seeds_keep_apart_and_in_their_lungs(seed: int) -> None:
    phantom = chest("tiny", seed=seed)
    centres = np.array([n.centre_lps for n in phantom.nodules])
    gaps = np.linalg.norm(centres[:, None] - centres[None], axis=-1)[~np.eye(8, dtype=bool)]
    assert gaps.min() > 30
    for nodule in phantom.nodules:
        voxel = phantom.volume.geometry.nearest_voxel(nodule.centre_lps)
        near = np.s_[voxel[0], voxel[1] - 1 : voxel[1] + 2, voxel[2] - 1 : voxel[2] + 2]
        assert (phantom.lungs.labels[near] == (1 if nodule.zone[0] == "R" else 2)).any(), nodule


def test_an_unknown_size_is_told_in_a_sentence() -> None:
    with pytest.raises(BadInput) as told:
        chest("huge")  # type: ignore[arg-type]
    assert "huge" in told.value.sentence
    assert "small" in told.value.remedy


def test_making_it_can_be_cancelled() -> None:
    def stop(fraction: float, step: str) -> None:
        if fraction > 0.3:
            raise Cancelled

    started = time.perf_counter()
    with pytest.raises(Cancelled):
        chest("small", on_progress=stop)
    print(f"cancelled after {time.perf_counter() - started:.2f} s")
