"""Contours that lie beside a scan are told, not read: laying them on is the reader's choice."""

from __future__ import annotations

from pathlib import Path

from tests.dicom.small import hu_of, write_ct
from tests.dicom.test_rtstruct import box, contour, write
from viewer.dicom.find import open_path
from viewer.dicom.inspect import inspect
from viewer.dicom.series import OPENS


def test_contours_beside_a_scan_are_told_and_those_of_another_study_are_not(
    tmp_path: Path,
) -> None:
    write_ct(tmp_path / "ct", hu=hu_of(6))
    (series,) = open_path(tmp_path / "ct").series
    (tmp_path / "ct" / "rtstruct").mkdir()
    regions = {"Lung-Left": [contour(series, 1, box(2, 2, 4, 4))]}
    mine = write(tmp_path / "ct" / "rtstruct" / "1-1.dcm", series, regions)
    write(tmp_path / "ct" / "rtstruct" / "2.dcm", series, regions, study="9.9.9")
    opened = open_path(tmp_path / "ct")
    assert opened.contours == (mine,) and opened.outcome == OPENS
    told = inspect(tmp_path / "ct")["sentences"]
    assert told == [
        "Contours (RT Structure Set) lie beside this scan and can be laid on it: 1-1.dcm."
    ]
