"""Signing, amending, opening again: what a signature stands for, and what ends it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.reading.samples import Log, finding, proposed
from viewer.home import home
from viewer.language.catalogue import language
from viewer.panels.passport_words import signed_words
from viewer.reading.events import (
    Answer,
    Begun,
    Closed,
    CoverageNoted,
    Exported,
    FindingAdded,
    Restored,
    VerdictGiven,
    Withdrawn,
)
from viewer.reading.library import Library
from viewer.reading.lung_events import ScanJudged
from viewer.reading.out.passport import Passport, passport_json, passport_of
from viewer.reading.reader_events import Amended, Reopened, ReportWritten, Signed
from viewer.reading.signature import REOPENED, Signature, signature_of, signature_words
from viewer.reading.store import Store
from viewer.reading.worklist import DONE, IN_WORK, UNREAD, state_of, study_states


@pytest.fixture
def signed() -> Log:
    log = Log()
    log.add(proposed("ab"))
    log.add(VerdictGiven("a", Answer.ACCEPT))
    log.add(Signed())
    return log


def test_a_signed_reading_is_done_and_stays_so_when_it_is_exported_and_left(signed: Log) -> None:
    assert signed.reading.signed and signed.reading.signed_row == 4
    signed.add(Exported(()))
    signed.add(Closed())
    assert signed.reading.signed and state_of(signed.reading) == DONE


@pytest.mark.parametrize(
    "change",
    [VerdictGiven("b", Answer.REJECT), FindingAdded(finding("m")), ReportWritten("k"), Reopened()],
)
def test_any_change_after_a_signature_puts_the_reading_in_work(signed: Log, change) -> None:
    signed.add(change)
    assert not signed.reading.signed and state_of(signed.reading) == IN_WORK
    assert signed.reading.signed_at, "that it was signed once is still told"
    signed.add(Amended("reason"))
    assert signed.reading.signed and signed.reading.amended == 1


def test_a_reading_that_was_only_opened_again_is_not_called_changed(signed: Log) -> None:
    signed.add(Reopened())
    assert signature_words(signed.reading)[-1].endswith("opened again; nothing was changed yet.")
    again = signature_of(signed.reading, name="Dr. Bo Li", organisation="Here")
    assert again.state == REOPENED and not again.verifies
    assert "opened again, not changed" in signed_words(passport_as(again))
    signed.add(VerdictGiven("b", Answer.REJECT))
    assert "changed since" in signature_words(signed.reading)[-1]
    assert signed_words(passport_as(signature_of(signed.reading))).startswith("changed since")


def passport_as(signature: Signature) -> Passport:
    return Passport("r", "", "", (), (), signed=signature.state, signed_at=signature.at)


def test_the_passport_says_whether_it_was_signed_by_name_and_never_by_whom(signed: Log) -> None:
    who = signature_of(signed.reading, name="Dr. Bo Li", organisation="Klinik Süd")
    by_name = replace(passport_as(who), signed_by_name=who.verifies)
    assert signed_words(by_name).startswith("signed by name 2026-01-01 ")
    assert signed_words(passport_as(who)).startswith("signed 2026-01-01 ")
    told = passport_json(by_name)
    assert passport_of(told) == by_name and json.loads(told)["signed_by_name"] is True
    assert "Bo Li" not in told and "Klinik" not in told


def test_every_amendment_is_told_with_its_day_its_reader_and_its_reason(signed: Log) -> None:
    words = {"k1": "second look.", "": ""}
    for reason, answer in (("k1", Answer.REJECT), ("", Answer.ACCEPT)):
        signed.add(VerdictGiven("b", answer))
        signed.add(Amended(reason))
    first, second, third = signature_words(signed.reading, words.__getitem__)
    assert first.startswith("Signed by the reader on 2026-01-01 at ")
    assert second.startswith("Amended after it was signed; signed again by the reader on 2026-01-")
    assert second.endswith(". Reason given: second look.")
    assert third.startswith("Amended after") and "Reason" not in third
    named = signature_words(signed.reading, words.__getitem__, reader="Dr. Bo Li")
    assert all(" Name of the reader: Dr. Bo Li." in text for text in named)
    assert "阅片者姓名：Dr. Bo Li。原因：second look。" in language("zh").say(named[1])
    where = signature_words(
        signed.reading, words.__getitem__, reader="Dr. Bo Li", organisation="Klinik Süd"
    )
    assert (
        "Name of the reader: Dr. Bo Li. Organisation of the reader: Klinik Süd. Reason" in where[1]
    )
    said = language("zh").say(where[1])
    assert "阅片者姓名：Dr. Bo Li。阅片者机构：Klinik Süd。原因：second look。" in said
    signed.add(VerdictGiven("b", Answer.REJECT))
    *before, last = signature_words(signed.reading, words.__getitem__)
    assert before == [first, second, third]
    assert last.endswith("and changed since: this is not what was signed.")


def test_undo_never_reaches_behind_a_signature(signed: Log) -> None:
    assert signed.reading.undo_target is None
    row = signed.add(VerdictGiven("b", Answer.REJECT))
    assert signed.reading.undo_target is row
    signed.add(Withdrawn(row.seq))
    assert signed.reading.undo_target is None
    assert signed.reading.signed, "the change was taken back: it is what was signed again"
    signed.add(Restored(row.seq))
    assert not signed.reading.signed


def test_a_signature_ends_redo(signed: Log) -> None:
    row = signed.add(VerdictGiven("b", Answer.REJECT))
    signed.add(Withdrawn(row.seq))
    signed.add(Amended())
    assert signed.reading.redo_target is None


def test_a_step_before_the_signature_that_another_window_takes_back_ends_it(signed: Log) -> None:
    signed.add(Withdrawn(3))
    assert not signed.reading.signed
    later = signed.add(VerdictGiven("b", Answer.REJECT))
    signed.add(Withdrawn(later.seq))
    assert not signed.reading.signed
    signed.add(Amended())
    assert signed.reading.signed


def test_the_worklist_is_told_by_the_log_of_this_reader_alone(hilum_home) -> None:
    store = Store(home() / "readings.sqlite")
    for reading, study, reader in (
        ("r1", "s1", "me"), ("r2", "s2", "me"), ("r3", "s3", "you"), ("r4", "s4", "me")
    ):  # fmt: skip
        store.append(reading, Begun(study, f"{study}-series", reader))
    store.append("r1", proposed("a"))
    store.append("r1", Signed())
    store.append("r2", proposed("a"))
    store.append("r3", Signed())
    store.append("r4", proposed("a"))
    store.append("r4", Signed())
    change = store.append("r4", VerdictGiven("a", Answer.ACCEPT))
    assert study_states(store, "me") == {"s1": DONE, "s2": IN_WORK, "s4": IN_WORK}
    store.append("r4", Withdrawn(change.seq))
    assert study_states(store, "me")["s4"] == DONE
    assert study_states(store, "you") == {"s3": DONE}
    store.append("r5", Begun("s1", "other series", "me"))
    store.append("r5", proposed("a"))
    assert study_states(store, "me")["s1"] == IN_WORK, "what was worked on last tells"
    store.close()


def test_a_scan_that_was_refused_or_only_looked_at_is_unread_still(hilum_home) -> None:
    log, store = Log(), Store(home() / "readings.sqlite")
    store.append("r1", Begun("s1", "s1-series", "me"))
    for event in (ScanJudged("red", ("Too few slices.",)), CoverageNoted(0.1, 0.1, ""), Closed()):
        log.add(event)
        store.append("r1", event)
    assert state_of(log.reading) == UNREAD
    assert study_states(store, "me") == {}
    store.append("r2", Begun("s1", "other series", "me"))
    store.append("r2", Signed())
    store.append("r1", ScanJudged("red", ("Too few slices.",), by_reader=True))
    assert study_states(store, "me") == {"s1": DONE}
    store.append("r1", proposed("a"))
    assert study_states(store, "me") == {"s1": IN_WORK}
    log.add(proposed("a"))
    assert state_of(log.reading) == IN_WORK
    store.close()


def test_nothing_done_is_unread() -> None:
    assert state_of(None) == UNREAD


def test_the_readers_words_lie_in_the_library_and_the_log_has_their_key(hilum_home) -> None:
    library = Library()
    key = library.keep_words("Nodule of Mrs Doe, 8 mm.\nNo more.")
    assert library.words_of(key) == "Nodule of Mrs Doe, 8 mm.\nNo more."
    assert key == library.keep_words("Nodule of Mrs Doe, 8 mm.\nNo more.")
    assert "Doe" not in key and library.keep_words("  ") == "" and library.words_of("") == ""
    store = Store(home() / "readings.sqlite")
    store.append("r", Begun("s", "x", "me"))
    store.append("r", ReportWritten(key))
    assert store.reading("r").report == ReportWritten(key, "")
    store.close()
    library.close()
    assert b"Mrs Doe" not in b"".join(p.read_bytes() for p in home().glob("readings.sqlite*"))
