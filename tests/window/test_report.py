"""The report page: own words, what will be written, signing, amending, opening again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.fakes import Children, FakeJobs, chest
from tests.window.conftest import CTRL, SHIFT, Sitting
from viewer.desk.desk import Desk
from viewer.dicom.io_messages import Export
from viewer.ending import end
from viewer.home import home
from viewer.reading.library import Library
from viewer.reading.reader_events import ReportWritten
from viewer.reading.report.html import report_html
from viewer.reading.report.text import report_text
from viewer.reading.signature import Signature
from viewer.reading.store import Store
from viewer.reading.worklist import DONE, IN_WORK, state_of
from viewer.views.slice_view import SliceView
from viewer.window.window import HilumWindow

Key = Qt.Key


@pytest.fixture
def report(read: Sitting) -> Sitting:
    read.key(Key.Key_R, CTRL)
    return read


def write(sitting: Sitting, text: str) -> None:
    field = sitting.window.pages.report.findings
    sitting.click(field.viewport(), field.viewport().rect().center())
    assert QApplication.focusWidget() is field
    QTest.keyClicks(field, text)


def written(sitting: Sitting) -> int:
    assert sitting.desk.reading is not None
    return sum(isinstance(row.event, ReportWritten) for row in sitting.desk.reading.history)


def test_letters_type_and_judge_nothing_and_escape_goes_back_to_the_panes(
    report: Sitting,
) -> None:
    write(report, "a nodule, 8 mm x 6")
    assert all(report.state(i) in ("proposed", "held") for i in "abcdef")
    report.key(Key.Key_Escape)
    assert isinstance(QApplication.focusWidget(), SliceView)
    assert report.desk.out.words == ("a nodule, 8 mm x 6", "")
    assert report.window.side.page is report.window.pages.report
    assert written(report) == 1


def test_what_is_typed_is_kept_after_a_pause_without_leaving_the_field(
    report: Sitting, qtbot: QtBot
) -> None:
    write(report, "kept")
    qtbot.waitUntil(lambda: report.desk.out.words == ("kept", ""), timeout=5000)
    assert QApplication.focusWidget() is report.window.pages.report.findings


def test_typing_without_a_pause_is_safe_within_a_quarter_of_a_second(
    report: Sitting, qtbot: QtBot
) -> None:
    page, drafts = report.window.pages.report, home() / "drafts"
    write(report, "One")
    began = time.monotonic()
    while not list(drafts.glob("*")):
        QTest.keyClicks(page.findings, " more")
        QTest.qWait(20)
        assert time.monotonic() - began < 5
    assert written(report) == 0, "a pause came between"
    assert time.monotonic() - began < 0.25 + 0.2  # and a machine that is busy


def test_what_was_typed_when_the_window_was_killed_is_in_the_report_of_the_next(
    report: Sitting, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(report, "Half a sen")
    qtbot.waitUntil(lambda: bool(list((home() / "drafts").glob("*"))), timeout=5000)
    report.window.pages.report.findings._pause.stop()  # nothing more comes of this window
    store, library, jobs = Store(home() / "readings.sqlite"), Library(), FakeJobs()
    window = HilumWindow(Desk(store, library, jobs))
    after = Sitting(window, window.desk, jobs, Children(jobs))
    after.open()
    assert after.desk.out.words == ("Half a sen", "")
    assert window.pages.report.findings.text == "Half a sen"
    assert list((home() / "drafts").glob("*")) == []
    after.open()
    assert written(after) == 1
    window.close()
    end(window, after.desk, jobs)
    store.close()
    library.close()


def test_what_was_typed_and_taken_back_leaves_no_draft(report: Sitting, qtbot: QtBot) -> None:
    write(report, "no")
    qtbot.waitUntil(lambda: bool(list((home() / "drafts").glob("*"))), timeout=5000)
    report.window.pages.report.findings.setPlainText("")
    report.key(Key.Key_Escape)
    assert list((home() / "drafts").glob("*")) == []
    assert written(report) == 0


def test_the_words_are_there_again_and_no_log_holds_them(report: Sitting) -> None:
    write(report, "Mrs Doe has one nodule")
    report.desk.open(Path("other"))
    report.children.find(chest("5.5"), path=Path("other"))
    report.children.load()
    assert report.window.pages.report.findings.text == ""
    report.open()
    report.window.side.show_page(report.window.pages.report)
    assert report.window.pages.report.findings.text == "Mrs Doe has one nodule"
    log = b"".join(path.read_bytes() for path in home().glob("readings.sqlite*"))
    assert b"Mrs Doe" not in log


def test_the_report_goes_out_with_the_words_and_the_signature(report: Sitting) -> None:
    write(report, "One nodule.")
    report.key(Key.Key_S, CTRL | SHIFT)
    report.key(Key.Key_E, CTRL)
    content = report.jobs.asked(Export).request.content
    assert content.findings_text == "One nodule."
    assert any(told.startswith("Signed by the reader on ") for told in content.remarks)
    assert "One nodule." in report_text(content)


def test_a_report_typed_to_the_last_moment_goes_out_whole(report: Sitting) -> None:
    write(report, "half a sentence")
    assert written(report) == 0
    report.key(Key.Key_E, CTRL)
    assert report.jobs.asked(Export).request.content.findings_text == "half a sentence"


def test_words_written_after_an_export_make_it_due_again(report: Sitting, tmp_path: Path) -> None:
    file = tmp_path / "lungs.dcm"
    file.write_bytes(b"x")
    report.key(Key.Key_E, CTRL)
    report.children.export(file)
    assert report.window.topbar.steps["export"].kind == "done"
    write(report, "more")
    report.key(Key.Key_Escape)
    assert report.window.topbar.steps["export"].kind == ""


def test_the_preview_is_what_copy_gives(report: Sitting, qtbot: QtBot) -> None:
    write(report, "One nodule.")
    report.key(Key.Key_Escape)
    page = report.window.pages.report
    qtbot.waitUntil(lambda: "One nodule." in page.preview.text())
    report.click(page.copy)
    assert QGuiApplication.clipboard().text().split() == page.preview.text().split()
    assert "Doe" not in page.preview.text()


def test_a_signed_reading_is_done_and_a_change_makes_it_an_amendment(report: Sitting) -> None:
    report.key(Key.Key_S, CTRL | SHIFT)
    assert state_of(report.desk.reading) == DONE
    assert report.said.startswith("Signed. 4 marks are undecided.")
    report.key(Key.Key_S, CTRL | SHIFT)
    assert "signed already" in report.said
    report.key(Key.Key_A)
    assert state_of(report.desk.reading) == IN_WORK
    (banner,) = report.window.banners.shown
    assert "changed since" in banner.notice.sentence and banner.notice.action == "sign"
    page = report.window.pages.report
    report.window.side.show_page(page)
    assert page.reason.isVisible()
    assert page.sign.text() == "Sign again" and page.sign.isEnabled()
    report.click(page.reason)
    QTest.keyClicks(page.reason, "second look")
    report.key(Key.Key_Return)
    reading = report.desk.reading
    assert reading is not None and reading.signed and reading.amended == 1
    assert not report.window.banners.shown
    content = report.desk.out.content()
    assert content is not None and content.remarks[-1].endswith("Reason given: second look.")


def test_the_button_of_a_signed_report_says_that_it_is_signed_and_why_it_waits(
    report: Sitting, qtbot: QtBot
) -> None:
    page = report.window.pages.report
    report.window.side.show_page(page)
    assert page.sign.text() == "Sign" and page.sign.isEnabled()
    report.key(Key.Key_S, CTRL | SHIFT)
    qtbot.waitUntil(lambda: page.sign.text() == "Signed")
    assert not page.sign.isEnabled()
    assert "signed again" in page.sign.toolTip()
    report.key(Key.Key_A)
    report.key(Key.Key_S, CTRL | SHIFT)
    qtbot.waitUntil(lambda: page.sign.text() == "Amended")
    assert not page.sign.isEnabled()


def test_undo_does_not_take_back_what_was_signed(report: Sitting) -> None:
    report.key(Key.Key_A)
    report.key(Key.Key_S, CTRL | SHIFT)
    report.key(Key.Key_Z, CTRL)
    assert report.said == "There is nothing to undo."
    assert state_of(report.desk.reading) == DONE


def test_a_signed_reading_can_be_opened_again(report: Sitting) -> None:
    report.window.actions_by_id["reopen"].trigger()
    assert report.said == "This reading is not signed."
    report.key(Key.Key_S, CTRL | SHIFT)
    report.window.actions_by_id["reopen"].trigger()
    assert state_of(report.desk.reading) == IN_WORK
    said = "The signed reading is open again; signing it once more makes an amendment."
    assert report.said == said, "a whole sentence"
    assert not report.window.banners.shown, "asked for: no warning"


def test_an_export_after_a_change_says_that_it_is_not_what_was_signed(report: Sitting) -> None:
    report.key(Key.Key_S, CTRL | SHIFT)
    report.key(Key.Key_A)
    report.key(Key.Key_E, CTRL)
    content = report.jobs.asked(Export).request.content
    assert any("not what was signed" in told for told in content.remarks)


def test_name_and_organisation_make_the_exported_report_a_verified_one(report: Sitting) -> None:
    page = report.window.pages.report
    assert "Signed without a name" in said_below(report)
    report.key(Key.Key_S, CTRL | SHIFT)
    assert not signature_sent(report).verifies
    report.desk.set_reader("Dr. Anna Müller")
    report.lungs()
    report.click(page.organisation, page.organisation.rect().center())
    QTest.keyClicks(page.organisation, "Clinic")
    report.key(Key.Key_Return)
    assert isinstance(QApplication.focusWidget(), SliceView)
    assert "name Dr. Anna Müller, Clinic, as who verified" in said_below(report)
    assert not signature_sent(report).verifies, "it is not signed yet"
    report.key(Key.Key_S, CTRL | SHIFT)
    sent = signature_sent(report)
    assert sent.verifies and (sent.name, sent.organisation) == ("Dr. Anna Müller", "Clinic")
    assert report.desk.reading is not None and sent.at == report.desk.reading.signed_at
    content = report.desk.out.content()
    assert content is not None
    for told in (report_html(content), " ".join(report_text(content).split())):
        assert f"Signed by the reader on {sent.moment:%Y-%m-%d} at {sent.moment:%H:%M}." in told
        assert "Name of the reader: Dr. Anna Müller. Organisation of the reader: Clinic." in told


def test_an_organisation_is_told_as_it_is_typed_and_is_that_readers_alone(report: Sitting) -> None:
    page = report.window.pages.report
    report.desk.set_reader("Dr. Anna Müller")
    report.lungs()
    report.click(page.organisation, page.organisation.rect().center())
    QTest.keyClicks(page.organisation, "Clinic")
    assert "name Dr. Anna Müller, Clinic, as who verified" in said_below(report)
    report.desk.set_reader("Dr. Bo Li")
    page.shown()
    assert page.organisation.text() == report.desk.out.organisation == ""
    assert "Dr. Bo Li is named in what is exported only with an organisation" in said_below(report)
    report.desk.set_reader("Dr. Anna Müller")
    page.shown()
    assert page.organisation.text() == report.desk.out.organisation == "Clinic"


def test_who_typed_an_organisation_before_the_name_keeps_it(report: Sitting) -> None:
    page = report.window.pages.report
    report.lungs()
    report.click(page.organisation, page.organisation.rect().center())
    QTest.keyClicks(page.organisation, "Clinic")
    report.desk.set_reader("Dr. Anna Müller")
    page.shown()
    assert page.organisation.text() == report.desk.out.organisation == "Clinic"


def said_below(sitting: Sitting) -> str:
    return sitting.window.pages.report._signs_as.text()


def signature_sent(sitting: Sitting) -> Signature:
    sitting.key(Key.Key_E, CTRL)
    request = sitting.jobs.asked(Export).request
    sitting.children.export()
    assert isinstance(request.signature, Signature)
    return request.signature
