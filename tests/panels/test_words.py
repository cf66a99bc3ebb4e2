"""What panels say: figures, reasons, steps, banners, time left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ai.agent.policy import Reason
from ai.nodules.added import GROWING
from ai.scan.finding import Measurement
from tests.fakes import candidate
from viewer.notices import Notice
from viewer.panels import figures
from viewer.panels.banner import parted
from viewer.panels.jobs import job_name, time_left
from viewer.panels.marks import marks_of
from viewer.panels.steps import EXPORT, JUDGE, LUNGS, NODULES, OPEN, is_exported, steps_of
from viewer.panels.whys import SHOWN_FOR, why_line
from viewer.reading.events import (
    Answer,
    Exported,
    FindingAdded,
    FindingsProposed,
    Proposal,
    Restored,
    SegmentsAdded,
    VerdictGiven,
    Withdrawn,
)
from viewer.reading.reader_events import Amended, ReaderNamed, Reopened, ReportWritten, Signed
from viewer.reading.reading import Reading, Row, fold

FIGURES = Measurement(30.4, 26.1, 28.25, 5700.0, -1.2, -80.0, 60.0, "solid")


def proposal(finding: str, rank: int, *, shown: bool = True, reason: str = "") -> Proposal:
    return Proposal(finding, shown, rank, 1.0, "v1", 1, reason=reason)


def reading(*events: object) -> Reading:
    rows = [Row(n, "2026-01-01T10:00:00+00:00", event) for n, event in enumerate(events, 1)]  # type: ignore[arg-type]
    return fold("r", rows)


FOUND = (candidate("a", (20, 20, 20)).finding, candidate("b", (22, 30, 20)).finding)
SEARCH = FindingsProposed(FOUND, (proposal("a", 0), proposal("b", 1, shown=False)))
LUNGS_THERE = SegmentsAdded(None, ())


def test_figures_carry_a_unit_and_a_true_minus() -> None:
    assert figures.long_size(FIGURES) == "30.4 \u00d7 26.1 mm \u00b7 solid"
    assert figures.short_size(FIGURES) == "Ø 28.2 mm \u00b7 solid"
    finding = replace(FOUND[0], measurement=FIGURES)
    assert figures.details(finding, 44) == "5.7 ml \u00b7 mean \u22121 HU \u00b7 im 44"


@pytest.mark.parametrize(
    ("mm3", "text"), [(0.0, "0 mm\u00b3"), (999.0, "999 mm\u00b3"), (1000.0, "1.0 ml"),
                      (5740.0, "5.7 ml")]
)  # fmt: skip
def test_volumes_are_told_in_millilitres_from_one_on(mm3: float, text: str) -> None:
    assert figures.volume(mm3) == text


@pytest.mark.parametrize(
    ("chance", "level"), [(0.0, 0), (0.19, 0), (0.2, 1), (0.59, 1), (0.6, 2), (1.0, 2)]
)
def test_a_chance_is_low_medium_or_high(chance: float, level: int) -> None:
    assert figures.chance_level(chance, (0.2, 0.6)) == level


def test_why_says_first_what_is_seen_and_then_what_the_reader_did_before() -> None:
    reasons = (Reason("Detector score", 1.9), Reason("Close to the pleura", -0.3),
               Reason("Your latest answers", -0.4))  # fmt: skip
    line = why_line(proposal("a", 0, reason="safety set: size"), reasons)
    assert line == (
        "Always shown at this size. Speaks for it: detector score."
        " Against it: close to the pleura. Less likely by your answers."
    )
    assert "%" not in line
    up = why_line(proposal("a", 0), (Reason("Your latest answers", 0.4),))
    assert up == "Likelier by your answers."


def test_why_is_silent_where_no_agent_proposed() -> None:
    assert why_line(None, (Reason("Size", 1.0),)) == ""


def test_every_reason_that_the_policy_gives_has_words() -> None:
    """A reason without words of ours would leave a line empty; two need none."""
    from pathlib import Path

    import ai.agent.policy as policy

    text = Path(policy.__file__).read_text(encoding="utf-8")
    for reason in SHOWN_FOR:
        assert f'"{reason}"' in text, reason


def test_the_next_step_walks() -> None:
    assert steps_of(None).next == OPEN
    assert steps_of(reading()).next == LUNGS
    assert steps_of(reading(LUNGS_THERE)).next == NODULES
    judging = steps_of(reading(LUNGS_THERE, SEARCH))
    assert judging.next == JUDGE and judging.done == {LUNGS, NODULES}
    answered = reading(LUNGS_THERE, SEARCH, VerdictGiven("a", Answer.ACCEPT))
    assert steps_of(answered).next == EXPORT
    left = reading(LUNGS_THERE, SEARCH, VerdictGiven("a", Answer.ACCEPT), Exported(()))
    assert steps_of(left).next == "" and EXPORT in steps_of(left).done


def test_where_the_ai_is_off_no_step_of_its_comes_next() -> None:
    assert steps_of(reading(), ai_off=True).next == ""
    added = reading(FindingAdded(FOUND[0]))
    assert steps_of(added, ai_off=True).next == EXPORT


@pytest.mark.parametrize(
    "after",
    [
        *(VerdictGiven("a", Answer.REJECT), Withdrawn(2), Restored(2), FindingAdded(FOUND[1])),
        *(Signed(), Amended("why"), Reopened(), ReaderNamed("hash"), ReportWritten("f", "i")),
    ],
)
def test_any_change_after_an_export_makes_it_due_again(after: object) -> None:
    before = (LUNGS_THERE, SEARCH, Exported(()))
    assert is_exported(reading(*before))
    assert not is_exported(reading(*before, after))
    assert is_exported(reading(*before, after, Exported(())))


def test_what_was_opened_again_and_signed_is_to_go_out_once_more() -> None:
    read = (LUNGS_THERE, SEARCH, VerdictGiven("a", Answer.ACCEPT), Signed(), Exported(()))
    assert EXPORT in steps_of(reading(*read)).done
    again = steps_of(reading(*read, Reopened(), Amended()))
    assert again.next == EXPORT and EXPORT not in again.done


def test_held_findings_have_no_mark_until_one_is_looked_at() -> None:
    made = reading(SEARCH)
    assert [(m.id, m.number, m.current) for m in marks_of(made, ("a",), "a")] == [("a", "1", True)]
    looked_at = marks_of(made, ("a",), "b")
    assert [(m.id, m.state, m.current) for m in looked_at] == [
        ("a", "proposed", False), ("b", "held", True),
    ]  # fmt: skip


def test_a_mark_says_whether_an_ai_showed_it() -> None:
    own = replace(FOUND[1], id="own", made_by=GROWING)
    made = reading(SEARCH, FindingAdded(own))
    assert [m.by_ai for m in marks_of(made, ("a", "own"), None)] == [True, False]


def test_a_ring_is_as_wide_as_its_finding() -> None:
    (mark,) = marks_of(reading(SEARCH), ("a",), None)
    assert mark.radius_mm == FOUND[0].measurement.long_mm / 2


@pytest.mark.parametrize(
    ("sentence", "remedy", "fact", "rest"),
    [
        ("Spacing is 2.5 to 7.5 mm.", "Open series 2.", "Spacing is 2.5 to 7.5 mm.",
         "Open series 2."),
        ("One. Two! Three.", "", "One.", "Two! Three."),
        ("No stop at the end", "", "No stop at the end", ""),
    ],
)  # fmt: skip
def test_a_banner_tells_the_fact_first(sentence: str, remedy: str, fact: str, rest: str) -> None:
    assert parted(Notice(sentence, remedy)) == (fact, rest)


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, ""), (2.1, "about 3 s left"), (0.0, "about 1 s left")]
)
def test_the_time_left_is_rounded_up(seconds: float | None, text: str) -> None:
    assert time_left(seconds) == text


def test_every_kind_of_job_has_a_name() -> None:
    for kind in ("lungs", "nodules", "export", "load", "open", "demo", "seg", "nifti", "preview",
                 "copy"):  # fmt: skip
        assert job_name(kind) != kind
