from __future__ import annotations

import math
import re
from dataclasses import astuple

import numpy as np
import pytest

from ai.errors import Cancelled
from ai.models.card import load_card
from ai.nodules.detect import MOST_FINDINGS, find_nodules
from ai.phantom.chest import Phantom, chest
from ai.scan.finding import GROUND_GLASS, SOLID, ZONES, Finding
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from tests.nodules.scans import Ball, all_lung, grid, lungs_on, scan

CARD = load_card("nodules-log")
FEATURES = [
    "log_odds",
    "log_diameter",
    "solid",
    "ground_glass",
    "mean_hu",
    "contrast",
    "blobness",
    "vesselness",
    "pleura_mm",
    "height",
    "side",
    "noise_hu",
    "thickness_mm",
    "rank",
]


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return chest("small")


@pytest.fixture(scope="module")
def findings(phantom: Phantom) -> tuple[Finding, ...]:
    return find_nodules(phantom.volume, phantom.lungs, card=CARD)


@pytest.fixture(scope="module")
def small() -> tuple[Volume, LabelMap]:
    geometry = grid((50, 60, 60), (1.25, 1.0, 1.0))
    balls = (Ball((10.0, 5.0, 3.0), 8.0), Ball((-12.0, -8.0, -6.0), 12.0, -600))
    return scan(geometry, balls), all_lung(geometry)


def nearest(findings: tuple[Finding, ...], place: tuple[float, float, float]) -> Finding:
    return min(findings, key=lambda f: math.dist(f.centre_lps, place))


def test_every_nodule_of_the_phantom_that_is_6_mm_or_more_is_found(
    phantom: Phantom, findings: tuple[Finding, ...]
) -> None:
    missed = [
        nodule
        for nodule in phantom.nodules
        if nodule.diameter_mm >= 6
        and math.dist(nearest(findings, nodule.centre_lps).centre_lps, nodule.centre_lps)
        >= nodule.diameter_mm / 2
    ]
    assert missed == []


def test_what_is_found_in_the_phantom_has_its_size_type_and_zone(
    phantom: Phantom, findings: tuple[Finding, ...]
) -> None:
    for nodule in phantom.nodules:
        if nodule.diameter_mm < 9:  # pixels of 1.8 mm and slices of 3 mm tell no more
            continue
        found = nearest(findings, nodule.centre_lps)
        assert found.measurement.mean_diameter_mm == pytest.approx(nodule.diameter_mm, rel=0.2)
        assert found.measurement.type == nodule.type
        assert found.zone == nodule.zone


def test_every_finding_is_whole(phantom: Phantom, findings: tuple[Finding, ...]) -> None:
    assert 0 < len(findings) <= MOST_FINDINGS
    assert len({f.id for f in findings}) == len(findings)
    for finding in findings:
        assert re.fullmatch(r"[0-9a-f]{12}", finding.id)
        assert finding.zone in (*ZONES, "")
        assert 0 <= finding.chance <= 1
        assert [name for name, _ in finding.features] == FEATURES
        numbers = [v for _, v in finding.features] + list(astuple(finding.measurement)[:-1])
        assert all(math.isfinite(n) for n in numbers)
        assert finding.mask is not None
        whole = finding.mask.on(phantom.volume.geometry.shape_kji)
        assert whole.any()
        voxel = phantom.volume.geometry.nearest_voxel(finding.centre_lps)
        assert voxel is not None
        assert whole[voxel]
        assert voxel[0] == finding.slice_index


def test_the_likeliest_come_first(findings: tuple[Finding, ...]) -> None:
    chances = [f.chance for f in findings]
    assert chances == sorted(chances, reverse=True)
    ranks = [dict(f.features)["rank"] for f in findings]
    assert ranks == list(range(1, len(findings) + 1))


def test_a_second_run_proposes_the_same_ids(
    small: tuple[Volume, LabelMap],
) -> None:
    first = find_nodules(*small, card=CARD)
    again = find_nodules(*small, card=CARD)
    assert [f.id for f in first] == [f.id for f in again]
    assert [f.chance for f in first] == [f.chance for f in again]


