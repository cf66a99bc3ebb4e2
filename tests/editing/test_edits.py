"""Strokes on a mask are rows of the log: they fold, are undone, and come back from the disk."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai.errors import BadInput
from ai.scan.finding import SOLID, Measurement
from ai.scan.labelmap import SegmentFigures
from tests.reading.samples import Log, finding, lungs, proposed
from viewer.editing.difference import Difference
from viewer.reading.edits import LUNGS_MASK, changed_box, prepare
from viewer.reading.events import (
    Answer,
    Begun,
    EditGivenUp,
    FindingCounted,
    FindingEdited,
    LungsCounted,
    Restored,
    SegmentEdited,
    VerdictGiven,
    Withdrawn,
)
from viewer.reading.reading import fold
from viewer.reading.store import Store

SHAPE = (6, 8, 10)
FIGURES = Measurement(9.0, 7.0, 8.0, 120.0, -30.0, -90.0, 20.0, SOLID)


def stroke(target: str, at: tuple[int, int, int], *, code: int = 1, size: int = 2) -> SegmentEdited:
    codes = np.full((size,) * 3, code, np.uint8)
    return SegmentEdited(target, Difference.of_codes(codes, at), "brush")


def random_stroke(number: int) -> SegmentEdited:
    """The stroke of that number: always the same one."""
    dice = np.random.default_rng(number)
    target = str(dice.choice(["a", "b", LUNGS_MASK]))
    k, j, i = (int(n) for n in dice.integers(0, (5, 7, 9)))
    return stroke(target, (k, j, i), code=int(dice.integers(1, 4)) if target == LUNGS_MASK else 1)


def mask_of(log: Log, name: str = "a") -> np.ndarray:
    found = log.reading.finding(name)
    assert found is not None and found.mask is not None
    return found.mask.on(SHAPE)


def undo(log: Log) -> None:
    target = log.reading.undo_target
    assert target is not None
    log.add(Withdrawn(target.seq))


def redo(log: Log) -> None:
    target = log.reading.redo_target
    assert target is not None
    log.add(Restored(target.seq))


@pytest.fixture
def log() -> Log:
    made = Log()
    made.add(lungs())
    made.add(proposed("ab"))
    return made


def test_a_stroke_changes_the_mask_and_the_finding_is_edited(log: Log) -> None:
    before = mask_of(log)
    log.add(stroke("a", (0, 0, 0)))
    after = mask_of(log)
    assert after.sum() == before.sum() + 8 and after[1, 1, 1]
    assert log.reading.state("a") == "edited" and log.reading.state("b") == "proposed"
    assert np.array_equal(mask_of(log, "b"), before)


def test_an_added_finding_stays_added_when_it_is_edited(log: Log) -> None:
    from viewer.reading.events import FindingAdded

    log.add(FindingAdded(finding("m")))
    log.add(stroke("m", (0, 0, 0)))
    assert log.reading.state("m") == "added" and "m" in log.reading.edits


def test_undo_and_redo_go_stroke_by_stroke(log: Log) -> None:
    stages = [mask_of(log)]
    for at in ((0, 0, 0), (1, 1, 1), (2, 3, 4)):
        log.add(stroke("a", at))
        stages.append(mask_of(log))
    for expected in reversed(stages[:-1]):
        undo(log)
        assert np.array_equal(mask_of(log), expected)
    assert log.reading.state("a") == "proposed" and not log.reading.edits
    for expected in stages[1:]:
        redo(log)
        assert np.array_equal(mask_of(log), expected)
    assert log.reading.state("a") == "edited"


def test_earlier_readings_keep_the_masks_of_their_findings(log: Log) -> None:
    log.add(stroke("a", (0, 0, 0)))
    earlier, mask = log.reading, mask_of(log)
    log.add(stroke("a", (1, 1, 1)))
    found = earlier.finding("a")
    assert found is not None and found.mask is not None
    assert np.array_equal(found.mask.on(SHAPE), mask)


def test_a_mask_that_was_erased_altogether_is_empty_and_comes_back(log: Log) -> None:
    before = mask_of(log)
    log.add(SegmentEdited("a", Difference.of_codes(before.view(np.uint8)), "erase"))
    assert not mask_of(log).any()
    undo(log)
    assert np.array_equal(mask_of(log), before)


def test_accepting_an_edited_finding_keeps_it_edited_and_rejecting_rejects_it(log: Log) -> None:
    log.add(stroke("a", (0, 0, 0)))
    log.add(VerdictGiven("a", Answer.REJECT))
    assert log.reading.state("a") == "rejected"
    log.add(VerdictGiven("a", Answer.ACCEPT))
    assert log.reading.state("a") == "edited"
    assert log.reading.verdicts["a"].answer is Answer.ACCEPT
    log.add(stroke("a", (0, 0, 0)))
    undo(log)
    assert log.reading.state("a") == "edited"


def test_figures_are_stale_from_a_stroke_on_until_they_are_counted(log: Log) -> None:
    row = log.add(stroke("a", (0, 0, 0)))
    assert log.reading.edits["a"].stale
    old = log.reading.finding("a")
    assert old is not None and old.measurement == finding("a").measurement
    log.add(FindingCounted("a", row.seq, (2.0, 3.0, 4.0), 5, FIGURES))
    new = log.reading.finding("a")
    assert not log.reading.edits["a"].stale and new is not None
    assert new.measurement == FIGURES and new.slice_index == 5 and new.zone == "RUZ"


def test_figures_of_a_mask_that_has_changed_since_say_nothing(log: Log) -> None:
    row = log.add(stroke("a", (0, 0, 0)))
    log.add(stroke("a", (1, 1, 1)))
    log.add(FindingCounted("a", row.seq, (2.0, 3.0, 4.0), 5, FIGURES))
    assert log.reading.edits["a"].stale
    found = log.reading.finding("a")
    assert found is not None and found.measurement == finding("a").measurement


def test_undo_and_redo_bring_back_the_figures_that_were_counted(log: Log) -> None:
    row = log.add(stroke("a", (0, 0, 0)))
    log.add(FindingCounted("a", row.seq, (2.0, 3.0, 4.0), 5, FIGURES))
    undo(log)
    found = log.reading.finding("a")
    assert found is not None and found.measurement == finding("a").measurement
    assert log.reading.redo_target is not None, "a count ends no redo"
    redo(log)
    found = log.reading.finding("a")
    assert found is not None and found.measurement == FIGURES
    assert not log.reading.edits["a"].stale


def test_an_edit_given_up_leaves_what_was_there_before_it_and_can_be_taken_back(log: Log) -> None:
    first = log.add(stroke("a", (0, 0, 0)))
    log.add(FindingCounted("a", first.seq, (2.0, 3.0, 4.0), 5, FIGURES))
    kept = mask_of(log)
    log.add(VerdictGiven("a", Answer.UNDECIDED))
    since = log.add(stroke("a", (1, 1, 1)))
    log.add(stroke("a", (2, 2, 2)))
    whole = mask_of(log)
    log.add(EditGivenUp("a", since.seq))
    assert np.array_equal(mask_of(log), kept) and log.reading.state("a") == "undecided"
    found = log.reading.finding("a")
    assert found is not None and found.measurement == FIGURES
    undo(log)
    assert np.array_equal(mask_of(log), whole) and log.reading.state("a") == "edited"
    redo(log)
    log.add(EditGivenUp("a", first.seq))
    assert log.reading.finding("a") is not None and "a" not in log.reading.edits
    assert np.array_equal(mask_of(log), mask_of(log, "b"))


def test_strokes_on_the_lungs_change_their_labels_and_name_the_side(log: Log) -> None:
    base = log.reading.lungs
    assert base is not None
    before = base.labels.copy()
    event = stroke(LUNGS_MASK, (1, 2, 4), code=2)
    log.add(SegmentEdited(LUNGS_MASK, event.difference, "brush", (2,)))
    now = log.reading.lungs
    assert now is not None and now is not base
    assert (now.labels[1:3, 2:4, 4:6] == 2).all() and now.segments == base.segments
    assert np.array_equal(base.labels, before), "the lungs of the model stay as they were"
    assert not now.labels.flags.writeable
    assert log.reading.edits[LUNGS_MASK].segments == {2}
    log.add(VerdictGiven("a", Answer.ACCEPT))
    assert log.reading.lungs is now, "a verdict changes no lung"
    undo(log)
    assert log.reading.lungs is now
    undo(log)
    assert log.reading.lungs is base


def test_lung_figures_are_counted_anew_and_undone(log: Log) -> None:
    figures = log.reading.lung_figures
    row = log.add(stroke(LUNGS_MASK, (1, 2, 4), code=1))
    assert log.reading.edits[LUNGS_MASK].stale and log.reading.lung_figures == figures
    new = (SegmentFigures(1, 0.09, -790.0), figures[1])
    log.add(LungsCounted(row.seq, new))
    assert log.reading.lung_figures == new
    undo(log)
    assert log.reading.lung_figures == figures
    redo(log)
    assert log.reading.lung_figures == new
    log.add(EditGivenUp(LUNGS_MASK, row.seq))
    assert log.reading.lung_figures == figures and not log.reading.edits


def test_new_lungs_take_the_edits_of_the_old_ones_with_them(log: Log) -> None:
    log.add(stroke(LUNGS_MASK, (1, 2, 4)))
    fresh = lungs()
    log.add(fresh)
    assert log.reading.lungs is fresh.label_map and not log.reading.edits
    undo(log)
    assert log.reading.lungs is not fresh.label_map and log.reading.edits[LUNGS_MASK].strokes


def test_a_finding_made_anew_has_no_strokes(log: Log) -> None:
    log.add(stroke("a", (0, 0, 0)))
    log.add(FindingEdited(finding("a", diameter_mm=9.0)))
    assert "a" not in log.reading.edits
    assert np.array_equal(mask_of(log), mask_of(log, "b"))


def test_strokes_on_what_is_not_there_change_nothing(log: Log) -> None:
    log.add(stroke("gone", (0, 0, 0)))
    log.add(EditGivenUp("a", 1))
    log.add(FindingCounted("gone", 4, (0.0, 0.0, 0.0), 1, FIGURES))
    assert not log.reading.edits and log.reading.state("a") == "proposed"


def test_where_two_states_of_the_lungs_differ(log: Log) -> None:
    base = log.reading.lungs
    assert base is not None
    prepare(base)
    log.add(stroke(LUNGS_MASK, (1, 2, 4)))
    one = log.reading.lungs
    box = changed_box(base, one)
    assert box == (slice(1, 3), slice(2, 4), slice(4, 6))
    log.add(stroke(LUNGS_MASK, (0, 5, 0)))
    assert changed_box(base, log.reading.lungs) == (slice(0, 3), slice(2, 7), slice(0, 6))
    assert changed_box(log.reading.lungs, one) == (slice(0, 2), slice(5, 7), slice(0, 2))
    assert changed_box(one, one) == (slice(0, 0), slice(0, 0), slice(0, 0))
    assert changed_box(lungs().label_map, one) is None and changed_box(None, one) is None


_places = st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 8))
_steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["a", "b", LUNGS_MASK]), _places, st.integers(1, 3)),
        st.sampled_from(["undo", "redo", "count", "give up", "accept"]),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(_steps)
def test_a_reading_folded_from_its_rows_has_the_masks_that_were_left(steps: list) -> None:  # type: ignore[type-arg]
    log = Log()
    log.add(lungs())
    log.add(proposed("ab"))
    for step in steps:
        reading = log.reading
        edits = reading.edits.get("a")
        if step == "undo" and reading.undo_target and reading.undo_target.seq > 3:
            undo(log)
        elif step == "redo" and reading.redo_target:
            redo(log)
        elif step == "count" and edits is not None:
            log.add(FindingCounted("a", edits.strokes[-1].seq, (0.0, 0.0, 0.0), 1, FIGURES))
        elif step == "give up" and edits is not None:
            log.add(EditGivenUp("a", edits.strokes[len(edits.strokes) // 2].seq))
        elif step == "accept":
            log.add(VerdictGiven("a", Answer.ACCEPT))
        elif isinstance(step, tuple):
            target, at, code = step
            log.add(stroke(target, at, code=code if target == LUNGS_MASK else 1))
    left = log.reading
    assert left.lungs is not None
    labels = left.lungs.labels.copy()
    again = fold("r", left.history)
    assert again.lungs is not None and np.array_equal(again.lungs.labels, labels)
    assert dict(again.states) == dict(left.states) and again.redoable == left.redoable
    assert set(again.edits) == set(left.edits)
    for one, other in zip(again.findings, left.findings, strict=True):
        assert one.mask is not None and other.mask is not None
        assert np.array_equal(one.mask.on(SHAPE), other.mask.on(SHAPE))
        assert one.measurement == other.measurement
    while log.reading.undo_target and log.reading.undo_target.seq > 3:
        undo(log)
    assert log.reading.lungs is not None
    event = log.reading.history[1].event
    assert log.reading.lungs is event.label_map  # type: ignore[union-attr]
    assert np.array_equal(mask_of(log), finding("a").mask.on(SHAPE))  # type: ignore[union-attr]


def test_strokes_come_back_from_the_disk_voxel_for_voxel(hilum_home: Path) -> None:
    from viewer.home import home

    store = Store(home() / "readings.sqlite")
    log = Log()
    events = [
        lungs(),
        proposed("ab"),
        stroke("a", (0, 0, 0)),
        stroke(LUNGS_MASK, (1, 2, 4), code=3),
    ]
    store.append("r", Begun("study", "series", "reader"))
    for event in events:
        store.append("r", event)
        log.add(event)
    for count in (
        FindingCounted("a", 4, (1.5, -2.0, 3.25), 7, FIGURES),
        LungsCounted(5, (SegmentFigures(1, 0.5, -800.0),)),
        EditGivenUp("b", 99),
    ):
        store.append("r", count)
        log.add(count)
    back = store.reading("r")
    assert back.lungs is not None and log.reading.lungs is not None
    assert np.array_equal(back.lungs.labels, log.reading.lungs.labels)
    found = back.finding("a")
    assert found is not None and found.mask is not None
    assert np.array_equal(found.mask.on(SHAPE), mask_of(log))
    assert found.measurement == FIGURES and found.centre_lps == (1.5, -2.0, 3.25)
    assert back.lung_figures == (SegmentFigures(1, 0.5, -800.0),)
    listed = store.reading("r", voxels=False)
    assert listed.state("a") == "edited" and listed.lungs is None and LUNGS_MASK in listed.edits
    assert store.broken_at() is None
    store.close()


def test_a_stroke_that_does_not_fit_its_mask_is_told_of_in_a_sentence(log: Log) -> None:
    with pytest.raises(BadInput, match="does not fit"):
        log.add(stroke(LUNGS_MASK, (5, 7, 9), size=3))


def test_undo_of_one_stroke_among_two_thousand_is_quick(log: Log) -> None:
    rng = np.random.default_rng(1)
    for at in rng.integers(0, (5, 7, 9), (2000, 3)):
        target = "a" if at[0] % 2 else LUNGS_MASK
        log.add(stroke(target, (int(at[0]), int(at[1]), int(at[2]))))
    started = time.perf_counter()
    undo(log)
    assert time.perf_counter() - started < 2.0, "a bound for a slow machine; 0.05 s on a quiet one"
