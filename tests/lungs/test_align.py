"""Two scans of one patient are brought together by their lungs."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from ai.errors import Cancelled, UnfitScan
from ai.lungs.align import align_lungs
from ai.phantom.chest import chest
from ai.phantom.follow_up import GROWN, NEW, Pair, pair
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap


@cache
def two_dates() -> Pair:
    return pair("small", 7)


def turned(lungs: LabelMap, degrees: float, shift: tuple[float, float, float]) -> LabelMap:
    """The same lungs in a scan whose patient lay turned about two axes, and elsewhere."""
    a, b = np.radians(degrees), np.radians(degrees / 2)
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    move = np.eye(4)
    move[:3, :3], move[:3, 3] = about_x @ about_z, shift
    geometry = Geometry(lungs.geometry.shape_kji, move @ lungs.geometry.affine)
    return LabelMap(geometry, lungs.labels, lungs.segments, lungs.made_by)


@pytest.mark.parametrize(
    ("degrees", "shift"), [(0, (0, 0, 0)), (5, (10, -8, 25)), (12, (-30, 20, -60))]
)
def test_a_patient_who_lay_otherwise_is_brought_back_to_a_millimetre(degrees, shift):
    lungs = two_dates().current.lungs
    moved = turned(lungs, degrees, shift)
    found = align_lungs(lungs, moved)
    whole = found.matrix @ moved.geometry.affine
    ends = [(0, 0, 0, 1), (99, 191, 191, 1), (99, 0, 191, 1)]
    for end in ends:
        assert np.linalg.norm((whole - lungs.geometry.affine) @ end) < 1.0
    assert found.near > 0.99


def test_nodules_of_two_dates_meet_within_five_millimetres_though_the_patient_breathed():
    both = two_dates()
    found = align_lungs(both.current.lungs, both.prior.lungs)
    turn = found.matrix[:3, :3]
    assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-6)
    for nodule, before in zip(both.current.nodules, both.prior_of, strict=True):
        if before is not None:
            was = np.append(both.prior.nodules[before].centre_lps, 1.0)
            off = np.linalg.norm((found.matrix @ was)[:3] - nodule.centre_lps)
            assert off < 5.0


def test_the_pair_has_two_grown_one_new_and_one_gone():
    both = two_dates()
    sizes = {
        n: (both.prior.nodules[q].diameter_mm, c.diameter_mm)
        for n, (c, q) in enumerate(zip(both.current.nodules, both.prior_of, strict=True))
        if q is not None
    }
    assert {n for n, (was, now) in sizes.items() if now > was} == set(GROWN)
    assert both.prior_of[NEW] is None
    for nodule in both.prior.nodules:  # every one lies in the lungs of its own scan
        voxel = both.prior.volume.geometry.nearest_voxel(nodule.centre_lps)
        assert voxel is not None and both.prior.lungs.labels[voxel] > 0


def test_scans_without_a_common_lung_are_refused_in_a_sentence():
    lungs = chest("tiny", 7).lungs
    right = LabelMap(
        lungs.geometry, lungs.labels * (lungs.labels == 1), lungs.segments, lungs.made_by
    )
    left = LabelMap(
        lungs.geometry, lungs.labels * (lungs.labels == 2), lungs.segments, lungs.made_by
    )
    with pytest.raises(UnfitScan, match="no lung in common"):
        align_lungs(right, left)


def test_it_can_be_cancelled():
    lungs = chest("tiny", 7).lungs

    def stop(_done: float, _step: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        align_lungs(lungs, lungs, on_progress=stop)
