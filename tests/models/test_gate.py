"""Scans that a lung model must not be asked about, each refused in one sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ai.errors import UnfitScan
from ai.models.card import ModelCard, load_card
from ai.models.gate import check_fit
from ai.phantom.chest import Phantom, chest
from ai.scan.geometry import Geometry
from ai.scan.volume import Hu, Volume


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return load_card("lungs-classical")


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return chest("small")


@pytest.fixture(scope="module")
def scan(phantom: Phantom) -> Volume:
    return phantom.volume


def like(scan: Volume, hu: Hu) -> Volume:
    return Volume(scan.geometry, np.ascontiguousarray(hu, dtype=np.int16))


def refused(volume: Volume, card: ModelCard) -> str:
    with pytest.raises(UnfitScan) as caught:
        check_fit(volume, card)
    sentence = caught.value.sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert caught.value.remedy
    return sentence


def test_a_chest_passes_without_a_word(scan: Volume, card: ModelCard) -> None:
    assert check_fit(scan, card) == ()


def test_too_few_slices_are_refused_with_their_number(scan: Volume, card: ModelCard) -> None:
    few = Volume(scan.geometry.cropped((40, 0, 0), (8, *scan.hu.shape[1:])), scan.hu[40:48].copy())
    assert "8 slices" in refused(few, card)


def test_a_thin_slab_is_refused_with_its_height(scan: Volume, card: ModelCard) -> None:
    slab = Volume(
        scan.geometry.cropped((40, 0, 0), (20, *scan.hu.shape[1:])), scan.hu[40:60].copy()
    )
    assert "57 mm" in refused(slab, card)


def test_slices_far_apart_are_refused(scan: Volume, card: ModelCard) -> None:
    strict = replace(card, expects=replace(card.expects, thickest_mm=2.5))
    assert "3.0 mm apart" in refused(scan, strict)


def test_thick_slices_are_warned_of(scan: Volume, card: ModelCard) -> None:
    careful = replace(card, expects=replace(card.expects, advised_mm=2.5))
    (warning,) = check_fit(scan, careful)
    assert "3.0 mm apart" in warning


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda hu: hu + 1024,
        lambda hu: np.clip((hu + 1250.0) * 255 / 1500, 0, 255),
        lambda hu: hu.astype(float) * 0.25,
        lambda hu: hu.astype(float) + 400,
        lambda hu: np.abs(hu),
        lambda hu: np.where(hu > -300, hu + 900.0, hu),
    ],
    ids=["intercept lost", "windowed to 0..255", "slope", "shifted", "sign lost", "tissue off"],
)
def test_numbers_that_are_no_hounsfield_units_are_refused(
    scan: Volume, card: ModelCard, spoilt
) -> None:
    refused(like(scan, spoilt(scan.hu.astype(np.int32))), card)


def test_padding_does_not_hide_numbers_that_are_no_hounsfield_units(
    scan: Volume, card: ModelCard
) -> None:
    hu = scan.hu.astype(np.int32) + 1024
    hu[:, :20] = -2048
    refused(like(scan, hu), card)


def test_an_empty_scan_is_refused(scan: Volume, card: ModelCard) -> None:
    assert "same value" in refused(like(scan, np.full(scan.hu.shape, -1000)), card)


def test_a_body_without_lungs_is_refused(phantom: Phantom, scan: Volume, card: ModelCard) -> None:
    hu = scan.hu.copy()
    hu[phantom.lungs.labels > 0] = 40
    assert "lung-like air" in refused(like(scan, hu), card)


def test_gas_in_the_bowel_is_no_lung(scan: Volume, card: ModelCard) -> None:
    """Plain air in place of the lungs: a bowel full of gas looks so."""
    rng = np.random.default_rng(1)
    hu = np.where(scan.hu < -500, -1000 + rng.normal(0, 8, scan.hu.shape), scan.hu)
    assert "lung-like air" in refused(like(scan, hu), card)


def test_lungs_cut_by_the_scan_are_warned_of(scan: Volume, card: ModelCard) -> None:
    shape = (60, *scan.hu.shape[1:])
    cut = Volume(scan.geometry.cropped((0, 0, 0), shape), scan.hu[:60].copy())
    assert any("beyond the first or the last slice" in w for w in check_fit(cut, card))


def test_the_gate_sees_through_a_coronal_series(scan: Volume, card: ModelCard) -> None:
    affine = scan.geometry.affine[:, [1, 0, 2, 3]]
    hu = np.ascontiguousarray(scan.hu.transpose(1, 0, 2))
    assert check_fit(Volume(Geometry(hu.shape, affine), hu), card) == ()
