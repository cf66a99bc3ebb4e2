"""Lungs of real chests, against contours that others drew; and real scans that are no chest."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from numpy.typing import NDArray

from ai.errors import UnfitScan
from ai.lungs.segment import segment_lungs
from ai.models.card import ModelCard, load_card
from ai.models.gate import check_fit
from ai.scan.volume import Volume
from tests.data import scan
from tests.lungs.turned import dice
from viewer.dicom.find import open_path
from viewer.dicom.pixels import read_volume

pytestmark = pytest.mark.data
AIR_HU = -400.0


def volume_of(name: str) -> Volume:
    return read_volume(open_path(scan(name)).series[0])


def drawn(name: str, file: str, volume: Volume) -> NDArray[np.uint8]:
    """A label file beside a scan, after a look that it lies on the scan's grid."""
    image = sitk.ReadImage(str(scan(name) / file))
    labels = sitk.GetArrayFromImage(image).astype(np.uint8)
    assert labels.shape == volume.hu.shape
    last = image.TransformIndexToPhysicalPoint([n - 1 for n in image.GetSize()])
    assert np.allclose(volume.geometry.lps_of(np.array(labels.shape) - 1), last, atol=0.1)
    return labels


def test_a_small_real_chest_overlaps_its_label_map(card: ModelCard) -> None:
    volume = volume_of("mini-copd")
    found = segment_lungs(volume, card=card)
    true = drawn("mini-copd", "lungs.nii.gz", volume)
    for number in (1, 2):
        assert dice(found.label_map.labels, true, number) > 0.97


def test_lungs_with_a_large_tumour_overlap_contours_drawn_by_hand(card: ModelCard) -> None:
    """The contours leave the tumour out, so its voxels are left out of both sides."""
    volume = volume_of("LUNG1-001")
    seen = drawn("LUNG1-001", "gtv.nii.gz", volume) == 0
    true = drawn("LUNG1-001", "lungs.nii.gz", volume) * seen
    found = segment_lungs(volume, card=card).label_map.labels * seen
    assert dice(found, true, 1) > 0.96
    assert dice(found, true, 2) > 0.95


@pytest.mark.parametrize("name", ["LUNG1-001", "LUNG1-002"])
def test_the_network_keeps_the_tumour_and_loses_no_aerated_lung_by_it(
    card: ModelCard, name: str
) -> None:
    """The contours leave out fluid and airless lung, the network does not: where there is air both
    must agree. Scored, never tuned on."""
    pytest.importorskip("torch")
    volume = volume_of(name)
    tumour = drawn(name, "gtv.nii.gz", volume) > 0
    counted = (volume.hu < AIR_HU) & ~tumour
    true = drawn(name, "lungs.nii.gz", volume) * counted
    rules = segment_lungs(volume, card=card).label_map.labels
    network = segment_lungs(volume, card=load_card("lungs-unet")).label_map.labels
    for number in (1, 2):
        least = dice(rules * counted, true, number) - 0.005
        assert dice(network * counted, true, number) > least
    assert (network[tumour] > 0).mean() > 0.9 > 0.5 > (rules[tumour] > 0).mean()


def test_nodules_that_readers_marked_lie_in_their_lung(card: ModelCard) -> None:
    volume = volume_of("LIDC-IDRI-0001")
    found = segment_lungs(volume, card=card)
    assert found.warnings == ()
    truth = json.loads((scan("LIDC-IDRI-0001") / "truth.json").read_text(encoding="utf-8"))
    marks = truth["nodules"] + truth["small_nodules"]
    assert len(marks) >= 4
    for mark in marks:
        voxel = volume.geometry.nearest_voxel(mark["centre_lps_mm"])
        assert voxel is not None
        assert found.label_map.labels[voxel] == (1 if mark["centre_lps_mm"][0] < 0 else 2)


@pytest.mark.parametrize("name", ["odd-abdomen-ct", "odd-head-ct", "odd-mr-abdomen"])
def test_a_scan_of_another_kind_is_refused(card: ModelCard, name: str) -> None:
    with pytest.raises(UnfitScan):
        check_fit(volume_of(name), card)


def test_an_abdomen_is_refused_for_what_it_shows_not_for_its_few_slices(card: ModelCard) -> None:
    lenient = replace(card.expects, least_slices=4, least_height_mm=10.0)
    with pytest.raises(UnfitScan, match="lung-like air"):
        check_fit(volume_of("odd-abdomen-ct"), replace(card, expects=lenient))


@pytest.mark.parametrize("name", ["LIDC-IDRI-0003", "CPTAC-LSCC-C3N-00247", "LUNG1-002"])
def test_real_chests_pass_the_gate_without_a_word(card: ModelCard, name: str) -> None:
    assert check_fit(volume_of(name), card) == ()


def test_a_chest_with_gaps_between_slices_passes_with_a_warning(card: ModelCard) -> None:
    warnings = check_fit(volume_of("covid-hrct"), card)
    assert any("10.0 mm apart" in w for w in warnings)
