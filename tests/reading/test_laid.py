"""What was laid on in one go is known again from the log alone."""

from __future__ import annotations

from dataclasses import replace

from ai.scan.finding import Origin
from ai.scan.labelmap import MadeBy
from tests.reading.samples import Log, finding, lungs, proposed
from viewer.dicom.masks.drawn_by import CONTOURS
from viewer.reading.events import Answer, FindingAdded, LabelGiven, SegmentsAdded, VerdictGiven
from viewer.reading.laid import laid_together

PLAN = MadeBy(f"{CONTOURS}, Plan 1", "")


def lungs_of(made_by: MadeBy) -> SegmentsAdded:
    event = lungs()
    assert event.label_map is not None
    return replace(event, label_map=replace(event.label_map, made_by=made_by))


def added(name: str, made_by: MadeBy = PLAN) -> FindingAdded:
    return FindingAdded(replace(finding(name), made_by=made_by))


def rows_of(*events: object) -> tuple[Log, list[int]]:
    log = Log()
    return log, [log.add(event).seq for event in events]  # type: ignore[arg-type]


def test_lungs_and_findings_of_one_structure_set_are_one_step() -> None:
    log, rows = rows_of(lungs(), proposed("ab"), lungs_of(PLAN), added("x"), added("y"))
    for row in rows[2:]:
        assert laid_together(log.reading.history, row) == tuple(rows[2:])


def test_another_structure_set_or_the_same_one_laid_on_again_is_another_step() -> None:
    other = MadeBy(f"{CONTOURS}, Plan 2", "")
    log, rows = rows_of(lungs_of(PLAN), added("x"), added("y", other), lungs_of(other))
    assert laid_together(log.reading.history, rows[0]) == (rows[0], rows[1])
    assert laid_together(log.reading.history, rows[2]) == (rows[2],)
    assert laid_together(log.reading.history, rows[3]) == (rows[3],)


def test_what_a_reader_did_in_between_parts_it() -> None:
    given = VerdictGiven("a", Answer.ACCEPT)
    log, rows = rows_of(proposed("a"), added("x"), given, added("y"))
    assert laid_together(log.reading.history, rows[1]) == (rows[1],)
    assert laid_together(log.reading.history, rows[3]) == (rows[3],)


def test_whatever_else_a_row_is_it_stands_alone() -> None:
    log, rows = rows_of(lungs(), added("x", MadeBy("growing", "1")), proposed("a"))
    for row in (*rows, 99):
        assert laid_together(log.reading.history, row) == (row,)


def test_a_mark_out_of_a_file_and_what_it_is_called_there_are_one_step() -> None:
    found = replace(finding("x"), origin=Origin("SEG", "MANUAL", "Finding 1: node 4R", "2.25.1"))
    log, rows = rows_of(FindingAdded(found), LabelGiven("x", "other", "key"), added("y"))
    for row in rows[:2]:
        assert laid_together(log.reading.history, row) == tuple(rows[:2])
    own = FindingAdded(finding("z"))
    log, rows = rows_of(own, LabelGiven("z", "other", "key"))
    assert laid_together(log.reading.history, rows[1]) == (rows[1],), "a reader's own label"
