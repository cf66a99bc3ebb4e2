"""Reasons, labels, and marks that their reader takes back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ai.scan.labelmap import Code
from tests.dicom.seg_scan import Grid, write_scan
from tests.reading.samples import Log, finding, proposed
from viewer.dicom.series import Series
from viewer.dicom.written.sr_content import SrSegment
from viewer.reading.codec import decode, encode
from viewer.reading.converters import SCHEMA
from viewer.reading.events import (
    Answer,
    Event,
    FindingAdded,
    FindingDescribed,
    FindingEdited,
    FindingRemoved,
    LabelGiven,
    ModeChosen,
    OwnPassDone,
    Reason,
    ReasonGiven,
    VerdictGiven,
    Withdrawn,
)
from viewer.reading.labels import THORAX
from viewer.reading.names import short_names, tag_of
from viewer.reading.out.figures import figures_csv
from viewer.reading.out.measures import finding_group
from viewer.reading.out.outputs import findings_json
from viewer.reading.out.segments import finding_segment
from viewer.reading.report.content import report_content
from viewer.reading.report.words import Tell, finding_words, left_out_words


def read(*events: Event) -> Log:
    log = Log()
    log.add(proposed("abch", held="h"))
    for event in events:
        log.add(event)
    return log


def undo(log: Log) -> None:
    target = log.reading.undo_target
    assert target is not None
    log.add(Withdrawn(target.seq))


def test_a_reason_counts_while_the_finding_is_rejected() -> None:
    log = read(VerdictGiven("a", Answer.REJECT), ReasonGiven("a", Reason.VESSEL))
    assert log.reading.reasons == {"a": "vessel"}
    log.add(VerdictGiven("a", Answer.ACCEPT))
    assert log.reading.reasons == {}


def test_a_reason_without_a_rejection_says_nothing() -> None:
    log = read(ReasonGiven("a", Reason.SCAR), ReasonGiven("nobody", Reason.SCAR))
    assert log.reading.reasons == {}


def test_undo_takes_the_reason_first_and_the_verdict_next() -> None:
    log = read(VerdictGiven("a", Answer.REJECT), ReasonGiven("a", Reason.VESSEL))
    undo(log)
    assert log.reading.reasons == {} and log.reading.state("a") == "rejected"
    undo(log)
    assert log.reading.state("a") == "proposed"


def test_a_label_is_the_findings_kind_and_undo_gives_the_old_one_back() -> None:
    log = read(FindingAdded(finding("m")), LabelGiven("m", "lymph-node"))
    assert log.reading.finding("m").kind == "lymph-node"  # type: ignore[union-attr]
    log.add(LabelGiven("m", "other", "key-of-words"))
    assert log.reading.labels["m"].words == "key-of-words"
    undo(log)
    assert log.reading.labels["m"].label == "lymph-node"
    undo(log)
    assert log.reading.finding("m").kind == "nodule"  # type: ignore[union-attr]


def test_type_and_zone_are_what_the_reader_says_whatever_is_counted_later() -> None:
    log = read(FindingDescribed("a", "part-solid", "RLZ"))
    said = log.reading.finding("a")
    assert said is not None and (said.measurement.type, said.zone) == ("part-solid", "RLZ")
    assert short_names(log.reading)["a"] == "RLZ 1"
    counted = finding("a", diameter_mm=9.0)
    log.add(FindingEdited(counted))
    said = log.reading.finding("a")
    assert said is not None and said.measurement.mean_diameter_mm == 9.0
    assert (said.measurement.type, said.zone) == ("part-solid", "RLZ")
    undo(log)
    undo(log)
    said = log.reading.finding("a")
    assert said is not None and (said.measurement.type, said.zone) == ("solid", "RUZ")
    log.add(FindingDescribed("nobody", "solid", ""))
    assert "nobody" not in log.reading.described


def test_a_type_without_a_code_stands_in_the_reports_words(scan: Series) -> None:
    log = read(FindingDescribed("a", "calcified", "RUZ"))
    found = log.reading.finding("a")
    assert found is not None
    segment = finding_segment(found, "accepted", scan, "1.2.3")
    where = SrSegment("1.2", "1.3", 1)
    group = finding_group(found, "accepted", segment, where, by_rule=False)
    assert not group.qualities and "; calcified; " in group.comment


def test_a_mark_taken_back_is_gone_and_undo_brings_it_with_its_label() -> None:
    log = read(FindingAdded(finding("m")), LabelGiven("m", "effusion"), FindingRemoved("m"))
    assert "m" not in log.reading.states and not log.reading.labels
    undo(log)
    assert log.reading.state("m") == "added"
    assert log.reading.finding("m").kind == "effusion"  # type: ignore[union-attr]


def test_what_the_agent_proposed_cannot_be_taken_back() -> None:
    log = read(FindingRemoved("a"), FindingRemoved("nobody"))
    assert log.reading.state("a") == "proposed"


def test_no_mark_ever_gets_the_number_of_one_that_was_taken_back() -> None:
    log = read(*(FindingAdded(finding(name)) for name in "klm"))
    names = dict(short_names(log.reading))
    assert [names[i] for i in "abcklm"] == [f"RUZ {n}" for n in range(1, 7)]
    log.add(FindingRemoved("k"))
    log.add(FindingAdded(finding("n")))
    left = short_names(log.reading)
    assert "k" not in left
    assert (left["l"], left["m"], left["n"]) == ("RUZ 5", "RUZ 6", "RUZ 7")
    assert tag_of(log.reading, "n") == "7"
    assert tag_of(log.reading, "k") == ""


def test_held_candidates_do_not_count_in_the_number_of_an_own_mark() -> None:
    log = Log()
    log.add(proposed("abcdefgh", held="cdefgh"))
    log.add(FindingAdded(finding("own")))
    assert short_names(log.reading)["own"] == "RUZ 3"
    assert short_names(log.reading)["c"] == "RUZ H1"
    log.add(VerdictGiven("c", Answer.ACCEPT))
    assert short_names(log.reading)["c"] == "RUZ H1"  # a name once given stays
    assert tag_of(log.reading, "c") == "H1"


def test_an_own_mark_before_the_own_pass_is_done_tells_nothing_of_the_ais() -> None:
    log = Log()
    log.add(ModeChosen("second"))
    log.add(proposed("abc"))
    log.add(FindingAdded(finding("own")))
    assert short_names(log.reading)["own"] == "RUZ 1"
    log.add(OwnPassDone(12.0))
    names = dict(short_names(log.reading))
    assert [names[i] for i in ("own", "a", "b", "c")] == [f"RUZ {n}" for n in range(1, 5)]
    log.add(FindingAdded(finding("later")))
    assert short_names(log.reading)["later"] == "RUZ 5"


@pytest.mark.parametrize(
    "event",
    [
        ReasonGiven("a", Reason.LYMPH_NODE),
        LabelGiven("m", "other", "0123456789abcdef"),
        FindingRemoved("m"),
    ],
)
def test_they_come_back_from_the_log_as_they_were(event: Event) -> None:
    row = encode(event)
    assert not row.masks
    assert decode(row.kind, row.body, None, schema=SCHEMA) == event


def test_a_reason_that_does_not_exist_is_no_row() -> None:
    with pytest.raises(ValueError, match="boredom"):
        decode("ReasonGiven", '{"finding":"a","reason":"boredom"}', None, schema=SCHEMA)


# What goes out of them


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


def test_a_labelled_mark_goes_out_as_what_it_is(scan: Series) -> None:
    mark = replace(finding("m"), kind="lymph-node")
    segment = finding_segment(mark, "added", scan, "1.2.3")
    assert segment.kind.meaning == "Lymph Node"
    assert segment.region == THORAX and segment.region_side is None
    assert "6.0 mm lymph node" in segment.label
    group = finding_group(mark, "added", segment, SrSegment("1", "2", 1), by_rule=False)
    assert group.finding.meaning == "Lymph Node" and group.qualities == ()


def test_a_nodule_goes_out_as_before(scan: Series) -> None:
    segment = finding_segment(finding("a"), "accepted", scan, "1.2.3")
    assert segment.kind == Code("27925004", "SCT", "Nodule")
    assert segment.region_side is not None
    group = finding_group(finding("a"), "accepted", segment, SrSegment("1", "2", 1), by_rule=False)
    assert [quality.answer.meaning for quality in group.qualities] == ["Solid pulmonary nodule"]


def test_an_unknown_kind_is_a_lesion(scan: Series) -> None:
    segment = finding_segment(replace(finding("m"), kind="dragon"), "added", scan, "1.2.3")
    assert segment.kind.meaning == "Lesion"


def test_the_report_says_labels_in_own_words_and_counts_reasons(scan: Series) -> None:
    log = read(
        VerdictGiven("a", Answer.REJECT), ReasonGiven("a", Reason.VESSEL),
        VerdictGiven("b", Answer.REJECT), ReasonGiven("b", Reason.VESSEL),
        VerdictGiven("c", Answer.REJECT), ReasonGiven("c", Reason.LYMPH_NODE),
        FindingAdded(finding("m")), LabelGiven("m", "other", "key"),
    )  # fmt: skip
    content = report_content(scan, log.reading, words_of={"key": "Azygos lobe"}.get)  # type: ignore[arg-type]
    tell = Tell("en")
    assert "2 rejected" not in left_out_words(tell, content)
    assert "3 rejected. Rejected as: vessel 2, lymph node 1." in left_out_words(tell, content)
    (own,) = content.in_state("added")
    assert "Azygos lobe" in finding_words(tell, own)
    rejected = content.in_state("rejected")[0]
    assert "rejected: vessel by reader" in finding_words(tell, rejected)
    told = json.loads(findings_json(content))["findings"]
    assert [row.get("reason") for row in told if row["id"] in "abc"] == [
        "vessel", "vessel", "lymph-node",
    ]  # fmt: skip
    assert next(row for row in told if row["id"] == "m")["label"] == "Azygos lobe"
    assert "vessel" in figures_csv(content)


@pytest.mark.parametrize(
    ("kind", "value", "meaning"),
    [
        ("consolidation", "95436008", "Lung consolidation"),
        ("atelectasis", "46621007", "Atelectasis"),
        ("lymph-node", "59441001", "Lymph Node"),
        ("effusion", "60046008", "Pleural effusion"),
        ("nodule", "27925004", "Nodule"),
    ],
)
def test_what_a_reader_marks_goes_out_under_its_own_code(
    scan: Series, kind: str, value: str, meaning: str
) -> None:
    segment = finding_segment(replace(finding("m"), kind=kind), "added", scan, "1.2.3")
    assert (segment.kind.value, segment.kind.meaning) == (value, meaning)
    group = finding_group(
        replace(finding("m"), kind=kind), "added", segment, SrSegment("1", "2", 1), by_rule=False
    )
    assert group.finding == segment.kind
