"""The grey window that a header stores travels with its series, where it can show anything."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.data import data_folder
from tests.dicom.fuzz import enhanced
from tests.dicom.small import write_ct
from viewer.dicom.find import open_path
from viewer.dicom.series import Series, StoredWindow
from viewer.dicom.voi import stored_window


def one(folder: Path) -> Series:
    (series,) = open_path(folder).series
    return series


@pytest.mark.parametrize(
    ("centre", "width", "shape", "told"),
    [
        ("40", "400", None, StoredWindow(400, 40)),
        (["-500", "40"], ["1500", "400"], None, StoredWindow(1500, -500)),
        ("-600.5", "1500", "LINEAR_EXACT", StoredWindow(1500, -600.5)),
        ("40", "400", "SIGMOID", None),
        ("40", "0", None, None),
        ("40", "-400", None, None),
        ("40", None, None, None),
        (None, None, None, None),
    ],
)
def test_the_first_window_of_the_header_is_the_series(
    tmp_path: Path, centre: object, width: object, shape: str | None, told: StoredWindow | None
) -> None:
    def edit(dataset: Dataset, k: int) -> None:
        for name, value in (
            ("WindowCenter", centre), ("WindowWidth", width), ("VOILUTFunction", shape),
        ):  # fmt: skip
            if value is not None:
                setattr(dataset, name, value)

    write_ct(tmp_path, edit=edit)
    assert one(tmp_path).window == told


@pytest.mark.parametrize(
    ("centres", "widths"),
    [((float("nan"),), (400.0,)), ((40.0,), (float("inf"),)), ((1e9,), (400.0,)), ((), ())],
)
def test_numbers_that_show_nothing_are_no_window(
    centres: tuple[float, ...], widths: tuple[float, ...]
) -> None:
    assert stored_window(centres, widths, "") is None


def test_a_frame_of_an_enhanced_file_has_the_window_of_its_group(tmp_path: Path) -> None:
    path = enhanced(tmp_path / "one.dcm")
    dataset = pydicom.dcmread(path)
    window = Dataset()
    window.WindowCenter, window.WindowWidth = "-600", "1500"
    dataset.SharedFunctionalGroupsSequence[0].FrameVOILUTSequence = [window]
    dataset.save_as(path)
    assert one(tmp_path).window == StoredWindow(1500, -600)


@pytest.mark.data
def test_a_real_chest_tells_its_own_window() -> None:
    folder = data_folder()
    assert folder is not None
    told = {
        name: one(folder / "ct" / name).window
        for name in ("LIDC-IDRI-0004", "CPTAC-LSCC-C3N-00247", "LUNG1-002")
    }
    assert told["LIDC-IDRI-0004"] == StoredWindow(400, 40)
    assert told["CPTAC-LSCC-C3N-00247"] is not None
    assert told["CPTAC-LSCC-C3N-00247"].level_hu == -500
    assert told["LUNG1-002"] is None
