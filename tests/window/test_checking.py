"""How far the AI's lungs are to be trusted, as the window tells it and lets a reader act on it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from ai.scan.check import ONLY_OTHER, ONLY_SHOWN, CheckPlace
from ai.scan.density import counted, density_of
from ai.scan.fit import AMBER, RED, Fit
from ai.scan.labelmap import MadeBy, SegmentFigures
from ai.worker.messages import ComparedLungs, CompareLungs, Failed, LungsDone, SegmentLungs
from ai.worker.shared import Block
from tests.window.conftest import Sitting
from viewer.notices import BANNER, REFUSED
from viewer.reading.events import Closed
from viewer.reading.lung_events import ScanJudged
from viewer.reading.report.how_read import how_read
from viewer.window.keys import SEGMENTS

NO_CHEST = "Only 12 ml of lung-like air lie inside the body; this does not look like a chest."
PLACES = (
    CheckPlace((10.0, 0.0, 5.0), 40.0, ONLY_OTHER, 2),
    CheckPlace((-10.0, 0.0, -5.0), 12.0, ONLY_SHOWN, 1),
)


def lungs_by(sitting: Sitting, card: str, fit: Fit, density: bool = True) -> None:
    """The worker answers F5 as a model of that card would."""
    request = sitting.jobs.asked(SegmentLungs)
    with Block.attach(request.out, writable=True) as block:
        block.array[5:35, 10:50, 5:25] = 1
        block.array[5:35, 10:50, 38:58] = 2
    import numpy as np

    counts = density_of(counted(np.array([-960, -940, -900, -850]))) if density else None
    figures = tuple(SegmentFigures(n, 1900.0, -837.0, counts) for n in (1, 2))
    sitting.jobs.say(LungsDone(request.job, MadeBy(card, "1.0"), figures, fit.reasons, fit))


@pytest.fixture
def refused(sitting: Sitting) -> Sitting:
    """F5 on a scan that the gate refuses."""
    sitting.open()
    sitting.key(Qt.Key.Key_F5)
    job = sitting.jobs.asked(SegmentLungs).job
    sitting.jobs.say(Failed(job, NO_CHEST, "Choose a chest CT.", unfit=True))
    return sitting


@pytest.fixture
def segmented(sitting: Sitting) -> Sitting:
    sitting.open()
    sitting.key(Qt.Key.Key_F5)
    lungs_by(sitting, "lungs-classical", Fit("green"))
    sitting.window.side.open(SEGMENTS)
    return sitting


def compared(sitting: Sitting, *places: CheckPlace) -> None:
    sitting.desk.checking.compare()
    request = sitting.jobs.asked(CompareLungs)
    with Block.attach(request.out, writable=True) as block:
        block.array[20:26, 28:36, 40:48] = 1
    made_by = MadeBy(request.card, "1.0")
    sitting.jobs.say(ComparedLungs(request.job, made_by, (0.9, -1.0), places))


def test_a_refused_scan_gets_no_lungs_but_a_reason_and_a_red_light(refused: Sitting) -> None:
    reading, light = refused.desk.reading, refused.window.segments.nothing_light
    assert reading is not None and not reading.has_lungs
    assert reading.fit == ScanJudged(RED, (NO_CHEST,))
    told = refused.notices[-1]
    assert (told.level, told.place, told.action) == (REFUSED, BANNER, "segment-anyway")
    assert not light.isHidden() and light.why.text() == NO_CHEST
    assert not light.anyway.isHidden()
    assert not refused.jobs.living, "the strip does not say it once more"


def test_where_the_gate_refused_the_list_promises_no_candidates(refused: Sitting) -> None:
    empty = refused.window.findings.empty
    assert NO_CHEST in empty.text and "finds candidates" not in empty.text
    refused.desk.checking.segment_anyway()
    assert NO_CHEST not in refused.window.findings.empty.text


def test_in_a_second_readers_pass_no_marks_are_promised_where_there_will_be_none(
    refused: Sitting,
) -> None:
    refused.desk.own_pass.switch()
    text = refused.window.findings.pass_row.text.text()
    assert text == "The AI is off here; M adds what you see."


def test_a_reader_may_overrule_the_gate_and_the_log_says_so_first(refused: Sitting) -> None:
    refused.window.actions_by_id["segment-anyway"].trigger()
    reading = refused.desk.reading
    assert reading is not None and reading.fit is not None and reading.fit.by_reader
    assert refused.jobs.asked(SegmentLungs).anyway
    lungs_by(refused, "lungs-classical", Fit(RED, (NO_CHEST,), by_reader=True))
    reading = refused.desk.reading
    assert reading is not None and reading.has_lungs
    kinds = [type(row.event).__name__ for row in reading.history]
    assert kinds.index("SegmentsAdded") > kinds.index("ScanJudged")
    assert kinds.count("ScanJudged") == 2
    assert any("reader's wish" in told and NO_CHEST in told for told in how_read(reading))
    assert refused.window.segments.light.anyway.isHidden()
    assert not any(b.notice.action == "segment-anyway" for b in refused.window.banners.shown)


def test_there_is_nothing_to_overrule_where_nothing_was_refused(segmented: Sitting) -> None:
    asked = len(segmented.jobs.ai.asked)
    segmented.window.actions_by_id["segment-anyway"].trigger()
    assert len(segmented.jobs.ai.asked) == asked
    assert "nothing to override" in segmented.said


def test_a_doubt_stands_beside_the_amber_light_and_not_twice(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Qt.Key.Key_F5)
    doubt = "There are only 31 slices: volumes are rough."
    lungs_by(sitting, "lungs-classical", Fit(AMBER, (doubt,)))
    panel = sitting.window.segments
    assert panel.light.why.text() == doubt and panel.light.anyway.isHidden()
    assert doubt not in panel._checks.text()
    assert sitting.desk.reading is not None
    assert any(doubt in told for told in how_read(sitting.desk.reading))


def by_itself(sitting: Sitting) -> None:
    """The time has passed after which the other method is asked without a word of the reader."""
    sitting.desk.checking._wait.stop()
    sitting.desk.checking._wait.timeout.emit()


def answered(sitting: Sitting, *places: CheckPlace) -> None:
    request = sitting.jobs.asked(CompareLungs)
    made_by = MadeBy(request.card, "1.0")
    sitting.jobs.say(ComparedLungs(request.job, made_by, (0.9, 0.95), places))


def comparisons(sitting: Sitting) -> int:
    return sum(isinstance(one, CompareLungs) for one in sitting.jobs.ai.asked)


def test_lungs_that_the_other_method_sees_otherwise_do_not_stand_unquestioned(
    segmented: Sitting,
) -> None:
    """A reader who never asks for the comparison is told of half a lung that is missing."""
    assert segmented.desk.checking._wait.isActive()
    by_itself(segmented)
    answered(segmented, *PLACES)
    (banner,) = (b for b in segmented.window.banners.shown if b.notice.action == "check-next")
    assert "disagree: 2" in banner.notice.sentence
    reading = segmented.desk.reading
    assert reading is not None and reading.compared is not None
    assert reading.compared.places == PLACES


def test_what_was_odd_about_lungs_goes_with_them(segmented: Sitting) -> None:
    segmented.key(Qt.Key.Key_F5)
    lungs_by(segmented, "lungs-classical", Fit(AMBER, ("Left lung holds gas.",)))
    by_itself(segmented)
    answered(segmented, *PLACES)
    told = [b.notice.sentence for b in segmented.window.banners.shown]
    assert any("holds gas" in one for one in told) and any("disagree" in one for one in told)
    segmented.key(Qt.Key.Key_F5)
    lungs_by(segmented, "lungs-unet", Fit("green"))
    assert not segmented.window.banners.shown


def test_small_differences_stand_on_the_card_and_raise_no_alarm(segmented: Sitting) -> None:
    by_itself(segmented)
    before = len(segmented.notices)
    answered(segmented, CheckPlace((0.0, 0.0, 0.0), 3.0, ONLY_OTHER, 1))
    assert len(segmented.notices) == before
    assert "1" in segmented.window.segments.check.head.text()


def test_the_other_method_asked_by_itself_fails_in_silence_and_once(segmented: Sitting) -> None:
    by_itself(segmented)
    before = len(segmented.notices)
    segmented.children.fail(CompareLungs, "The network is not installed.")
    assert len(segmented.notices) == before and not segmented.desk.checking.runs
    assert not segmented.jobs.living, "nor does the strip speak of it"
    assert not segmented.desk.checking._wait.isActive()
    segmented.desk.checking.compare()
    segmented.children.fail(CompareLungs, "The network is not installed.")
    assert "not installed" in segmented.said


def test_what_the_reader_asks_for_comes_before_the_other_method(segmented: Sitting) -> None:
    segmented.key(Qt.Key.Key_F6)
    by_itself(segmented)
    assert not comparisons(segmented) and segmented.desk.checking._wait.isActive()


def test_lungs_that_were_compared_are_not_compared_by_themselves_again(segmented: Sitting) -> None:
    compared(segmented, *PLACES)
    by_itself(segmented)
    assert comparisons(segmented) == 1


def test_a_signed_reading_is_left_alone(segmented: Sitting) -> None:
    assert segmented.desk.record(Closed())
    by_itself(segmented)
    assert not comparisons(segmented)


def test_the_other_method_is_not_asked_at_once(segmented: Sitting) -> None:
    assert not [m for m in segmented.jobs.ai.asked if isinstance(m, CompareLungs)]
    segmented.window.segments.check.compare.click()
    assert segmented.jobs.asked(CompareLungs).card == "lungs-unet"
    segmented.window.segments.check.compare.click()
    assert len([m for m in segmented.jobs.ai.asked if isinstance(m, CompareLungs)]) == 1


def test_where_the_methods_disagree_a_line_leads_there(segmented: Sitting) -> None:
    compared(segmented, *PLACES)
    card, desk = segmented.window.segments.check, segmented.desk
    assert "2" in card.head.text() and "0.900" in card.told.text()
    assert [line.isHidden() for line in card.lines] == [False, False, True, True]
    card.lines[1].click()
    assert segmented.window.panes.state.crosshair_lps == pytest.approx(PLACES[1].centre_lps)
    segmented.window.actions_by_id["check-next"].trigger()
    assert segmented.window.panes.state.crosshair_lps == pytest.approx(PLACES[0].centre_lps)
    assert desk.reading is not None and desk.reading.compared is not None
    assert desk.reading.compared.places == PLACES, "the log holds what the reader was told"


def test_the_regions_are_drawn_only_when_asked_for(segmented: Sitting) -> None:
    compared(segmented, *PLACES)
    panes, card = segmented.window.panes, segmented.window.segments.check
    assert segmented.desk.scan is not None
    x, y, z = segmented.desk.scan.volume.geometry.lps_of((22, 32, 44))
    panes.go_to((float(x), float(y), float(z)))
    plain = panes.grab().toImage()
    assert not segmented.desk.checking.drawn
    card.show_regions.click()
    assert segmented.desk.checking.drawn and panes.grab().toImage() != plain
    card.show_regions.click()
    assert panes.grab().toImage() == plain


def test_two_methods_that_agree_say_so(segmented: Sitting) -> None:
    compared(segmented)
    card = segmented.window.segments.check
    assert "agree" in card.head.text() and card.show_regions.isHidden()
    segmented.window.actions_by_id["check-next"].trigger()
    assert "no place to check" in segmented.said


def test_lungs_made_anew_are_not_compared_yet(segmented: Sitting) -> None:
    compared(segmented, *PLACES)
    segmented.desk.checking.draw(True)
    segmented.key(Qt.Key.Key_F5)
    lungs_by(segmented, "lungs-classical", Fit("green"))
    assert segmented.desk.reading is not None and segmented.desk.reading.compared is None
    assert segmented.desk.checking.regions is None and not segmented.desk.checking.drawn


def test_a_comparison_that_failed_is_told_and_may_be_asked_again(segmented: Sitting) -> None:
    segmented.desk.checking.compare()
    segmented.children.fail(CompareLungs, "The network is not installed.")
    assert "not installed" in segmented.said or segmented.jobs.living
    assert not segmented.desk.checking.runs
    segmented.desk.checking.compare()
    assert segmented.desk.checking.runs


def test_a_comparison_for_a_reading_that_was_left_is_dropped(segmented: Sitting) -> None:
    segmented.desk.set_reader("Dr Ray")
    segmented.desk.checking.compare()
    request = segmented.jobs.asked(CompareLungs)
    segmented.desk.set_reader("Somebody Else")
    segmented.jobs.say(ComparedLungs(request.job, MadeBy("lungs-unet", "1.0"), (0.5, 0.5), PLACES))
    assert segmented.desk.reading is not None and segmented.desk.reading.compared is None
    assert not segmented.desk.checking.runs


def test_the_density_table_tells_each_lung_and_both(segmented: Sitting) -> None:
    panel = segmented.window.segments
    volume, mean, median, spread, p15, low, high = panel.density.cells
    assert [cell.text() for cell in volume] == ["1,900", "1,900", "3,800"]
    assert [cell.text() for cell in mean] == ["−837"] * 3
    assert [cell.text() for cell in median] == ["−940"] * 3
    assert [cell.text() for cell in spread] == ["42"] * 3
    assert [cell.text() for cell in high] == ["0.0"] * 3
    # the slices of the sample are 2 mm thick, so the figures are told with a mark
    assert [cell.text() for cell in p15] == ["−960"] * 3
    assert [cell.text() for cell in low] == ["25.0"] * 3
    assert "2 mm thick" in panel._density_note.text()


def test_lungs_without_counted_densities_have_dashes(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Qt.Key.Key_F5)
    lungs_by(sitting, "lungs-classical", Fit("green"), density=False)
    _, _, *rest = sitting.window.segments.density.cells
    assert {cell.text() for cells in rest for cell in cells} == {"–"}
    assert "Segment the lungs again" in sitting.window.segments._density_note.text()
