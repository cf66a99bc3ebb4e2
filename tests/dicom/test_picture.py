"""The little picture of a series that is not open shows its middle slice, where it lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.dicom.small import hu_of, write_ct
from viewer.dicom import picture
from viewer.dicom.find import open_path
from viewer.dicom.picture import middle_picture


def test_the_middle_slice_is_shown_and_shrinking_keeps_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_ct(tmp_path)
    (series,) = open_path(tmp_path).series
    whole = middle_picture(series)
    assert whole is not None and series.geometry is not None
    assert np.array_equal(whole.hu[0], hu_of()[2])
    monkeypatch.setattr(picture, "LEAST_PX", min(whole.hu.shape[1:]) // 2)
    small = middle_picture(series)
    assert small is not None
    assert small.hu.shape[1:] == tuple(side // 2 for side in whole.hu.shape[1:])
    assert small.hu[0, 1, 2] == round(float(hu_of()[2, 2:4, 4:6].mean()))
    found = series.geometry.index_of(small.geometry.lps_of((0, 1, 2)))
    assert np.allclose(found, (2, 2.5, 4.5))


def test_where_the_middle_is_spoilt_a_slice_beside_it_is_shown(tmp_path: Path) -> None:
    files = write_ct(tmp_path, hu=hu_of(12))
    (series,) = open_path(tmp_path).series
    files[5].write_bytes(files[5].read_bytes()[:-50])
    beside = middle_picture(series)
    assert beside is not None and np.array_equal(beside.hu[0], hu_of(12)[4])
    for file in files:
        file.write_bytes(file.read_bytes()[:-50])
    assert middle_picture(series) is None
