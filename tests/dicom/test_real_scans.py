"""Real scans open in their true order, with HU that another reader agrees with."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK

from tests.data import scan
from viewer.dicom.find import open_path
from viewer.dicom.pixels import read_slice, read_volume
from viewer.dicom.series import OPENS, WARNS

pytestmark = pytest.mark.data

CHESTS = {
    "LIDC-IDRI-0001": (133, 2.5),
    "LIDC-IDRI-0003": (140, 2.5),
    "LIDC-IDRI-0004": (241, 1.25),
    "LUNG1-001": (134, 3.0),
    "LUNG1-002": (111, 3.0),
    "CPTAC-LSCC-C3N-00247": (99, 3.0),
    "covid-hrct": (31, 10.0),
    "mini-copd": (79, 3.98734),
}


GAP = "Between two slices 8.75 mm were not scanned: small nodules may lie there."
TOLD = {"covid-hrct": (WARNS, (GAP,))}
"""Of the others nothing is said."""


@pytest.mark.parametrize("name", CHESTS)
def test_a_chest_ct_opens_whole_and_only_its_gaps_are_told(name: str) -> None:
    result = open_path(scan(name))
    slices, step_mm = CHESTS[name]
    assert (result.outcome, result.sentences) == TOLD.get(name, (OPENS, ()))
    (series,) = result.series
    assert series.geometry is not None and series.axial and not series.ai_refusal
    assert len(series.slices) == slices
    assert series.geometry.spacing_kji_mm[0] == pytest.approx(step_mm, abs=1e-4)
    z = [item.position_lps[2] for item in series.slices]
    assert z == sorted(z)
    for k, item in enumerate(series.slices):
        assert np.allclose(series.geometry.lps_of([k, 0, 0]), item.position_lps, atol=0.05)


def test_feet_first_is_a_tag_and_no_turn_of_the_picture() -> None:
    series = open_path(scan("LIDC-IDRI-0001")).series[0]
    assert series.patient_position == "FFS"
    assert series.geometry is not None
    assert np.allclose(series.geometry.directions, np.fliplr(np.eye(3)), atol=1e-6)


def test_the_big_nodule_is_where_four_readers_saw_it() -> None:
    folder = scan("LIDC-IDRI-0001")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    nodule = max(truth["nodules"], key=lambda n: n["volume_mm3"])
    series = open_path(folder).series[0]
    assert series.geometry is not None
    voxel = series.geometry.nearest_voxel(nodule["centre_lps_mm"])
    assert voxel is not None
    k, j, i = voxel
    around = read_slice(series, k)[j - 3 : j + 4, i - 3 : i + 4]
    assert -150 < np.median(around) < 150


@pytest.mark.parametrize("name", ["mini-copd", "odd-abdomen-ct", "odd-upper-chest-jpeg-lossless"])
def test_every_voxel_is_what_simpleitk_reads(name: str) -> None:
    series = open_path(scan(name)).series[0]
    ours = read_volume(series)
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames([str(item.path) for item in series.slices])
    theirs = reader.Execute()
    assert np.array_equal(ours.hu, SimpleITK.GetArrayFromImage(theirs).clip(-32768, 32767))
    assert np.allclose(theirs.GetOrigin(), ours.geometry.lps_of([0, 0, 0]), atol=1e-3)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("odd-head-ct", "not HU"),
        ("odd-mr-abdomen", "MR, not CT"),
        ("odd-sagittal-chest", "sagittal"),
    ],
)
def test_what_the_ai_must_not_read_opens_and_says_why(name: str, words: str) -> None:
    result = open_path(scan(name))
    assert result.outcome == WARNS
    assert words in result.series[0].ai_refusal
