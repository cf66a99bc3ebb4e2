"""What leaves by the reader's hand: a folder of their choice, pictures, NIfTI, a nameless copy."""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from ai.worker.shared import Block
from tests.fakes import chest
from tests.window.conftest import CTRL, SHIFT, Sitting
from tests.window.test_pages import said_on
from viewer.dicom.deidentify.dataset import SET
from viewer.dicom.deidentify.rules import Action
from viewer.dicom.io_messages import (
    Change,
    CopyPreviewed,
    CopyWritten,
    Export,
    NiftiWritten,
    WriteCopy,
    WriteNifti,
)
from viewer.dicom.series import Patient
from viewer.home import home
from viewer.panels.copy_preview import ACTIONS
from viewer.window.keys import SEGMENTS

Key = Qt.Key


def choose(sitting: Sitting, path: Path) -> None:
    """The reader takes this in the dialog that stands open."""
    (dialog,) = sitting.window.findChildren(QFileDialog)
    assert not dialog.isModal()
    if dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave:
        dialog.setDirectory(str(path.parent))
        dialog.selectFile(path.name)
    else:
        dialog.setDirectory(str(path.parent))
        dialog.selectFile(str(path))
    dialog.accept()
    for _ in range(3):
        QApplication.processEvents()


def test_an_export_goes_to_the_folder_that_was_chosen_and_stays_its_owners(
    read: Sitting, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    read.key(Key.Key_A)
    read.key(Key.Key_E, CTRL | SHIFT)
    choose(read, folder)
    assert read.jobs.asked(Export).request.folder == folder
    read.children.fail(Export, "The disk is full.")
    assert folder.is_dir(), "a folder of the reader's is not taken away"


def test_an_export_that_failed_runs_again_to_the_folder_that_was_chosen(
    read: Sitting, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    read.key(Key.Key_A)
    read.key(Key.Key_E, CTRL | SHIFT)
    choose(read, folder)
    first = read.jobs.asked(Export)
    read.children.fail(Export, "The disk is full.")
    (row,) = read.window.strip.job_rows.values()
    read.click(row.run_again)
    again = read.jobs.asked(Export)
    assert again.job != first.job and again.request.folder == folder
    read.children.fail(Export, "The disk is full.")
    read.key(Key.Key_E, CTRL)
    assert read.jobs.asked(Export).request.folder != folder
    read.children.fail(Export, "The disk is full.")
    (row,) = read.window.strip.job_rows.values()
    read.click(row.run_again)
    assert read.jobs.asked(Export).request.folder.parent == home() / "exports"


def test_an_export_that_failed_is_not_run_again_for_the_next_patient(
    read: Sitting, tmp_path: Path
) -> None:
    read.key(Key.Key_A)
    read.key(Key.Key_E, CTRL | SHIFT)
    choose(read, tmp_path)
    first = read.jobs.asked(Export)
    read.children.fail(Export, "The disk is full.")
    read.open(chest("7.7"))
    (row,) = read.window.strip.job_rows.values()
    read.click(row.run_again)
    assert read.jobs.asked(Export).job == first.job
    assert read.said == "The export that stopped was of another reading."


def test_a_picture_holds_no_name_and_the_pane_is_as_before(sitting: Sitting) -> None:
    def pictured(patient: Patient, study: str) -> QImage:
        sitting.open(replace(chest(), patient=patient, study_description=study))
        QApplication.processEvents()
        sitting.key(Key.Key_C, CTRL | SHIFT)
        return QGuiApplication.clipboard().image()

    one = pictured(Patient(name="Lindqvist^Annemarie", id="1"), "Thorax of Lindqvist")
    before = sitting.window.panes.state
    other = pictured(Patient(name="Somebody^Else", id="2"), "Chest")
    assert not one.isNull() and one == other
    assert sitting.window.panes.state.text_level == before.text_level == "all"
    sitting.window.panes.go_to((20.0, 20.0, 20.0))
    sitting.key(Key.Key_C, CTRL | SHIFT)
    assert QGuiApplication.clipboard().image() != one, "it is the pane that is pictured"


def test_a_picture_is_saved_and_never_over_another(read: Sitting, tmp_path: Path) -> None:
    read.key(Key.Key_P, CTRL)
    choose(read, tmp_path / "axial.png")
    saved = QImage(str(tmp_path / "axial.png"))
    assert saved.size() == read.window.panes.views["axial"].size()
    (tmp_path / "taken.png").write_bytes(b"mine")
    read.key(Key.Key_P, CTRL)
    choose(read, tmp_path / "taken.png")
    assert (tmp_path / "taken.png").read_bytes() == b"mine"
    assert "is there already" in read.said


def test_without_a_study_nothing_is_handed_out_and_it_says_why(sitting: Sitting) -> None:
    for key, modifiers, words in (
        (Key.Key_P, CTRL, "No study is open"),
        (Key.Key_C, CTRL | SHIFT, "No study is open"),
        (Key.Key_N, CTRL | SHIFT, "There are no lungs"),
    ):
        sitting.key(key, modifiers)
        assert words in sitting.said
    assert not sitting.window.findChildren(QFileDialog)


def test_lungs_go_out_as_nifti_and_their_block_is_freed(read: Sitting, tmp_path: Path) -> None:
    read.key(Key.Key_N, CTRL | SHIFT)
    choose(read, tmp_path / "lungs.nii.gz")
    request = read.jobs.asked(WriteNifti)
    assert Path(request.path) == tmp_path / "lungs.nii.gz"
    with Block.attach(request.labels.block) as block:
        assert set(np.unique(block.array)) == {0, 1, 2}
    read.jobs.say(NiftiWritten(request.job, request.path))
    assert read.said == "lungs.nii.gz saved."
    with pytest.raises(Exception, match=request.labels.block.name):
        Block.attach(request.labels.block)


def test_a_mask_that_cannot_be_saved_says_so_once(read: Sitting, tmp_path: Path) -> None:
    read.key(Key.Key_N, CTRL | SHIFT)
    choose(read, tmp_path / "lungs.nii.gz")
    read.children.fail(WriteNifti, "The slices are not evenly spaced.", "Export DICOM-SEG instead.")
    assert read.window.banners.shown[-1].notice.sentence == "The slices are not evenly spaced."
    assert read.window.strip.isHidden()


def test_a_copy_is_previewed_tag_by_tag_and_then_written(read: Sitting, tmp_path: Path) -> None:
    read.key(Key.Key_D, CTRL | SHIFT)
    page = read.window.pages.copy
    asked = read.jobs.asked(WriteCopy)
    assert asked.folder == "", "a preview writes nothing"
    changes = (Change("(0010,0010)", "Patient's Name", "replaced", "ANON"),)
    read.jobs.say(CopyPreviewed(asked.job, changes))
    said = said_on(page)
    assert {"1 tag", "Patient's Name", "replaced", "(0010,0010) → ANON"} <= set(said)
    page.keep_dates.setChecked(True)
    asked = read.jobs.asked(WriteCopy)
    assert (asked.folder, asked.keep_dates) == ("", True), "the preview is of what will be written"
    read.jobs.say(CopyPreviewed(asked.job, changes))
    read.click(page.write)
    (tmp_path / "copy").mkdir()
    choose(read, tmp_path / "copy")
    asked = read.jobs.asked(WriteCopy)
    assert (Path(asked.folder), asked.keep_dates) == (tmp_path / "copy", True)
    read.jobs.say(CopyWritten(asked.job, asked.folder, 40, ("Look at the pictures.",)))
    banner = read.window.banners.shown[-1]
    assert banner.notice.sentence == "40 files copied without names. Look at the pictures."


def test_the_preview_of_another_series_is_dropped(read: Sitting) -> None:
    read.key(Key.Key_D, CTRL | SHIFT)
    asked = read.jobs.asked(WriteCopy)
    read.open(chest("5.5"))
    assert asked.job in read.jobs.io.cancelled
    read.jobs.say(CopyPreviewed(asked.job, (Change("t", "Old", "removed"),)))
    assert "Old" not in said_on(read.window.pages.copy)


def test_the_page_of_a_copy_has_words_for_all_that_a_copy_does() -> None:
    assert set(ACTIONS) == {*(action.value for action in Action), SET}


def test_the_density_table_is_saved_for_a_spreadsheet(read: Sitting, tmp_path: Path) -> None:
    read.window.side.open(SEGMENTS)
    read.click(read.window.segments.table, read.window.segments.table.rect().center())
    choose(read, tmp_path / "mine.csv")
    with (tmp_path / "mine.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["lung"] for row in rows] == ["Right lung", "Left lung", "Both lungs"]
    assert read.desk.reading is not None
    for row, found in zip(rows, read.desk.reading.lung_figures, strict=False):
        assert float(row["volume_ml"]) == pytest.approx(found.volume_ml, abs=0.06)
        assert float(row["mean_hu"]) == pytest.approx(found.mean_hu, abs=0.06)
        assert row["use"] == "research only"
    before = (tmp_path / "mine.csv").read_bytes()
    read.window.actions_by_id["save-densities"].trigger()
    choose(read, tmp_path / "mine.csv")
    assert read.said == "mine.csv is there already and is not overwritten."
    assert (tmp_path / "mine.csv").read_bytes() == before


def test_there_is_no_density_table_without_lungs(sitting: Sitting) -> None:
    sitting.open()
    sitting.window.actions_by_id["save-densities"].trigger()
    assert sitting.said == "There are no lungs yet. F5 segments them."
    assert not sitting.window.findChildren(QFileDialog)


def dialog_starts_at(sitting: Sitting) -> Path:
    (dialog,) = sitting.window.findChildren(QFileDialog)
    started = Path(dialog.directory().absolutePath())
    dialog.reject()
    for _ in range(3):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return started


def test_an_export_s_dialog_starts_where_the_last_one_went(read: Sitting, tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "export"
    folder.mkdir(parents=True)
    read.key(Key.Key_A)
    read.window.hand_out.export_to()
    assert dialog_starts_at(read) == Path.home(), "and not where the program happened to start"
    read.window.hand_out.export_to()
    choose(read, folder)
    read.children.fail(Export, "The disk is full.")
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    read.window.hand_out.export_to()
    assert dialog_starts_at(read) == folder
    log = (home() / "readings.sqlite").read_bytes()
    assert str(folder).encode() not in log, "a path is private"
    read.window.hand_out.save_nifti()
    assert dialog_starts_at(read) == folder
    folder.rmdir()
    read.window.hand_out.export_to()
    assert dialog_starts_at(read) == folder.parent


def test_what_a_dialog_remembers_of_folders_is_kept_in_the_private_home(
    read: Sitting, tmp_path: Path
) -> None:
    folder = tmp_path / "Doe, Jane" / "export"
    folder.mkdir(parents=True)
    read.key(Key.Key_A)
    read.window.hand_out.export_to()
    choose(read, folder)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    elsewhere = Path(os.environ["XDG_CONFIG_HOME"])
    told = [path for path in elsewhere.rglob("*") if path.is_file() and b"Doe" in path.read_bytes()]
    assert told == []
    (kept,) = home().glob("QtProject*")
    assert kept.parent.stat().st_mode & 0o077 == 0
