"""What is blended axis by axis lies where SimpleITK's resampling puts it, and stays a number."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from scipy import ndimage

from ai.lungs.blend import Places, by_slice, nearest_of
from ai.lungs.body import near_mm
from ai.lungs.border import calm, own_box, slabs
from ai.lungs.upright import PADDING_HU, Upright, onto_own_grid, own_places, stand_up
from ai.scan.geometry import Geometry
from ai.scan.volume import Volume

FINE, COARSE = (1.0, 0.71, 0.71), (3.0, 3.0, 3.0)


def scan(spacing: tuple[float, float, float] = FINE, seed: int = 3) -> Volume:
    rng = np.random.default_rng(seed)
    hu = rng.integers(-1400, 1200, (31, 50, 45)).astype(np.int16)
    return Volume(Geometry.axial(hu.shape, spacing_kji_mm=spacing), hu)


@pytest.fixture(scope="module", params=[FINE, (5.0, 0.91, 0.61), (2.0, 4.0, 3.13)], ids=str)
def upright(request: pytest.FixtureRequest) -> Upright:
    return stand_up(scan(request.param), spacing_mm=COARSE)


def within(upright: Upright) -> tuple[slice, slice, slice]:
    """Own voxels between centres of the working grid: beyond them SimpleITK goes another way."""
    z, y, x = (
        slice(1, int((n - 1) * mm / own + 1e-6))
        for n, mm, own in zip(
            upright.hu.shape, upright.spacing_mm, upright.own_spacing_mm, strict=True
        )
    )
    return z, y, x


def test_fields_lie_where_simpleitk_puts_them(upright: Upright) -> None:
    box, rng = within(upright), np.random.default_rng(8)
    fields = np.stack((upright.hu, rng.random(upright.hu.shape, dtype=np.float32)))
    ours = np.stack([planes.copy() for planes in by_slice(fields, own_places(upright, box))])
    for n, field in enumerate(fields):
        assert np.allclose(ours[:, n], onto_own_grid(upright, field, box), rtol=0, atol=2e-3)


def test_labels_are_those_of_the_nearest_voxel(upright: Upright) -> None:
    labels = np.random.default_rng(9).integers(0, 3, upright.hu.shape).astype(np.uint8)
    box = within(upright)
    theirs = onto_own_grid(upright, labels, box, nearest=True)
    assert np.array_equal(nearest_of(labels, own_places(upright, box)), theirs)


def test_beyond_the_last_plane_a_field_goes_on_as_it_is() -> None:
    places = Places.of(np.array([-2.0, -0.4, 0.0, 1.5, 1.9, 2.0, 2.4, 7.0]), 3)
    field = np.array([10.0, 20.0, 40.0], np.float32)[None, :, None, None]
    still = Places.of(np.zeros(1), 1)
    made = [planes.item() for planes in by_slice(field, (places, still, still))]
    assert made == pytest.approx([10, 10, 10, 30, 38, 40, 40, 40])
    assert places.nearest.tolist() == [0, 0, 0, 2, 2, 2, 2, 2]


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 1, 0), (1, 2, 0)], ids=str)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_scan_stands_as_simpleitk_would_stand_it(
    order: tuple[int, int, int], sign: float
) -> None:
    """Averaged in bins, then sampled, however it is stored."""
    hu = scan().hu
    affine = np.eye(4)
    affine[:3, :3] = 0
    for stored, upward in enumerate(order):
        affine[2 - upward, stored] = sign * FINE[upward]
    shape = [hu.shape[upward] for upward in order]
    stored_hu = np.ascontiguousarray(hu.transpose(order))
    if sign < 0:
        stored_hu = np.ascontiguousarray(stored_hu[::-1, ::-1, ::-1])
    geometry = Geometry((shape[0], shape[1], shape[2]), affine)
    ours = stand_up(Volume(geometry, stored_hu), spacing_mm=COARSE)
    image = sitk.GetImageFromArray(np.maximum(hu, PADDING_HU))
    image.SetSpacing(FINE[::-1])
    image = sitk.Cast(sitk.BinShrink(image, [4, 4, 3]), sitk.sitkFloat32)
    resample = sitk.ResampleImageFilter()
    resample.SetSize(ours.hu.shape[::-1])
    resample.SetOutputSpacing(COARSE[::-1])
    resample.UseNearestNeighborExtrapolatorOn()
    theirs = sitk.GetArrayFromImage(resample.Execute(image))
    # The last centres of the working grid lie beyond those of the averages.
    assert np.allclose(ours.hu[1:-1, 1:-1, 1:-1], theirs[1:-1, 1:-1, 1:-1], rtol=0, atol=2e-3)
    assert np.array_equal(ours.own_hu, hu)
    blank = ours.blank()
    blank[3, 2, 1] = 7
    back = ours.turn.stored(blank)
    assert blank.shape == hu.shape and back.shape == stored_hu.shape and back.flags.c_contiguous
    assert ours.turn.upright(back)[3, 2, 1] == 7 and back.sum() == 7


def test_a_scan_calmed_by_plane_is_scipys_within_the_slices() -> None:
    hu = scan().hu
    for mm in (0.4, 0.7, 1.5):
        sigma = min(1.5, 0.7 / mm)
        theirs = ndimage.gaussian_filter(
            np.clip(hu, PADDING_HU, 200).astype(np.float32), (0, sigma, sigma), truncate=2.0
        )
        assert np.allclose(calm(hu, (1.0, mm, mm)), theirs, rtol=0, atol=1e-3)
    thin = calm(hu[:, :2, :1], (1.0, 0.4, 0.4))
    assert thin.shape == (31, 2, 1) and np.isfinite(thin).all()


@pytest.mark.parametrize("spacing", [COARSE, (5.0, 1.5, 2.0)], ids=str)
def test_distances_are_true_as_far_as_they_reach(spacing: tuple[float, float, float]) -> None:
    mask = np.random.default_rng(2).random((14, 22, 18)) < 0.004
    theirs = ndimage.distance_transform_edt(~mask, sampling=spacing)
    for reach in (4.0, 13.4):
        ours = near_mm(mask, spacing, reach)
        assert np.allclose(ours, np.minimum(theirs, reach), rtol=0, atol=1e-5)
    corner = np.zeros((14, 22, 18), bool)
    corner[0, 21, 3:5] = True
    theirs = ndimage.distance_transform_edt(~corner, sampling=spacing)
    assert np.allclose(near_mm(corner, spacing, 9.0), np.minimum(theirs, 9.0), rtol=0, atol=1e-5)
    assert (near_mm(np.zeros((3, 4, 5), bool), spacing, 7.0) == 7.0).all()
    assert (near_mm(np.ones((3, 4, 5), bool), spacing, 7.0) == 0.0).all()


def test_slabs_leave_out_nothing_within_reach() -> None:
    upright = stand_up(scan(), spacing_mm=COARSE)
    lung = np.zeros(upright.hu.shape, dtype=bool)
    lung[2:4, 3:5, 4:8], lung[7, 6:9, 2:4] = True, True
    far = np.minimum(near_mm(lung, COARSE, 50.0), 50.0)
    whole = own_box(upright, np.ones_like(lung), reach_mm=50.0)
    places = own_places(upright, whole)
    fields = by_slice(far[None], places)
    near = np.stack([planes[0] < 3.0 + 1.5 for planes in fields])
    seen = np.zeros(near.shape, dtype=bool)
    shares = []
    for share, box in slabs(upright, lung, reach_mm=3.0):
        shares.append(share)
        seen[box] = True
    assert not (near & ~seen).any() and not seen.all()
    assert shares == sorted(shares) and shares[0] == 0.0
