"""What lets a picture be seen at once: greys that fit the values, a beginning where an image is."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.dicom.small import hu_of, write_ct
from viewer.dicom.find import open_path
from viewer.dicom.gaps import gap_sentence
from viewer.dicom.pixels import UNREADABLE_HU, load_into
from viewer.dicom.series import OPENS, WARNS, Series, StoredWindow
from viewer.open_scan import middle_slice, nearest_image


def one(folder: Path) -> Series:
    (series,) = open_path(folder).series
    return series


def uncalibrated(dataset: Dataset, k: int) -> None:
    del dataset.RescaleSlope, dataset.RescaleIntercept
    dataset.WindowCenter, dataset.WindowWidth = "-600", "1500"


def magnetic(dataset: Dataset, k: int) -> None:
    dataset.Modality, dataset.SOPClassUID = "MR", "1.2.840.10008.5.1.4.1.1.4"
    dataset.WindowCenter, dataset.WindowWidth = "-600", "800"


def test_hu_come_with_the_headers_window_alone(tmp_path: Path) -> None:
    write_ct(tmp_path)
    series = one(tmp_path)
    assert series.in_hu and series.window is None


def test_a_ct_without_calibration_comes_in_a_window_over_its_own_values(tmp_path: Path) -> None:
    write_ct(tmp_path, edit=uncalibrated)
    series = one(tmp_path)
    assert not series.in_hu and series.window is not None
    stored = hu_of()[3].astype(int) + 1024
    low = series.window.level_hu - series.window.width_hu / 2
    high = series.window.level_hu + series.window.width_hu / 2
    assert low == pytest.approx(np.percentile(stored, 1), abs=120)
    assert high == pytest.approx(np.percentile(stored, 99), abs=120)


def test_another_modality_comes_in_the_window_of_its_header(tmp_path: Path) -> None:
    write_ct(tmp_path, edit=magnetic)
    series = one(tmp_path)
    assert not series.in_hu and series.window == StoredWindow(800, -600)


@pytest.mark.parametrize(
    ("centre", "width"),
    [("9000", "800"), ("-1400", "1000"), ("-600", "60000"), ("-600", "20")],
    ids=["far off", "all but white", "all but one grey", "all but black and white"],
)
def test_a_stored_window_that_shows_nothing_gives_way_to_one_that_does(
    tmp_path: Path, centre: str, width: str
) -> None:
    def told(dataset: Dataset, k: int) -> None:
        magnetic(dataset, k)
        dataset.WindowCenter, dataset.WindowWidth = centre, width

    write_ct(tmp_path, edit=told)
    window = one(tmp_path).window
    low, high = np.percentile(hu_of()[3], (1, 99))
    assert window is not None
    assert window.width_hu == pytest.approx(high - low) and window.level_hu < -400


def test_values_that_are_all_the_same_have_a_window_too(tmp_path: Path) -> None:
    write_ct(tmp_path, hu=np.full((5, 40, 36), 7, np.int16))
    series = one(tmp_path)
    assert not series.in_hu and series.window == StoredWindow(1, 7)


@pytest.mark.parametrize(
    ("step", "thick", "told"),
    [
        (10.0, 1.25, "Between two slices 8.75 mm were not scanned: small nodules may lie there."),
        (2.5, 2.5, ""),
        (1.0, 5.0, ""),
        (7.0, 5.0, ""),  # 2 mm between slices of 5 mm: usual
        (1.5, 1.0, ""),
        (5.0, None, ""),
        (5.0, 0.0, ""),
    ],
)
def test_slices_with_much_between_them_are_told(
    step: float, thick: float | None, told: str
) -> None:
    assert gap_sentence(step, thick) == told


def test_a_gapped_scan_says_so_when_it_opens_and_is_read_by_the_ai(tmp_path: Path) -> None:
    write_ct(tmp_path, hu=hu_of(8), z_mm=[10.0 * k for k in range(8)])
    opened = open_path(tmp_path)
    assert opened.outcome == WARNS and "7.5 mm were not scanned" in opened.sentences[0]
    assert opened.series[0].ai_refusal == ""


def test_one_begins_on_the_scanned_slice_nearest_to_the_middle(tmp_path: Path) -> None:
    write_ct(tmp_path / "whole", hu=hu_of(6))
    write_ct(tmp_path / "gap", hu=hu_of(5), z_mm=(0, 2.5, 5, 10, 12.5))
    assert middle_slice(one(tmp_path / "whole")) == 3
    series = one(tmp_path / "gap")
    assert not series.slices[3].here and middle_slice(series) in (2, 4)


def test_a_slice_that_cannot_be_decoded_is_never_announced_as_a_picture(tmp_path: Path) -> None:
    files = write_ct(tmp_path, hu=hu_of(6))
    series = one(tmp_path)
    files[2].write_bytes(files[2].read_bytes()[:-500])
    told: list[int] = []
    hu = np.zeros((6, 40, 36), np.int16)
    assert nearest_image(series, 2, spoilt=(2,)) == 1
    sentences = load_into(series, hu, on_slices=told.extend)
    assert sorted(told) == [0, 1, 3, 4, 5] and len(sentences) == 1
    assert (hu[2] == UNREADABLE_HU).all()


def nifti(path: Path) -> None:
    """The least of a NIfTI file: a header of 348 bytes that says what it is."""
    head = bytearray(352 + 8)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, 3, 2, 2, 2, 1, 1, 1, 1)
    struct.pack_into("<2h", head, 70, 2, 8)
    struct.pack_into("<f", head, 108, 352.0)
    head[344:348] = b"n+1\0"
    path.write_bytes(head)


def test_a_folder_of_masks_alone_can_be_laid_on_the_open_scan(tmp_path: Path) -> None:
    nifti(tmp_path / "lungs.nii")
    (tmp_path / "read me.txt").write_text("lungs by hand")
    opened = open_path(tmp_path)
    assert opened.segs == (tmp_path / "lungs.nii",) and not opened.series
    assert opened.sentences[-1] == "lungs.nii can be laid on its CT; open that first."
    write_ct(tmp_path / "ct")
    assert open_path(tmp_path).outcome == OPENS and open_path(tmp_path).segs == ()
