"""Editing at the desk: E, strokes into the log, figures that wait, Enter and Esc."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ai.lungs.quantify import quantify
from ai.worker.messages import Failed
from ai.worker.shared import Block
from tests.editing.conftest import Bench
from viewer.dicom.io_messages import Export
from viewer.editing.brush import slab_through
from viewer.editing.field import Target
from viewer.editing.hold import ERASE, FILL, INSIDE, OUTSIDE, THRESHOLD, Hold
from viewer.editing.messages import ChangeMask, CountMask, MaskChanged
from viewer.reading.edits import LUNGS_MASK
from viewer.reading.events import (
    Answer,
    FindingCounted,
    LungsCounted,
    Reason,
    SegmentEdited,
)
from viewer.reading.library import Library
from viewer.reading.store import Store, StoreError

AT = (20, 20, 20)
"""Where finding a lies: a cube of 3 voxels of 2 mm."""


def current_strokes(bench: Bench, target: str = "a") -> int:
    edits = bench.reading.edits.get(target)
    return len(edits.strokes) if edits is not None else 0


def begin(bench: Bench, finding: str = "a") -> None:
    bench.desk.select(finding)
    assert bench.desk.editing.edit_finding()


def test_a_stroke_is_in_the_log_when_the_hand_is_up(bench: Bench) -> None:
    before = bench.mask()
    begin(bench)
    bench.paint((20, 20, 24), (20, 20, 28))
    after = bench.mask()
    assert after[20, 20, 26] and after.sum() > before.sum()
    assert bench.reading.state("a") == "edited"
    other = Store(bench_path())
    kept = other.reading(bench.reading.id).finding("a")
    other.close()
    assert kept is not None and kept.mask is not None
    assert np.array_equal(kept.mask.on(after.shape), after)


def bench_path() -> Path:
    from viewer.home import home

    return home() / "readings.sqlite"


def test_ctrl_erases_with_the_brush_and_paints_with_the_eraser(bench: Bench) -> None:
    begin(bench)
    editing = bench.desk.editing
    bench.paint(AT, turned=True)
    assert not bench.mask()[20, 20, 20]
    editing.choose(ERASE)
    bench.paint(AT, turned=True)
    assert bench.mask()[20, 20, 20]
    bench.paint(AT)
    assert not bench.mask()[20, 20, 20]


def test_what_the_field_shows_is_what_the_reading_holds_after_undo_and_redo(bench: Bench) -> None:
    begin(bench)
    field = bench.desk.editing.field
    assert field is not None
    stages = [bench.mask()]
    for n in range(3):
        bench.paint((20, 20, 24 + 4 * n))
        stages.append(bench.mask())
    for stage in stages[-2::-1]:
        bench.desk.undo()
        assert np.array_equal(bench.mask(), stage)
        assert np.array_equal(field.voxels > 0, stage)
    for stage in stages[1:]:
        bench.desk.redo()
        assert np.array_equal(field.voxels > 0, stage) and np.array_equal(bench.mask(), stage)
    assert bench.desk.current == "a" and bench.desk.editing.target == Target("a")


def test_enter_ends_the_edit_and_the_strokes_stay(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 26))
    mask = bench.mask()
    assert bench.desk.editing.finish() and bench.desk.editing.field is None
    assert np.array_equal(bench.mask(), mask) and "LMZ 1 edited" in bench.said
    assert not bench.desk.editing.finish(), "Enter has something else to do then"
    said = bench.reading.verdicts["a"]
    assert said.answer is Answer.ACCEPT and bench.reading.state("a") == "edited"
    assert "accepted" in bench.said


def test_undo_after_enter_takes_the_last_stroke_with_the_acceptance_and_redo_brings_both(
    bench: Bench,
) -> None:
    before = bench.mask()
    begin(bench)
    bench.paint((20, 20, 26))
    first = bench.mask()
    bench.paint((20, 26, 20))
    mask = bench.mask()
    bench.desk.editing.finish()
    bench.desk.undo()
    assert "a" not in bench.reading.verdicts and np.array_equal(bench.mask(), first)
    assert "LMZ 1" in bench.said and "stroke" in bench.said
    bench.desk.undo()
    assert np.array_equal(bench.mask(), before) and bench.reading.state("a") == "proposed"
    bench.desk.redo()
    bench.desk.redo()
    assert np.array_equal(bench.mask(), mask) and bench.desk.current == "a"
    assert bench.reading.verdicts["a"].answer is Answer.ACCEPT


def test_a_rejected_mark_that_is_edited_stays_rejected_and_says_what_accepts_it(
    bench: Bench,
) -> None:
    before = bench.mask()
    bench.desk.select("a")
    bench.desk.answer(Answer.REJECT)
    bench.desk.own.reason(Reason.VESSEL)
    begin(bench)
    bench.paint((20, 20, 26))
    mask = bench.mask()
    assert bench.reading.state("a") == "rejected", "nor while the hand is at it"
    bench.desk.editing.finish()
    assert bench.reading.state("a") == "rejected" and bench.reading.reasons["a"] == "vessel"
    assert bench.reading.verdicts["a"].answer is Answer.REJECT
    assert "still rejected" in bench.said and "A accepts" in bench.notices[-1].remedy
    bench.desk.undo()
    assert np.array_equal(bench.mask(), before) and "a stroke" in bench.said
    bench.desk.redo()
    assert np.array_equal(bench.mask(), mask) and bench.desk.current == "a"
    bench.desk.answer(Answer.ACCEPT)
    assert bench.reading.state("a") == "edited"


def test_done_on_a_lung_or_on_the_readers_own_mark_is_no_verdict(bench: Bench) -> None:
    bench.desk.editing.edit_lung(1)
    bench.paint((20, 30, 30))
    bench.desk.editing.finish()
    bench.desk.add_at(bench.lps(20, 31, 31))
    own = bench.reading.findings[-1].id
    bench.desk.select(own)
    assert bench.desk.editing.edit_finding()
    bench.paint((20, 31, 40))
    bench.desk.editing.finish()
    assert bench.reading.state(own) == "added" and not bench.reading.verdicts


def test_esc_leaves_the_mask_as_it_was_and_one_undo_brings_the_edit_back(bench: Bench) -> None:
    before = bench.mask()
    begin(bench)
    bench.paint((20, 20, 26))
    bench.paint((20, 26, 20))
    mask = bench.mask()
    assert bench.desk.editing.cancel()
    assert np.array_equal(bench.mask(), before) and bench.reading.state("a") == "proposed"
    assert "as it was" in bench.said
    bench.desk.undo()
    assert np.array_equal(bench.mask(), mask) and bench.reading.state("a") == "edited"
    assert not bench.desk.editing.cancel()


def test_esc_in_the_middle_of_a_stroke_gives_up_that_stroke_alone(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 26))
    mask, editing = bench.mask(), bench.desk.editing
    stroke = editing.begin_stroke(turned=False)
    assert stroke is not None and editing.field is not None
    from viewer.editing.brush import swept

    dab = swept(editing.field.geometry, bench.lps(20, 30, 30), bench.lps(20, 30, 30), 5)
    assert dab is not None
    editing.painted(stroke.add(dab))
    assert editing.cancel() and editing.field is not None
    assert np.array_equal(editing.field.voxels > 0, mask)
    editing.end_stroke()
    assert current_strokes(bench) == 1


def test_an_edit_without_a_stroke_changes_nothing(bench: Bench) -> None:
    rows = bench.store.last_seq()
    begin(bench)
    bench.paint((5, 5, 5), turned=True)
    bench.desk.editing.finish()
    begin(bench)
    bench.desk.editing.cancel()
    assert bench.store.last_seq() == rows and bench.reading.state("a") == "proposed"


def test_another_current_finding_ends_the_edit(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 26))
    bench.desk.step(1)
    assert bench.desk.editing.field is None and bench.reading.state("a") == "edited"


def test_an_accepted_edit_stays_edited_and_the_agent_learns_that_it_was_accepted(
    bench: Bench,
) -> None:
    begin(bench)
    bench.paint((20, 20, 26))
    bench.desk.answer(Answer.ACCEPT)
    assert bench.reading.state("a") == "edited"
    assert bench.reading.verdicts["a"].answer is Answer.ACCEPT


def test_e_without_a_current_finding_says_so(bench: Bench) -> None:
    bench.desk.make_current(None)
    assert not bench.desk.editing.edit_finding()
    assert "No finding is current" in bench.said
    bench.desk.editing.choose(ERASE)
    assert "E edits" in bench.said


def test_an_empty_mask_cannot_be_finished(bench: Bench) -> None:
    begin(bench)
    bench.desk.editing.set_hold(replace(bench.desk.editing.hold, diameter_mm=40.0))
    bench.paint(AT, turned=True)
    assert not bench.mask().any()
    assert bench.desk.editing.finish() and bench.desk.editing.field is not None
    assert "empty" in bench.said
    bench.desk.undo()
    assert bench.desk.editing.finish() and bench.desk.editing.field is None


def test_figures_are_counted_a_moment_after_the_last_stroke(bench: Bench) -> None:
    begin(bench)
    old = bench.reading.finding("a")
    bench.paint((20, 20, 26))
    bench.paint((20, 20, 30))
    assert bench.reading.edits["a"].stale
    bench.until_asked(CountMask, 1)
    assert len(bench.fresh_asked(CountMask)) == 1, "once for both strokes"
    bench.answer_count()
    new = bench.reading.finding("a")
    assert new is not None and old is not None and not bench.reading.edits["a"].stale
    volume_mm3 = bench.mask().sum() * 8.0
    assert new.measurement.volume_mm3 == pytest.approx(volume_mm3)
    assert isinstance(bench.reading.history[-1].event, FindingCounted)
    base = bench.reading.edits["a"].base
    assert base is not None and base is old, "the agent's figures are still known"


def test_figures_of_a_mask_painted_on_meanwhile_are_not_taken(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 26))
    bench.until_asked(CountMask, 1)
    request = bench.jobs.asked(CountMask)
    bench.paint((20, 20, 30))
    from viewer.editing.lane import count

    bench.jobs.say(count(request, None))  # type: ignore[arg-type]
    assert bench.reading.edits["a"].stale
    bench.until_asked(CountMask, 2)
    bench.answer_count()
    assert not bench.reading.edits["a"].stale


def test_export_waits_for_the_figures_and_says_so(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 26))
    bench.desk.export()
    assert bench.said == "Figures are being counted again; export waits."
    assert not bench.fresh_asked(Export)
    bench.answer_count()
    bench.until_asked(Export, 1)
    request = bench.jobs.asked(Export).request
    finding, state = request.findings[0]
    assert state == "edited" and finding.measurement.volume_mm3 == pytest.approx(
        bench.mask().sum() * 8.0
    )


def test_figures_that_cannot_be_counted_hold_the_export_up_with_a_sentence(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 26))
    bench.desk.export()
    bench.children.fail(CountMask, "The process that reads files ended.")
    assert "could not be counted" in bench.said and "Nothing was exported" in bench.said
    assert not bench.fresh_asked(Export) and bench.reading.edits["a"].stale
    bench.desk.export()
    bench.answer_count()
    bench.until_asked(Export, 1)


def test_a_signature_waits_too(bench: Bench) -> None:
    for finding in list(bench.desk.order):
        bench.desk.select(finding)
        bench.desk.answer(Answer.REJECT)
    begin(bench)
    bench.paint((20, 20, 26))
    bench.desk.sign()
    assert not bench.reading.signed
    bench.answer_count()
    from PySide6.QtTest import QTest

    QTest.qWait(20)
    assert bench.reading.signed


def test_lungs_are_edited_and_counted_at_once(bench: Bench) -> None:
    editing, desk = bench.desk.editing, bench.desk
    assert desk.scan is not None
    figures = bench.reading.lung_figures
    assert editing.edit_lung(2) and editing.name == "Left lung"
    bench.paint((20, 30, 30), (20, 30, 34))
    lungs = bench.reading.lungs
    assert lungs is not None and lungs.labels[20, 30, 32] == 2
    assert bench.reading.edits[LUNGS_MASK].segments == {2}
    desk.export()
    assert isinstance(bench.reading.history[-1].event, LungsCounted)
    volume = desk.scan.volume
    grown = {f.number: f for f in bench.reading.lung_figures}
    before = {f.number: f for f in figures}
    whole = {f.number: f for f in quantify(volume, lungs)}
    added = np.count_nonzero(lungs.labels == 2) - 30 * 40 * 20
    assert added > 0
    assert grown[1] == before[1]
    assert grown[2].volume_ml - before[2].volume_ml == pytest.approx(added * 8 / 1000, abs=0.01)
    assert whole[2].volume_ml == pytest.approx(30 * 40 * 20 * 8 / 1000 + added * 8 / 1000)


def test_lungs_edited_by_hand_leave_as_such_and_the_other_side_as_the_models(bench: Bench) -> None:
    assert bench.desk.editing.edit_lung(1)
    bench.paint((20, 30, 30))
    bench.desk.export()
    bench.until_asked(Export, 1)
    request = bench.jobs.asked(Export).request
    assert request.lungs_edited == {1}


def test_without_lungs_there_is_no_lung_to_edit(bench: Bench) -> None:
    while bench.reading.lungs is not None:
        bench.desk.undo()
    assert not bench.desk.editing.edit_lung(1)
    assert "F5" in bench.said


def test_new_lungs_end_the_edit_of_the_old_ones(bench: Bench) -> None:
    assert bench.desk.editing.edit_lung(1)
    bench.paint((20, 30, 30))
    bench.desk.segment_lungs()
    bench.children.lungs()
    assert bench.desk.editing.field is None and LUNGS_MASK not in bench.reading.edits


def test_threshold_painting_takes_the_densities_of_its_range_alone(bench: Bench) -> None:
    begin(bench)
    editing = bench.desk.editing
    editing.choose(THRESHOLD)
    assert editing.hold.low_hu == -430, "half contrast of the fake finding's mean of -1 HU"
    editing.set_hold(replace(editing.hold, diameter_mm=24.0))
    bench.paint((20, 30, 27))
    volume = bench.desk.scan.volume  # type: ignore[union-attr]
    painted = bench.mask()
    painted[19:22, 19:22, 19:22] = False
    assert painted.any() and (volume.hu[painted] == 40).all()


def test_smoothing_goes_to_the_process_beside_and_comes_back_as_one_stroke(bench: Bench) -> None:
    begin(bench)
    for place in ((20, 20, 26), (20, 26, 20), (26, 22, 22)):
        bench.desk.editing.set_hold(Hold(diameter_mm=16.0))
        bench.paint(place)
    before = bench.mask()
    bench.desk.editing.choose("smooth")
    assert bench.desk.editing.begin_stroke(turned=False) is None and "still runs" in bench.said
    bench.answer_change()
    assert current_strokes(bench) == 4
    assert bench.mask().sum() == before.sum() and not np.array_equal(bench.mask(), before)
    bench.desk.undo()
    assert np.array_equal(bench.mask(), before) and bench.said == "Undone: the smoothing"
    bench.desk.redo()
    bench.desk.editing.finish()
    bench.desk.undo()
    assert bench.said == "Undone: LMZ 1: the smoothing, and its acceptance"


def test_smoothing_one_lung_takes_nothing_from_the_other(bench: Bench) -> None:
    assert bench.desk.editing.edit_lung(1)
    bench.paint((20, 30, 26), (20, 30, 37))
    lungs = bench.reading.lungs
    assert lungs is not None and lungs.labels[20, 30, 38] == 1, "the hand took it"
    bench.desk.undo()
    bench.paint((20, 30, 26), (20, 30, 32))
    before = lungs.labels == 2
    bench.desk.editing.choose("smooth")
    request = bench.jobs.asked(ChangeMask)
    with Block.attach(request.block, writable=True) as block:
        block.array[...] = 1  # whatever came out of it
    bench.jobs.say(MaskChanged(request.job, (0, 0, 0), request.block.shape))
    lungs = bench.reading.lungs
    assert lungs is not None and np.array_equal(lungs.labels == 2, before)
    assert lungs.labels[20, 30, 37] == 0, "all else was turned"


def test_esc_stops_an_operation_and_its_answer_is_dropped(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 26))
    mask = bench.mask()
    bench.desk.editing.choose("smooth")
    request = bench.jobs.asked(ChangeMask)
    assert bench.desk.editing.cancel() and bench.desk.editing.field is not None
    assert request.job in bench.jobs.io.cancelled
    bench.jobs.say(Failed(request.job, "", "", True))
    assert np.array_equal(bench.mask(), mask)
    bench.paint((20, 20, 30))
    assert current_strokes(bench) == 2


def test_an_operation_that_fails_says_so_and_changes_nothing(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 26))
    mask = bench.mask()
    bench.desk.editing.jobs.keep_largest()
    bench.children.fail(ChangeMask, "The process that reads files ended.")
    assert bench.said == "The process that reads files ended."
    assert np.array_equal(bench.mask(), mask) and not bench.desk.editing.jobs.busy


def test_split_makes_a_finding_of_each_further_island(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 32))
    count = len(bench.reading.findings)
    bench.desk.editing.jobs.split()
    bench.answer_change()
    assert len(bench.reading.findings) == count + 1
    part = bench.reading.findings[-1]
    assert bench.reading.state(part.id) == "added" and part.mask is not None
    one, other = bench.mask(), part.mask.on(bench.mask().shape)
    assert one.any() and other.any() and not np.any(one & other)
    assert part.measurement.volume_mm3 == pytest.approx(other.sum() * 8.0)


def test_the_island_under_the_hand_goes_or_stays_alone(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 32))
    bench.desk.editing.jobs.island_at((20, 20, 32), keep=False)
    bench.answer_change()
    assert not bench.mask()[20, 20, 32] and bench.mask()[20, 20, 20]
    bench.desk.editing.jobs.island_at((5, 5, 5), keep=True)
    assert "no part" in bench.said


def test_slices_left_out_are_filled_along_the_pane_that_keys_mean(bench: Bench) -> None:
    begin(bench)
    bench.paint((28, 20, 20))
    bench.desk.editing.choose("between")
    assert bench.jobs.asked(ChangeMask).operation.axis == 0
    bench.answer_change()
    assert bench.mask()[19:29, 20, 20].all()
    bench.desk.editing.choose("between")
    bench.answer_change()
    assert "No slice is left out" in bench.said


@pytest.mark.parametrize("tool", ["between", "smooth"])
def test_an_operation_on_an_empty_mask_says_that_there_is_nothing(bench: Bench, tool: str) -> None:
    begin(bench)
    bench.desk.editing.set_hold(replace(bench.desk.editing.hold, tool="erase", diameter_mm=60.0))
    bench.paint((20, 20, 20))
    assert not bench.mask().any()
    asked = len(bench.jobs.io.asked)
    bench.desk.editing.choose(tool)
    assert len(bench.jobs.io.asked) == asked
    assert bench.said == "The mask is empty: there is nothing to change."
    bench.desk.editing.jobs.keep_largest()
    assert len(bench.jobs.io.asked) == asked and "one island" not in bench.said


def test_regrow_takes_the_growing_of_the_spine(bench: Bench) -> None:
    begin(bench)
    bench.desk.editing.choose("regrow")
    bench.desk.editing.regrow(bench.lps(20, 31, 31))
    mask = bench.mask()
    assert not mask[20, 20, 20] and mask[20, 31, 31]
    bench.desk.undo()
    assert bench.mask()[20, 20, 20]


def test_regrow_is_not_for_lungs(bench: Bench) -> None:
    assert bench.desk.editing.edit_lung(1)
    bench.desk.editing.choose("regrow")
    assert "findings" in bench.said and bench.desk.editing.hold.tool == "brush"


@pytest.mark.parametrize(
    ("cut", "inside", "outside"), [("inside", False, True), ("outside", True, False)]
)
def test_scissors_erase_inside_or_outside_of_the_line(
    bench: Bench, cut: str, inside: bool, outside: bool
) -> None:
    begin(bench)
    bench.paint((20, 20, 20), (20, 20, 30))
    editing = bench.desk.editing
    editing.set_hold(replace(editing.hold, tool="scissors", cut=cut))
    corners = [bench.lps(20, r, c) for r, c in ((10, 24), (10, 40), (30, 40), (30, 24))]
    geometry = bench.desk.scan.volume.geometry  # type: ignore[union-attr]
    slab = slab_through(geometry, corners[0], (0.0, 0.0, -1.0))
    editing.cut(np.array(corners), (0.0, 0.0, -1.0), slab)
    assert bool(bench.mask()[20, 20, 28]) is inside
    assert bool(bench.mask()[20, 20, 20]) is outside


def test_scissors_on_one_slice_leave_the_others_and_fill_where_nothing_was(bench: Bench) -> None:
    begin(bench)
    editing = bench.desk.editing
    editing.set_hold(replace(editing.hold, tool="scissors", cut=FILL, through=False))
    corners = [bench.lps(12, r, c) for r, c in ((10, 24), (10, 40), (30, 40), (30, 24))]
    geometry = bench.desk.scan.volume.geometry  # type: ignore[union-attr]
    slab = slab_through(geometry, corners[0], (0.0, 0.0, -1.0))
    before = bench.mask()
    editing.cut(np.array(corners), (0.0, 0.0, -1.0), slab)
    painted = bench.mask() & ~before
    assert np.flatnonzero(painted.any(axis=(1, 2))).tolist() == [12]
    editing.set_hold(replace(editing.hold, cut=OUTSIDE))
    editing.cut(np.array(corners), (0.0, 0.0, -1.0), slab)
    assert np.array_equal(bench.mask(), before | painted), "outside of it this slice holds nothing"
    assert "outside that line" in bench.said
    for cut, words in ((FILL, "filled already"), (INSIDE, "inside that line")):
        editing.set_hold(replace(editing.hold, cut=cut))
        empty = [bench.lps(12, r, c) for r, c in ((2, 2), (2, 5), (5, 2))]
        place = corners if cut == FILL else empty
        rows = len(bench.reading.history)
        editing.cut(np.array(place), (0.0, 0.0, -1.0), slab)
        assert words in bench.said and len(bench.reading.history) == rows


def test_the_brush_grows_and_shrinks_by_steps_and_stops_at_the_ends() -> None:
    hold = Hold()
    assert hold.resized(1).diameter_mm == 7.0 and hold.resized(-1).diameter_mm == 5.0
    assert hold.resized(99).diameter_mm == 100.0 and hold.resized(-99).diameter_mm == 0.5
    assert replace(hold, diameter_mm=6.3).resized(-1).diameter_mm == 6.0
    assert hold.between(200, -5000) == replace(hold, low_hu=-1024, high_hu=200)


def test_a_full_disk_takes_the_stroke_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(bench)
    before, field = bench.mask(), bench.desk.editing.field
    assert field is not None

    def refuse(*_: object, **__: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(bench.store, "append", refuse)
    bench.paint((20, 20, 26))
    assert bench.said == "The disk is full."
    assert np.array_equal(bench.mask(), before) and np.array_equal(field.voxels > 0, before)


def test_the_edit_goes_on_after_the_window_was_killed(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 26))
    mask = bench.mask()
    store = Store(bench_path())  # the window before never said goodbye
    again = store.reading(bench.reading.id)
    found = again.finding("a")
    assert found is not None and found.mask is not None
    assert np.array_equal(found.mask.on(mask.shape), mask)
    assert again.edits["a"].stale and again.state("a") == "edited"
    assert isinstance(again.history[-1].event, SegmentEdited)
    store.close()


def test_figures_left_stale_are_counted_when_the_study_is_opened_again(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 26))
    assert isinstance(bench.desk.library, Library)
    asked = len(bench.fresh_asked(CountMask))
    bench.desk.open(Path("study"))
    bench.children.find()
    bench.children.load()
    assert bench.reading.edits["a"].stale
    bench.until_asked(CountMask, asked + 1)
    bench.desk.export()
    assert "export waits" in bench.said
    bench.answer_count()
    assert not bench.reading.edits["a"].stale
    bench.until_asked(Export, 1)
