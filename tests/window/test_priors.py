"""An earlier scan of the patient: offered, opened beside, aligned, linked by hand, let go of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ai.scan.geometry import Geometry
from ai.worker.messages import AlignLungs, LungsAligned, LungsDone, SegmentLungs
from ai.worker.shared import SHM, Block
from tests.fakes import CANDIDATES, MADE_BY, chest
from tests.window.conftest import SHIFT, Sitting
from viewer.beside.prior_link import by_table
from viewer.dicom.io_messages import Load, Look
from viewer.dicom.series import Patient, Series
from viewer.reading.same_patient import days_before, same_patient
from viewer.views.layouts import AXIAL_2, COMPARE, READ

Key = Qt.Key
ANNA = Patient(name="Doe^Anna", id="P1", sex="F", birth_date="19660101", issuer="CITY")
MOVED = (1.0, 0.0, 0.0, 4.0, 0.0, 1.0, 0.0, -2.0, 0.0, 0.0, 1.0, 6.0, 0.0, 0.0, 0.0, 1.0)


def scan(uid: str, study: str, date: str, patient: Patient = ANNA, **more: object) -> Series:
    made = replace(chest(uid), study_uid=study, study_date=date, patient=patient, modality="CT")
    return replace(made, frame_of_reference=f"f{study}", **more)  # type: ignore[arg-type]


NOW = scan("1.1", "S1", "20260205")
PRIOR = scan("2.1", "S2", "20250101")
OLDER = scan("3.1", "S3", "20230101")


@pytest.fixture
def beside(sitting: Sitting) -> Sitting:
    """Current and prior beside each other, both read to the last slice, not yet aligned."""
    sitting.open(NOW, PRIOR)
    sitting.key(Key.Key_F3)
    sitting.children.load()
    return sitting


def align(sitting: Sitting, *, own_lungs: bool = True) -> None:
    """The worker outlines what it is asked to, then says how the two lie to each other."""
    for _ in range(2 if own_lungs else 1):
        sitting.children.lungs()
    job = sitting.jobs.asked(AlignLungs).job
    sitting.jobs.say(LungsAligned(job, MOVED, 1.34, 0.97))


def lent(sitting: Sitting) -> list[str]:
    """Names of all blocks for the alignment that still lie in shared memory."""
    asked = [r for r in sitting.jobs.ai.asked if isinstance(r, SegmentLungs)]
    return [r.out.name for r in asked if (SHM / r.out.name).exists()]


def second_lies_there(sitting: Sitting) -> bool:
    return (SHM / sitting.jobs.asked(Load).block.name).exists()


def test_the_newest_prior_is_announced_and_f3_shows_it(sitting: Sitting) -> None:
    sitting.open(NOW, OLDER, PRIOR)
    assert sitting.said == (
        "An earlier chest CT of 2025-01-01 is at hand. F3 shows it beside this one."
    )
    sitting.key(Key.Key_F3)
    assert sitting.jobs.asked(Load).series.key == "2.1"
    assert sitting.window.panes.layout_shown.name == COMPARE


def test_both_panes_say_which_is_which_and_how_old_the_prior_is(beside: Sitting) -> None:
    views = beside.window.panes.views
    assert views["axial"].corners.beside == ("CURRENT",)
    assert views[AXIAL_2].corners.beside == ("PRIOR · 400 days", "Linked by table height")


@pytest.mark.parametrize(
    "other",
    [
        replace(ANNA, id="P2"),
        replace(ANNA, id=""),
        replace(ANNA, issuer="COUNTY"),
        replace(ANNA, issuer=""),
        replace(ANNA, birth_date="19700101"),
        replace(ANNA, sex="M"),
    ],
)
def test_another_patient_is_never_offered_whatever_the_name(
    sitting: Sitting, other: Patient
) -> None:
    sitting.open(NOW, scan("2.1", "S2", "20250101", other))
    assert not sitting.window.cuts.priors.at_hand and "earlier" not in sitting.said
    sitting.key(Key.Key_F3)
    assert sitting.jobs.asked(Load).series.key == "1.1" and not sitting.window.cuts.chooser.buttons


@pytest.mark.parametrize(
    "shared", ["", " ", "ANONYMOUS", "De-identified", "0000", "XXX", "n/a", "0"]
)
def test_an_id_that_many_share_makes_nobody_the_same(sitting: Sitting, shared: str) -> None:
    nobody = replace(ANNA, id=shared)
    assert not same_patient(nobody, nobody)
    sitting.open(replace(NOW, patient=nobody), replace(PRIOR, patient=nobody))
    assert not sitting.window.cuts.priors.at_hand


def test_another_patients_scan_dragged_onto_a_pane_is_refused(sitting: Sitting) -> None:
    sitting.open(NOW, scan("2.1", "S2", "20250101", replace(ANNA, id="P2")))
    sitting.window.panes.series_dropped.emit("axial", "2.1")
    assert "another patient" in sitting.said and sitting.window.panes.second is None


def test_a_prior_that_the_library_knows_is_looked_up_where_it_lies(
    sitting: Sitting, tmp_path: Path, qtbot: QtBot
) -> None:
    sitting.desk.library.note_found([PRIOR, scan("4.1", "S4", "20240101")], tmp_path)
    sitting.desk.library.note_found([scan("5.1", "S5", "20251231")], tmp_path / "gone")
    sitting.open(NOW)
    priors = sitting.window.cuts.priors
    qtbot.waitUntil(lambda: len(priors.at_hand) == 2)
    assert [study.study_uid for study in priors.at_hand] == ["S2", "S4"], "what is gone is not"
    assert "2025-01-01" in sitting.said
    sitting.key(Key.Key_F3)
    assert sitting.jobs.asked(Look).path == str(tmp_path)
    sitting.children.find(scan("4.1", "S4", "20240101"), PRIOR)
    assert sitting.jobs.asked(Load).series.key == "2.1"


def test_a_prior_whose_header_is_another_patients_is_not_shown(
    sitting: Sitting, tmp_path: Path, qtbot: QtBot
) -> None:
    sitting.desk.library.note_found([PRIOR], tmp_path)
    sitting.open(NOW)
    qtbot.waitUntil(lambda: bool(sitting.window.cuts.priors.at_hand))
    sitting.key(Key.Key_F3)
    sitting.children.find(replace(PRIOR, patient=replace(ANNA, birth_date="19700101")))
    assert "no longer holds" in sitting.said and sitting.window.panes.second is None


def test_without_a_date_a_study_is_offered_but_called_no_prior(sitting: Sitting) -> None:
    sitting.open(NOW, replace(PRIOR, study_date=""))
    assert "earlier" not in sitting.said
    sitting.key(Key.Key_F3)
    (button,) = sitting.window.cuts.chooser.buttons
    assert "date unknown" in button.text()
    button.click()
    assert "OTHER STUDY · date unknown" in sitting.window.panes.views[AXIAL_2].corners.beside


@pytest.mark.parametrize(
    ("one", "other", "days"),
    [("20250101", "20260205", 400), ("20240229", "20240301", 1), ("", "20240301", None)],
)
def test_days_between_two_dates(one: str, other: str, days: int | None) -> None:
    assert days_before(one, other) == days


def test_by_table_height_until_the_lungs_are_aligned_then_by_them(beside: Sitting) -> None:
    panes = beside.window.panes
    panes.go_to((0.0, 0.0, 10.0))
    assert panes.views[AXIAL_2].state.crosshair_lps == (0.0, 0.0, 10.0)
    align(beside)
    assert panes.views[AXIAL_2].state.crosshair_lps == (-4.0, 2.0, 4.0)
    middles = [panes.views[name].view().centre_lps for name in ("axial", AXIAL_2)]
    assert np.subtract(middles[0], middles[1]) == pytest.approx((4.0, -2.0, 6.0)), (
        "at the same place in both"
    )
    words = panes.views[AXIAL_2].corners.beside
    assert words[1] == "By lungs, approximate · 1.3 mm"
    assert not lent(beside), "what was lent for the alignment is gone"


def test_lungs_that_the_reading_has_are_not_outlined_again(sitting: Sitting) -> None:
    sitting.open(NOW, PRIOR)
    sitting.lungs()
    sitting.key(Key.Key_F3)
    sitting.children.load()
    align(sitting, own_lungs=False)
    assert sitting.desk.reading is not None and sitting.desk.reading.priors


def test_lungs_that_come_meanwhile_are_not_outlined_again(beside: Sitting) -> None:
    ours = beside.jobs.asked(SegmentLungs)
    beside.lungs()
    beside.jobs.say(LungsDone(ours.job, MADE_BY, ()))
    asked = [r for r in beside.jobs.ai.asked if isinstance(r, SegmentLungs)]
    assert len(asked) == 2, "the prior's, and the reader's own"
    fixed = beside.jobs.asked(AlignLungs).fixed
    with Block.attach(fixed.block) as block:
        assert beside.desk.reading is not None and beside.desk.reading.lungs is not None
        assert np.array_equal(block.array, beside.desk.reading.lungs.labels)


def test_the_lungs_of_the_alignment_are_none_of_the_readings(beside: Sitting) -> None:
    align(beside)
    assert beside.desk.reading is not None and not beside.desk.reading.has_lungs


@pytest.mark.parametrize("step", [SegmentLungs, AlignLungs])
def test_where_the_alignment_fails_one_sentence_says_so(beside: Sitting, step: type) -> None:
    if step is AlignLungs:
        beside.children.lungs()
        beside.children.lungs()
    before = len(beside.notices)
    beside.children.fail(step, "The lungs could not be found.")
    (notice,) = beside.notices[before:]
    text = "The lungs could not be found. The two scans scroll by table height."
    assert notice.sentence == text
    panes = beside.window.panes
    assert panes.linked and "Linked by table height" in panes.views[AXIAL_2].corners.beside
    assert not lent(beside)


def test_a_prior_that_the_ai_must_not_be_asked_about_scrolls_by_table_height(
    sitting: Sitting,
) -> None:
    sitting.open(NOW, replace(PRIOR, ai_refusal="Slices are missing."))
    sitting.key(Key.Key_F3)
    sitting.children.load()
    assert sitting.said == "Slices are missing. The two scans scroll by table height."
    assert not [r for r in sitting.jobs.ai.asked if isinstance(r, SegmentLungs)]


def test_esc_stops_the_alignment_and_keeps_the_prior(beside: Sitting) -> None:
    job = beside.jobs.asked(SegmentLungs).job
    beside.key(Key.Key_Escape)
    assert job in beside.jobs.ai.cancelled and "table height" in beside.said
    assert beside.window.panes.second is not None and not lent(beside)


def test_linked_by_hand_it_stays_so_and_is_there_again(beside: Sitting) -> None:
    align(beside)
    panes = beside.window.panes
    beside.key(Key.Key_L)
    panes.scroll(4, AXIAL_2)
    beside.key(Key.Key_L, SHIFT)
    match = np.array(panes.second_match)
    beside.open(replace(chest("7.7"), study_uid="7"))
    assert panes.second is None
    beside.open(NOW, PRIOR)
    asked = len(beside.jobs.ai.asked)
    beside.key(Key.Key_F3)
    beside.children.load()
    assert np.allclose(np.array(panes.second_match), match)
    assert "Linked by hand" in panes.views[AXIAL_2].corners.beside
    assert len(beside.jobs.ai.asked) == asked, "it is not aligned once more"


def test_after_a_link_by_hand_a_key_aligns_by_the_lungs_again(beside: Sitting) -> None:
    align(beside)
    panes = beside.window.panes
    beside.key(Key.Key_L)
    panes.scroll(4, AXIAL_2)
    beside.key(Key.Key_L, SHIFT)
    assert beside.notices[-1].action == "align-lungs", "offered where the hand has just linked"
    assert "Linked by hand" in panes.views[AXIAL_2].corners.beside
    beside.key(Key.Key_L, Qt.KeyboardModifier.AltModifier)
    align(beside)
    assert np.allclose(np.array(panes.second_match).ravel(), MOVED)
    assert panes.views[AXIAL_2].corners.beside[1].startswith("By lungs")
    assert not lent(beside)


def test_an_alignment_asked_for_again_and_stopped_leaves_the_hands_link(beside: Sitting) -> None:
    beside.key(Key.Key_L)
    beside.window.panes.scroll(4, AXIAL_2)
    beside.key(Key.Key_L, SHIFT)
    match = np.array(beside.window.panes.second_match)
    beside.key(Key.Key_L, Qt.KeyboardModifier.AltModifier)
    beside.key(Key.Key_Escape)
    assert beside.said.endswith("The two scans stay linked as they were.")
    assert np.allclose(np.array(beside.window.panes.second_match), match)
    assert not lent(beside)


def test_two_series_of_one_study_need_no_alignment(sitting: Sitting) -> None:
    sitting.key(Key.Key_L, Qt.KeyboardModifier.AltModifier)
    assert sitting.said.startswith("There is no second series")
    soft = replace(NOW, uid="1.2", number=4)
    sitting.open(NOW, soft)
    sitting.key(Key.Key_F3)
    sitting.children.load()
    sitting.key(Key.Key_L, Qt.KeyboardModifier.AltModifier)
    assert sitting.said == "These two need none: they are scans of one study."


def test_the_list_and_the_rail_say_which_scan_is_which(beside: Sitting) -> None:
    studies = beside.window.studies
    tags = {e.uid: e.tag for e in studies.model.entries if e.series is not None}
    assert tags == {NOW.key: "CURRENT", PRIOR.key: "PRIOR"}
    assert {e.uid: e.tag for e in studies.rail.entries} == tags
    assert any(str(entry).endswith("PRIOR") for entry in studies.model.entries)
    beside.window.cuts.close_second()
    assert not any(entry.tag for entry in studies.model.entries)


def test_a_hand_comes_before_an_alignment_that_still_runs(beside: Sitting) -> None:
    beside.key(Key.Key_L)
    beside.window.panes.scroll(4, AXIAL_2)
    beside.key(Key.Key_L, SHIFT)
    match = np.array(beside.window.panes.second_match)
    job = beside.jobs.asked(SegmentLungs).job
    assert job in beside.jobs.ai.cancelled
    beside.jobs.say(LungsDone(job, MADE_BY, ()))
    assert np.allclose(np.array(beside.window.panes.second_match), match)
    assert not [r for r in beside.jobs.ai.asked if isinstance(r, AlignLungs)]


@pytest.mark.parametrize("aligned", [True, False])
def test_another_study_closes_the_prior_and_frees_its_memory(
    beside: Sitting, *, aligned: bool
) -> None:
    if aligned:
        align(beside)
    assert second_lies_there(beside)
    name = beside.jobs.asked(Load).block.name
    beside.open(replace(chest("7.7"), study_uid="7"))
    assert beside.window.panes.second is None and not (SHM / name).exists()
    assert not lent(beside) and beside.window.cuts.comparing.series is None


def test_another_series_of_the_current_study_keeps_the_prior(sitting: Sitting) -> None:
    soft = replace(NOW, uid="1.2", kernel="SOFT")
    sitting.open(NOW, soft, PRIOR)
    sitting.key(Key.Key_F3)
    sitting.children.load()
    sitting.desk.choose_series(soft)
    second = sitting.window.panes.second
    assert second is not None and second.series is PRIOR and second.tag == "PRIOR · 400 days"


def test_j_flips_between_the_two_at_the_current_finding(sitting: Sitting) -> None:
    sitting.open(NOW, PRIOR)
    sitting.nodules(*CANDIDATES)
    sitting.key(Key.Key_J)
    sitting.children.load()
    align(sitting, own_lungs=False)
    panes = sitting.window.panes
    finding = sitting.desk.current_finding
    assert finding is not None and panes.layout_shown.name == COMPARE
    panes.activate("axial")
    panes.go_to((0.0, 0.0, 0.0))
    sitting.key(Key.Key_J)
    assert panes.active == AXIAL_2
    assert panes.state.crosshair_lps == pytest.approx(finding.centre_lps)
    there = np.array(finding.centre_lps) - (4.0, -2.0, 6.0)
    assert panes.views[AXIAL_2].state.crosshair_lps == pytest.approx(tuple(there))
    sitting.key(Key.Key_J)
    assert panes.active == "axial"


def test_j_in_a_layout_of_one_scan_changes_what_the_pane_shows(beside: Sitting) -> None:
    beside.key(Key.Key_F2)
    panes = beside.window.panes
    assert panes.layout_shown.name == READ
    beside.key(Key.Key_J)
    assert panes.views["axial"].of_second
    beside.key(Key.Key_J)
    assert not panes.views["axial"].of_second


def test_j_without_a_prior_says_so(sitting: Sitting) -> None:
    sitting.open(NOW)
    sitting.key(Key.Key_J)
    assert sitting.said == "No other scan stands beside this one."


def test_two_tables_far_apart_are_matched_by_their_middles() -> None:
    one = Geometry.axial((40, 64, 64), spacing_kji_mm=(2, 2, 2), origin_lps=(-63, -63, -39))
    far = Geometry.axial((40, 64, 64), spacing_kji_mm=(2, 2, 2), origin_lps=(-60, -63, -900))
    assert by_table(one, far)[:3, 3] == pytest.approx((0, 0, 861))
    assert np.array_equal(by_table(one, one), np.eye(4))
