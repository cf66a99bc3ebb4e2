"""Scans that a lung model must not be asked about, each refused in one sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ai.errors import UnfitScan
from ai.models.card import ModelCard, load_card
from ai.models.gate import check_fit, check_histogram, fit_of
from ai.models.gate_checks import coarse, sampled
from ai.models.gate_histogram import KnownChests, distance, features, known_chests, read_known
from ai.phantom.chest import Phantom, chest
from ai.scan.fit import AMBER, GREEN, RED
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


def bottle(*, lungs: bool = False, spine: bool = False) -> Volume:
    """Water in a round bottle, perhaps with two rods as light as lung and one as hard as bone."""
    y, x = np.mgrid[:128, :128]
    hu = np.full((60, 128, 128), -1000.0)
    hu[:, (y - 64) ** 2 + (x - 64) ** 2 < 50**2] = 0
    for middle in (42, 86) if lungs else ():
        hu[:, (y - 64) ** 2 + (x - middle) ** 2 < 16**2] = -800
    if spine:
        hu[:, (y - 100) ** 2 + (x - 64) ** 2 < 8**2] = 700
    hu += np.random.default_rng(1).normal(0, 15, hu.shape)
    grid = Geometry.axial(hu.shape, spacing_kji_mm=(4.0, 3.0, 3.0), origin_lps=(0, 0, 0))
    return Volume(grid, hu.astype(np.int16))


@pytest.mark.parametrize(
    ("volume", "words"),
    [
        (bottle(), "lung-like air"),
        (bottle(lungs=True), "no bone"),
        (bottle(lungs=True, spine=True), "unlike any chest"),
    ],
    ids=["water", "with lungs", "with lungs and a spine"],
)
def test_a_bottle_of_water_is_no_chest(volume: Volume, words: str, card: ModelCard) -> None:
    fit = fit_of(volume, card)
    assert fit.level == RED and words in fit.reasons[0] and fit.remedy


def test_a_chest_is_green_and_a_doubtful_one_amber(scan: Volume, card: ModelCard) -> None:
    assert fit_of(scan, card).level == GREEN
    careful = replace(card, expects=replace(card.expects, advised_mm=2.5))
    doubtful = fit_of(scan, careful)
    assert doubtful.level == AMBER and doubtful.reasons == check_fit(scan, careful)


def test_few_slices_and_wide_pixels_are_warned_of(scan: Volume, card: ModelCard) -> None:
    sparse = scan.geometry.affine.copy()
    sparse[:3, 0] *= 3
    hu = np.ascontiguousarray(scan.hu[::3])
    loose = replace(card, expects=replace(card.expects, advised_mm=10.0))
    few = check_fit(Volume(Geometry(hu.shape, sparse), hu), loose)
    assert any("only 34 slices" in told for told in few)
    rough = scan.geometry.affine.copy()
    rough[:3, 1:3] *= 2
    hu = np.ascontiguousarray(scan.hu[:, ::2, ::2])
    (told,) = check_fit(Volume(Geometry(hu.shape, rough), hu), card)
    assert "3.6 mm wide" in told


def test_air_on_one_side_only_is_warned_of(phantom: Phantom, scan: Volume, card: ModelCard) -> None:
    hu = scan.hu.copy()
    hu[phantom.lungs.labels == 2] = 40
    assert any("one side" in told for told in check_fit(like(scan, hu), card))


def test_unusual_densities_are_told_with_the_number_of_sources() -> None:
    known = replace(known_chests(), sources=("a", "b", "c"), amber=3.0)
    assert check_histogram(2.9, known) == ()
    (told,) = check_histogram(4.0, known)
    assert "4.0 from the 3 sources" in told and "up to 3.0" in told
    with pytest.raises(UnfitScan, match="unlike any chest"):
        check_histogram(6.1, known)


def test_the_shipped_reference_names_its_sources_and_knows_them(scan: Volume) -> None:
    known = known_chests()
    assert len(known.sources) >= 5 and known.copies > 100
    assert not any("LUNG1" in name or "covid" in name for name in known.sources)
    assert distance(features(coarse(sampled(scan))), known) < known.amber


def test_a_spoilt_reference_is_told_of(tmp_path: Path) -> None:
    spoilt = tmp_path / "chests.json"
    spoilt.write_text('{"sources": ["a"], "mean": [], "directions": [], "variances": []}')
    with pytest.raises(TypeError):
        read_known(spoilt)


def test_what_is_learnt_survives_the_file(tmp_path: Path) -> None:
    known: KnownChests = known_chests()
    path = tmp_path / "chests.json"
    path.write_text(known.as_json())
    assert read_known(path) == known