def test_the_same_place_in_another_series_has_another_id(small: tuple[Volume, LabelMap]) -> None:
    volume, lungs = small
    other = Volume(volume.geometry, volume.hu, "9.9.9")
    ids = {f.id for f in find_nodules(volume, lungs, card=CARD)}
    assert ids.isdisjoint(f.id for f in find_nodules(other, lungs, card=CARD))


def test_a_solid_and_a_ground_glass_ball_come_first_and_are_told_apart(
    small: tuple[Volume, LabelMap],
) -> None:
    findings = find_nodules(*small, card=CARD)
    solid, glass = nearest(findings, (10, 5, 3)), nearest(findings, (-12, -8, -6))
    assert solid.measurement.type == SOLID
    assert solid.measurement.mean_diameter_mm == pytest.approx(8, abs=0.8)
    assert glass.measurement.type == GROUND_GLASS
    assert glass.measurement.mean_diameter_mm == pytest.approx(12, abs=1.0)
    assert {findings[0].id, findings[1].id} == {solid.id, glass.id}


def test_slices_stored_head_to_feet_and_rows_turned_find_the_same_places(
    small: tuple[Volume, LabelMap],
) -> None:
    volume, lungs = small
    shape = np.array(volume.geometry.shape_kji)
    affine = volume.geometry.affine.copy()
    affine[:3, 3] = volume.geometry.lps_of((shape[0] - 1, 0, shape[2] - 1))
    affine[:3, [0, 2]] *= -1
    turned = Geometry(volume.geometry.shape_kji, affine)
    flip = (slice(None, None, -1), slice(None), slice(None, None, -1))
    findings = find_nodules(
        Volume(turned, volume.hu[flip].copy()), lungs_on(turned, lungs.labels[flip]), card=CARD
    )
    for place in ((10, 5, 3), (-12, -8, -6)):
        assert math.dist(nearest(findings, place).centre_lps, place) < 2


def test_single_voxels_of_a_very_coarse_scan_are_not_nodules() -> None:
    geometry = grid((160, 160, 160), (4.0, 4.0, 4.0))
    hu = np.random.default_rng(5).choice([-860, -200], p=[0.97, 0.03], size=geometry.shape_kji)
    volume = Volume(geometry, hu.astype(np.int16), "1.2.4")
    findings = find_nodules(volume, all_lung(geometry), card=CARD)
    assert all(f.mask is not None and f.mask.voxels.sum() >= 5 for f in findings)
    assert sum(f.chance >= 0.5 for f in findings) <= 2


def test_without_lungs_nothing_is_found(small: tuple[Volume, LabelMap]) -> None:
    volume, lungs = small
    empty = lungs_on(volume.geometry, np.zeros_like(lungs.labels))
    assert find_nodules(volume, empty, card=CARD) == ()


def test_lungs_of_another_scan_are_refused(small: tuple[Volume, LabelMap]) -> None:
    other = grid((50, 60, 60), (1.0, 1.0, 1.0))
    with pytest.raises(ValueError, match="grids"):
        find_nodules(small[0], all_lung(other), card=CARD)


@pytest.mark.parametrize("after", [0, 1, 5, 12, 25])
def test_it_can_be_cancelled_at_any_step(small: tuple[Volume, LabelMap], after: int) -> None:
    calls = 0

    def stop(fraction: float, step: str) -> None:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Cancelled

    with pytest.raises(Cancelled):
        find_nodules(*small, card=CARD, on_progress=stop)


def test_progress_only_goes_forward_and_ends_at_one(small: tuple[Volume, LabelMap]) -> None:
    told: list[float] = []
    find_nodules(*small, card=CARD, on_progress=lambda fraction, step: told.append(fraction))
    assert told == sorted(told)
    assert told[0] >= 0
    assert told[-1] == 1
    assert len(told) > 20


def test_without_torch_the_same_nodules_are_found(
    small: tuple[Volume, LabelMap], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_torch = find_nodules(*small, card=CARD)
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    without = find_nodules(*small, card=CARD)
    assert [f.id for f in with_torch[:2]] == [f.id for f in without[:2]]
    assert without[0].chance == pytest.approx(with_torch[0].chance, abs=1e-3)
