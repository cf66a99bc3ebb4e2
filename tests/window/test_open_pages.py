"""A page that is open tells of the study and the reading that lie there now."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ai.worker.messages import Failed
from tests.fakes import FakeJobs, chest
from tests.window.conftest import Sitting
from tests.window.programs import children, switch
from tests.window.test_pages import exported, passport_for, said_on
from viewer.app import Program
from viewer.dicom.io_messages import Change, CopyPreviewed, ReadDetails, WriteCopy
from viewer.reading.out.passport import passport_json
from viewer.window.hands import SEGMENTS

Key = Qt.Key
CHANGES = (Change("(0010,0010)", "Patient's Name", "emptied", ""),)


def kept(read: Sitting, folder: Path) -> None:
    """What goes out lies in a folder, as after an export, and is known to the library."""
    passport = exported(read, folder)
    file = folder / "passport.json"
    file.write_text(passport_json(passport), encoding="utf-8")
    read.desk.library.note_export(passport.reading, file)


def test_the_passport_of_the_one_who_exported_is_there_when_that_reader_is_back(
    read: Sitting, tmp_path: Path
) -> None:
    read.desk.set_reader("Dr Ray")
    read.key(Key.Key_A)
    kept(read, tmp_path)
    page = read.window.pages.passport
    read.window.pages.show(page)
    assert "saved and verified" in said_on(page)
    read.desk.set_reader("Dr New")
    assert any("Nothing has gone out" in text for text in said_on(page))
    assert "saved and verified" not in said_on(page)
    read.desk.set_reader("Dr Ray")
    assert "saved and verified" in said_on(page)


def test_the_passport_follows_the_study(read: Sitting, tmp_path: Path) -> None:
    kept(read, tmp_path)
    page = read.window.pages.passport
    read.window.pages.show(page)
    read.open(chest("1.2.4"))
    assert any("Nothing has gone out" in text for text in said_on(page))
    read.open(chest())
    assert "saved and verified" in said_on(page)


def test_the_passport_does_not_take_the_export_of_another_reading_for_its_own(
    read: Sitting,
) -> None:
    page = read.window.pages.passport
    read.window.pages.show(page)
    read.desk.export()
    assert any("is being written" in text for text in said_on(page))
    read.open(chest("1.2.4"))
    assert any("Nothing has gone out" in text for text in said_on(page))


def test_the_passport_stays_in_another_language(program: Program, qtbot: QtBot) -> None:
    assert program.desk.reading is not None
    program.desk.export()
    passport = passport_for(program.desk.reading.id)
    children(program).export(Path("out") / "lungs.dcm", passport=passport)
    program.window.pages.show(program.window.pages.passport)
    switch(program, qtbot)
    page = program.window.pages.passport
    assert program.window.side.page is page
    assert "已保存并核实" in said_on(page)


def test_a_copy_is_previewed_anew_for_each_study_and_written_only_once_that_stands(
    sitting: Sitting,
) -> None:
    page = sitting.window.pages.copy
    sitting.open(chest("1.1"))
    sitting.window.pages.show(page)
    first = sitting.jobs.asked(WriteCopy).job
    assert page.write.isVisible() and not page.write.isEnabled()
    sitting.jobs.say(CopyPreviewed(first, CHANGES))
    assert page.write.isEnabled() and "1 tag" in said_on(page)
    sitting.open(chest("1.2"))
    assert not page.write.isEnabled()
    second = sitting.jobs.asked(WriteCopy)
    assert second.job != first and second.series.uid == "1.2"
    sitting.jobs.say(CopyPreviewed(second.job, CHANGES))
    assert page.write.isEnabled() and "1 tag" in said_on(page)
    sitting.open(chest("1.2"))
    third = sitting.jobs.asked(WriteCopy).job
    assert third != second.job, "the same study once more, whose headers may be others"
    sitting.children.fail(WriteCopy, "A header cannot be read.")
    assert not page.write.isEnabled()
    assert any("A header cannot be read." in text for text in said_on(page))


def test_a_copy_asked_for_before_its_preview_shows_that(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(sitting.window.hand_out, "_ask_folder", lambda *_: asked.append("folder"))
    sitting.open(chest())
    for _ in range(2):
        sitting.window.actions_by_id["write-copy"].trigger()
        assert sitting.window.side.page is sitting.window.pages.copy and not asked
    sitting.jobs.say(CopyPreviewed(sitting.jobs.asked(WriteCopy).job, CHANGES))
    sitting.window.actions_by_id["write-copy"].trigger()
    assert asked == ["folder"]


def test_a_copy_is_previewed_in_another_language_too(program: Program, qtbot: QtBot) -> None:
    jobs = program.jobs
    program.window.pages.show(program.window.pages.copy)
    assert isinstance(jobs, FakeJobs)
    jobs.say(CopyPreviewed(jobs.asked(WriteCopy).job, CHANGES))
    switch(program, qtbot)
    page, jobs = program.window.pages.copy, program.jobs
    assert isinstance(jobs, FakeJobs) and not page.write.isEnabled()
    jobs.say(CopyPreviewed(jobs.asked(WriteCopy).job, CHANGES))
    assert page.write.isEnabled() and "Patient's Name" in said_on(page)


def test_a_preview_in_chinese_keeps_no_english(program: Program, qtbot: QtBot) -> None:
    switch(program, qtbot)
    page, jobs = program.window.pages.copy, program.jobs
    assert isinstance(jobs, FakeJobs)
    program.window.pages.show(page)
    nothing = "There is nothing here that can be copied without a name."
    jobs.say(Failed(jobs.asked(WriteCopy).job, nothing, ""))
    assert "这里没有可去标识复制的内容。" in said_on(page) and nothing not in said_on(page)
    page.shown()
    change = Change("(0012,0062)", "Patient Identity Removed", "set", "YES")
    jobs.say(CopyPreviewed(jobs.asked(WriteCopy).job, (change,)))
    assert "写入" in said_on(page) and "set" not in said_on(page)


def test_image_information_is_asked_for_in_another_language_too(
    program: Program, qtbot: QtBot
) -> None:
    program.window.pages.show(program.window.pages.image_info)
    jobs = program.jobs
    assert isinstance(jobs, FakeJobs)
    asked = jobs.asked(ReadDetails).job
    switch(program, qtbot)
    jobs = program.jobs
    assert isinstance(jobs, FakeJobs)
    assert jobs.asked(ReadDetails).job != asked


def test_why_goes_on_telling_of_the_lungs_in_another_language(
    program: Program, qtbot: QtBot
) -> None:
    program.window.side.open(SEGMENTS)
    program.window.hands.explain()
    page = program.window.pages.why
    assert page.of_lungs and program.window.side.page is page
    switch(program, qtbot)
    page = program.window.pages.why
    assert program.window.side.page is page and page.of_lungs


def test_lung_that_was_seen_is_told_for_each_reader(read: Sitting) -> None:
    page = read.window.pages.coverage
    read.desk.set_reader("Dr Ray")
    read.window.pages.show(page)
    assert page.figures.text() != "Not known yet"
    read.desk.set_reader("Dr New")
    assert page.figures.text() == "Not known yet", "no lungs were segmented in that reading"
    read.desk.set_reader("Dr Ray")
    assert page.figures.text() != "Not known yet"


def test_lungs_that_come_or_go_while_their_page_is_open_are_told(sitting: Sitting) -> None:
    sitting.open()
    page = sitting.window.pages.coverage
    sitting.window.pages.show(page)
    assert page.figures.text() == "Not known yet"
    sitting.desk.segment_lungs()
    sitting.children.lungs()
    assert page.figures.text() != "Not known yet"
    sitting.desk.undo()
    assert page.figures.text() == "Not known yet"
