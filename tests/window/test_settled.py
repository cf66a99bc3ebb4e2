"""A banner goes once its matter is settled, however that came about."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from ai.scan.labelmap import MadeBy
from ai.worker.messages import Failed, SegmentLungs
from tests.fakes import candidate, chest
from tests.window.conftest import CTRL, Sitting
from tests.window.test_pages import passport_for
from viewer.dicom.io_messages import Export, Found, Look, ReadSeg, SegRead
from viewer.dicom.masks.drawn_by import CONTOURS
from viewer.dicom.series import OPENS, Opened
from viewer.notices import Notice
from viewer.reading.database import told
from viewer.reading.events import CoverageNoted, FindingAdded

Key = Qt.Key
FINDING = candidate("a", (20, 20, 20)).finding


def test_contours_that_a_reading_holds_are_not_offered_any_more(sitting: Sitting) -> None:
    """However they came: by their file, or on another day."""
    sitting.desk.open(Path("study"))
    found = Opened(Path("study"), OPENS, (), (chest(),), contours=(Path("study") / "rt.dcm",))
    sitting.jobs.say(Found(sitting.jobs.asked(Look).job, found))
    sitting.children.load()
    sitting.desk.record(FindingAdded(replace(FINDING, id="own")))
    assert [b.notice.action for b in sitting.window.banners.shown] == ["lay-contours"]
    laid = replace(FINDING, id="drawn", made_by=MadeBy(CONTOURS, ""))
    sitting.desk.record(FindingAdded(laid))
    assert not sitting.window.banners.shown


def test_what_was_laid_on_for_one_reader_is_not_told_to_the_next_who_is_offered_it_too(
    sitting: Sitting,
) -> None:
    sitting.desk.set_reader("Dr Ray")
    lies = Path("study") / "rt.dcm"
    sitting.desk.open(Path("study"))
    found = Opened(Path("study"), OPENS, (), (chest(),), contours=(lies,))
    sitting.jobs.say(Found(sitting.jobs.asked(Look).job, found))
    sitting.children.load()
    sitting.window.actions_by_id["lay-contours"].trigger()
    job = sitting.jobs.asked(ReadSeg).job
    sitting.jobs.say(SegRead(job, None, (), ("rt.dcm: 85 contours are stored twice.",)))
    (banner,) = sitting.window.banners.shown
    assert banner.notice.sentence.startswith("rt.dcm")
    sitting.desk.set_reader("Dr New")
    assert [b.notice.action for b in sitting.window.banners.shown] == ["lay-contours"]


def test_the_bar_of_an_export_that_stopped_goes_with_its_reader(read: Sitting) -> None:
    read.desk.set_reader("Dr Ray")
    read.key(Key.Key_A)
    read.key(Key.Key_E, CTRL)
    read.children.fail(Export, "The disk is full.")
    assert read.window.strip.job_rows
    read.desk.set_reader("Dr New")
    assert not read.window.strip.job_rows


def test_what_was_saved_is_told_only_while_it_is_what_stands_there(
    read: Sitting, tmp_path: Path
) -> None:
    read.desk.set_reader("Dr Ray")
    read.key(Key.Key_A)
    read.desk.sign()
    read.key(Key.Key_E, CTRL)
    assert read.desk.reading is not None
    read.children.export(tmp_path / "a.dcm", passport=passport_for(read.desk.reading.id))
    assert read.window.banners.shown
    read.desk.out.reopen()
    assert not read.window.banners.shown
    page = read.window.pages.report
    page.shown()
    assert page._state.text().endswith(", opened again")
    read.key(Key.Key_X)
    page.shown()
    assert page._state.text().endswith(", changed since")


def test_a_full_disk_is_told_until_a_step_is_saved_again(
    read: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise told(OSError(errno.ENOSPC, "No space left on device"), "log of readings")

    append = read.desk._store.append
    monkeypatch.setattr(read.desk._store, "append", full)
    read.key(Key.Key_A)
    read.key(Key.Key_A)
    (banner,) = read.window.banners.shown
    assert banner.notice.sentence.startswith("The disk is full")
    read.desk.reading_changed.emit(read.desk.reading)
    assert read.window.banners.shown, "nothing was saved yet"
    monkeypatch.setattr(read.desk._store, "append", append)
    read.key(Key.Key_A)
    assert not read.window.banners.shown


def test_what_went_out_of_one_readers_reading_is_not_told_over_anothers(
    read: Sitting, tmp_path: Path
) -> None:
    read.desk.set_reader("Dr Ray")
    read.key(Key.Key_A)
    read.key(Key.Key_E, CTRL)
    assert read.desk.reading is not None
    read.children.export(tmp_path / "a.dcm", passport=passport_for(read.desk.reading.id))
    (banner,) = read.window.banners.shown
    assert (banner.notice.action, banner.notice.second) == ("open-export-folder", "passport")
    read.desk.set_reader("Dr New")
    assert not read.window.banners.shown


def test_an_export_of_a_reading_that_was_left_is_told_without_the_buttons_of_the_open_one(
    read: Sitting, tmp_path: Path
) -> None:
    read.desk.set_reader("Dr Ray")
    read.key(Key.Key_A)
    read.key(Key.Key_E, CTRL)
    assert read.desk.reading is not None
    left = passport_for(read.desk.reading.id)
    read.desk.set_reader("Dr New")
    read.children.export(tmp_path / "a.dcm", passport=left)
    (banner,) = read.window.banners.shown
    assert not banner.buttons and banner.notice.remedy == str(tmp_path)


def test_a_full_disk_under_the_export_folder_is_called_full(
    read: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("viewer.desk.exporting.subfolder", full)
    read.desk.export()
    assert read.said == "No folder can be made for the export: the disk is full."


def test_a_toast_goes_once_its_undo_would_mean_another_step(read: Sitting) -> None:
    toast = read.window.toast
    read.key(Key.Key_A)
    read.desk.tell(Notice("The stroke lies apart from the mask.", action="undo"))
    assert toast.isVisible()
    read.desk.record(CoverageNoted(0.5, 0.5, ""))
    assert toast.isVisible(), "that is no step of the reader's"
    read.desk.record(FindingAdded(replace(FINDING, id="own")))
    assert toast.isHidden()


def test_what_the_ai_said_of_one_readers_lungs_is_not_told_over_anothers(sitting: Sitting) -> None:
    sitting.desk.set_reader("Dr Ray")
    sitting.open()
    sitting.key(Key.Key_F5)
    sitting.children.lungs(warnings=("The left lung is very small.",))
    assert sitting.window.banners.shown
    sitting.desk.set_reader("Dr New")
    assert not sitting.window.banners.shown


@pytest.mark.parametrize("unfit", [True, False])
def test_a_refusal_to_segment_in_one_reading_is_not_told_over_anothers(
    sitting: Sitting, unfit: bool
) -> None:
    sitting.desk.set_reader("Dr Ray")
    sitting.open()
    sitting.desk.segment_lungs("lungs-unet")
    job = sitting.jobs.asked(SegmentLungs).job
    sitting.jobs.say(Failed(job, "There is no lung.", unfit=unfit))
    (banner,) = sitting.window.banners.shown
    assert banner.notice.action == ("segment-anyway" if unfit else "segment-classical")
    sitting.desk.set_reader("Dr New")
    assert not sitting.window.banners.shown


def test_states_of_studies_are_told_for_who_sits_there_also_while_none_is_open(
    read: Sitting,
) -> None:
    read.desk.set_reader("Dr Ray")
    read.key(Key.Key_A)
    read.desk.sign()
    desk, model = read.desk, read.window.studies.model
    desk.shelf.forget()
    desk.scan = desk.reading = None
    read.window.studies.refresh()

    def states() -> set[str]:
        return {entry.state_kind for entry in model.entries} - {""}

    assert states() == {"done"}
    desk.set_reader("Dr New")
    assert states() == {"unread"}
