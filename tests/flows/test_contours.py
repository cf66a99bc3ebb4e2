"""Contours laid over a reading: told whose they are, sent out as drawn, undone at once."""

from __future__ import annotations

import pydicom
import pytest

from tests.dicom.test_rtstruct import box, contour, write
from tests.flows.test_export import export, open_segs
from viewer.dicom.masks.drawn_by import is_drawn
from viewer.home import home


@pytest.fixture
def structures(newcomer, tmp_path):
    """Two lungs and a tumour outlined on the phantom's middle slices."""
    series = newcomer.desk.scan.series
    k = len(series.slices) // 2
    pair = {"Lung_R": (40, 20), "Lung_L": (40, 70), "GTV-1": (50, 30)}
    regions = {
        name: [contour(series, k + n, box(row, column, 12, 12)) for n in range(2)]
        for name, (row, column) in pair.items()
    }
    path = write(tmp_path / "plan.dcm", series, regions)
    file = pydicom.dcmread(path)
    file.StructureSetLabel, file.ManufacturerModelName = "Plan 1", "XiO"
    file.save_as(path)
    return path


def test_contours_say_whose_they_are_and_that_they_replaced_the_lungs(newcomer, structures):
    before = newcomer.reading
    open_segs(newcomer, structures)
    told = next(text for text in reversed(newcomer.said) if "Taken over" in text)
    assert "lungs, 1 finding." in told
    assert "Contours from RTSTRUCT, Plan 1." in told
    assert "They took the place of the lungs that were there." in told
    assert newcomer.reading.lungs.made_by.card == "contours from RTSTRUCT, Plan 1"
    assert is_drawn(newcomer.reading.lungs.made_by)
    assert before.lungs is not newcomer.reading.lungs


def test_the_plans_own_label_is_not_in_the_log(newcomer, structures):
    file = pydicom.dcmread(structures)
    file.StructureSetLabel = "Erkennbar 778899"
    file.save_as(structures)
    open_segs(newcomer, structures)
    assert newcomer.reading.lungs.made_by.card == "contours from RTSTRUCT, Erkennbar 778899"
    log = b"".join(path.read_bytes() for path in sorted(home().glob("readings.sqlite*")))
    assert b"contours from RTSTRUCT" in log
    for word in (b"Erkennbar", b"778899", b"GTV", b"Lung_R", structures.name.encode()):
        assert word not in log
    again = newcomer.desk._store.reading(newcomer.reading.id)
    assert again.lungs.made_by == newcomer.reading.lungs.made_by


def test_one_undo_takes_all_of_it_back_and_one_redo_lays_it_on_again(newcomer, structures):
    before = newcomer.reading
    open_segs(newcomer, structures)
    laid = newcomer.reading
    newcomer.desk.undo()
    assert newcomer.reading.lungs.made_by == before.lungs.made_by
    assert newcomer.reading.states == before.states
    newcomer.desk.redo()
    assert newcomer.reading.lungs.made_by == laid.lungs.made_by
    assert newcomer.reading.states == laid.states
    newcomer.desk.undo()
    newcomer.desk.undo()
    assert not newcomer.reading.searched, "the step before is the next to go"


def test_after_a_restart_one_undo_still_takes_all_of_it_back(newcomer, structures):
    before = newcomer.reading
    open_segs(newcomer, structures)
    laid = newcomer.reading
    newcomer.desk.segs._layings.clear()  # another sitting knows the log alone
    newcomer.desk.undo()
    assert newcomer.reading.lungs.made_by == before.lungs.made_by
    assert newcomer.reading.states == before.states
    newcomer.desk.redo()
    assert newcomer.reading.lungs.made_by == laid.lungs.made_by
    assert newcomer.reading.states == laid.states


def test_contours_leave_as_drawn_by_hand_and_no_planning_system_is_an_algorithm(
    newcomer, structures
):
    open_segs(newcomer, structures)
    files = {path.name: path for path in export(newcomer)}
    lungs, nodules = (pydicom.dcmread(files[name]) for name in ("lungs.dcm", "nodules.dcm"))
    for seg in (lungs, nodules):
        for item in seg.SegmentSequence:
            assert item.SegmentAlgorithmType == "MANUAL"
            assert "SegmentAlgorithmName" not in item
            assert "Contours from RTSTRUCT, Plan 1" in item.SegmentDescription
        assert "AI" not in seg.SeriesDescription and "XiO" not in str(seg)
    report = files["report.txt"].read_text("utf-8")
    assert "Contours from RTSTRUCT, Plan 1." in " ".join(report.split())
    assert "XiO" not in report and "lungs-classical" not in report
    comments = [text for text in _texts(pydicom.dcmread(files["sr.dcm"])) if "Contours" in text]
    assert len(comments) == 3


def _texts(report):
    for item in report.iterall():
        if item.keyword == "TextValue":
            yield str(item.value)
