"""Both lungs, on whichever grid a scan was stored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ai.errors import Cancelled, OutsideError, UnfitScan
from ai.lungs.segment import LungsResult, segment_lungs
from ai.models.card import ModelCard
from ai.phantom.chest import Phantom
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS
from ai.scan.volume import Volume
from tests.lungs.turned import dice, flipped, mirrored, reordered, rotated


def test_both_lungs_overlap_the_truth(phantom: Phantom, result: LungsResult) -> None:
    for number in (1, 2):
        assert dice(result.label_map.labels, phantom.lungs.labels, number) >= 0.98


def test_the_right_lung_lies_on_the_patients_right(result: LungsResult) -> None:
    geometry = result.label_map.geometry
    x = [geometry.lps_of(np.argwhere(result.label_map.labels == n).mean(axis=0))[0] for n in (1, 2)]
    assert x[0] < -30 < 30 < x[1]  # LPS: x grows to the left


def test_a_good_scan_raises_no_doubt(result: LungsResult) -> None:
    assert result.warnings == ()


def test_the_labels_mean_what_dicom_means(result: LungsResult, card: ModelCard) -> None:
    assert result.label_map.segments == LUNGS
    assert result.label_map.made_by == card.made_by


def test_the_windpipe_is_no_lung(phantom: Phantom, result: LungsResult) -> None:
    """Air near the middle, inside the body, above the lungs' fork, outside the true lungs."""
    geometry = phantom.volume.geometry
    tops = np.flatnonzero(phantom.lungs.labels.any(axis=(1, 2)))
    upper = slice(tops[-1] - len(tops) // 4, tops[-1])
    columns = np.abs(geometry.lps_of([(0, 0, i) for i in range(geometry.shape_kji[2])])[:, 0]) < 10
    rows = slice(geometry.shape_kji[1] // 3, 2 * geometry.shape_kji[1] // 3)
    strip = phantom.volume.hu[upper, rows][:, :, columns]
    lung = result.label_map.labels[upper, rows][:, :, columns]
    truth = phantom.lungs.labels[upper, rows][:, :, columns]
    windpipe = (strip < -900) & (truth == 0)
    assert windpipe.sum() > 50
    assert (lung[windpipe] > 0).mean() < 0.02


def test_nodules_and_vessels_count_as_lung(phantom: Phantom, result: LungsResult) -> None:
    for nodule in phantom.nodules:
        voxel = phantom.volume.geometry.nearest_voxel(nodule.centre_lps)
        assert voxel is not None
        assert result.label_map.labels[voxel] > 0, nodule


def test_each_side_is_one_piece(result: LungsResult) -> None:
    from scipy import ndimage

    for number in (1, 2):
        pieces, _ = ndimage.label(result.label_map.labels == number)
        sizes = np.bincount(pieces.ravel())[1:]
        assert sizes.max() > 0.995 * sizes.sum()


@pytest.mark.parametrize(
    "axes",
    [(0,), (1,), (2,), (0, 2), (1, 2), (0, 1, 2)],
    ids=["from the head", "row order", "columns", "feet first", "prone", "all backwards"],
)
def test_the_storage_order_changes_nothing(
    tiny: Phantom, plain: LungsResult, quick: ModelCard, axes: tuple[int, ...]
) -> None:
    turned = segment_lungs(flipped(tiny.volume, axes), card=quick)
    back = np.flip(turned.label_map.labels, axes)
    for number in (1, 2):
        assert dice(back, plain.label_map.labels, number) > 0.99


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 0, 1)], ids=["coronal", "sagittal"])
def test_coronal_and_sagittal_series_give_the_same_lungs(
    tiny: Phantom, plain: LungsResult, quick: ModelCard, order: tuple[int, int, int]
) -> None:
    turned = segment_lungs(reordered(tiny.volume, order), card=quick)
    back = turned.label_map.labels.transpose(np.argsort(order))
    for number in (1, 2):
        assert dice(back, plain.label_map.labels, number) > 0.99


def test_a_mirrored_patient_has_the_sides_swapped(
    tiny: Phantom, plain: LungsResult, quick: ModelCard
) -> None:
    mirror = segment_lungs(mirrored(tiny.volume), card=quick)
    seen = mirror.label_map.labels[:, :, ::-1]
    for number, other in ((1, 2), (2, 1)):
        assert dice(np.where(seen == number, other, 0), plain.label_map.labels, other) > 0.99


@pytest.mark.parametrize("about", [0, 1, 2])
def test_a_tilted_patient_keeps_the_same_voxels(
    tiny: Phantom, plain: LungsResult, quick: ModelCard, about: int
) -> None:
    turned = segment_lungs(rotated(tiny.volume, 20, about=about), card=quick)
    assert np.array_equal(turned.label_map.labels, plain.label_map.labels)


def test_a_patient_lying_prone_keeps_right_and_left(
    tiny: Phantom, plain: LungsResult, quick: ModelCard
) -> None:
    """The same stored voxels, half a turn about the long axis: what was right is now left."""
    turned = segment_lungs(rotated(tiny.volume, 180, about=2), card=quick)
    swapped = np.array([0, 2, 1], dtype=np.uint8)[turned.label_map.labels]
    for number in (1, 2):
        assert dice(swapped, plain.label_map.labels, number) > 0.99


def test_padding_outside_the_field_of_view_changes_nothing(
    tiny: Phantom, plain: LungsResult, quick: ModelCard
) -> None:
    hu = tiny.volume.hu.copy()
    rows, columns = (np.arange(n) - n / 2 for n in hu.shape[1:])
    hu[:, np.hypot(rows[:, None], columns[None]) > hu.shape[1] / 2] = -3024
    padded = segment_lungs(Volume(tiny.volume.geometry, hu), card=quick)
    for number in (1, 2):
        assert dice(padded.label_map.labels, plain.label_map.labels, number) > 0.99


def test_progress_grows_and_names_its_steps(tiny: Phantom, quick: ModelCard) -> None:
    told: list[tuple[float, str]] = []
    segment_lungs(tiny.volume, card=quick, on_progress=lambda f, step: told.append((f, step)))
    fractions = [f for f, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0
    assert len({step for _, step in told}) >= 6


@pytest.mark.parametrize("after", [0.0, 0.3, 0.6, 0.9])
def test_a_reader_can_cancel_at_any_step(tiny: Phantom, quick: ModelCard, after: float) -> None:
    def stop(fraction: float, step: str) -> None:
        if fraction >= after:
            raise Cancelled

    with pytest.raises(Cancelled):
        segment_lungs(tiny.volume, card=quick, on_progress=stop)


def test_the_scan_is_not_written_to(tiny: Phantom, quick: ModelCard) -> None:
    before = tiny.volume.hu.copy()
    segment_lungs(tiny.volume, card=quick)
    assert np.array_equal(before, tiny.volume.hu)


def test_an_unknown_family_is_told(tiny: Phantom, quick: ModelCard) -> None:
    with pytest.raises(OutsideError, match="cannot segment lungs"):
        segment_lungs(tiny.volume, card=replace(quick, family="oracle"))


def test_a_card_for_another_task_is_told(tiny: Phantom, quick: ModelCard) -> None:
    with pytest.raises(OutsideError, match="cannot segment lungs"):
        segment_lungs(tiny.volume, card=replace(quick, task="nodules"))


def test_a_block_of_water_is_refused(card: ModelCard) -> None:
    water = Volume(
        Geometry.axial((40, 64, 64), spacing_kji_mm=(5, 5, 5)), np.zeros((40, 64, 64), np.int16)
    )
    with pytest.raises(UnfitScan):
        segment_lungs(water, card=card)
