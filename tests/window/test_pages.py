"""Pages over the right panel: the passport of what went out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget

from tests.window.conftest import CTRL, SHIFT, Sitting
from viewer.panels.buttons import Button
from viewer.reading.passport import (
    Judgement,
    Overlap,
    Passport,
    PassportObject,
    passport_json,
    what_went_out,
)

Key = Qt.Key


def passport_for(reading: str, *, errors: int = 0) -> Passport:
    lungs = PassportObject(
        "lungs", "DICOM-SEG", "lungs.dcm", "4f1c09d2" + "0" * 52 + "a7e0", 8_700_000,
        segments=2, frames=266, voxels_reread=34_865_152,
        overlaps=(Overlap("Right lung", 1.0, 5), Overlap("Left lung", 1.0, 5)),
        positions=(133, 133), same_study=True, dciodvfy=Judgement(True, errors, 0),
    )  # fmt: skip
    table = PassportObject(
        "figures", "CSV", "figures.csv", "ab" * 32, 900, rows=3, figures=(21, 21), bytes_equal=True
    )
    states = ["accepted", "rejected", "proposed", "undecided", "held"]
    return Passport(
        reading, "2026-03-04T14:02:00+01:00", "reader ab12cd", (lungs, table),
        what_went_out(states), ("v7",),
    )  # fmt: skip


def said_on(page: QWidget) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page)]


def exported(read: Sitting, folder: Path, *, errors: int = 0) -> Passport:
    assert read.desk.reading is not None
    passport = passport_for(read.desk.reading.id, errors=errors)
    file = folder / "lungs.dcm"
    file.write_bytes(b"x")
    read.key(Key.Key_E, CTRL)
    read.children.export(file, passport=passport)
    return passport


def test_the_banner_of_an_export_opens_its_passport(read: Sitting, tmp_path: Path) -> None:
    exported(read, tmp_path)
    (banner,) = read.window.banners.shown
    buttons = {button.text(): button for button in banner.findChildren(Button)}
    read.click(buttons["Export passport"])
    page = read.window.pages.passport
    assert page.isVisible() and read.window.side.page is page
    said = said_on(page)
    assert "Lungs · DICOM-SEG" in said and "2 segments · 266 frames · 8.7 MB" in said
    assert "34,865,152 equal" in said and "133 of 133 positions" in said
    assert "0 errors, 0 warnings" in said
    assert "saved and verified" in said
    assert any("SHA-256 4f1c09d2 … a7e0" in text for text in said)


def test_the_passport_tells_what_was_left_out_with_open_ones_counted_once(
    read: Sitting, tmp_path: Path
) -> None:
    exported(read, tmp_path)
    read.key(Key.Key_P, CTRL | SHIFT)
    said = said_on(read.window.pages.passport)
    at = said.index("Undecided")
    assert said[at : at + 3] == ["Undecided", "left out", "2"]
    at = said.index("Accepted")
    assert said[at : at + 3] == ["Accepted", "in the file", "1"]
    assert "2 of 5 marks judged" in said


def test_what_speaks_against_a_file_is_told(read: Sitting, tmp_path: Path) -> None:
    exported(read, tmp_path, errors=3)
    read.key(Key.Key_P, CTRL | SHIFT)
    said = said_on(read.window.pages.passport)
    assert "not proven" in said and "3 errors, 0 warnings" in said


def test_without_an_export_the_passport_says_what_to_do(read: Sitting) -> None:
    read.key(Key.Key_P, CTRL | SHIFT)
    assert any("Ctrl+E" in text for text in said_on(read.window.pages.passport))


def test_a_passport_is_there_again_when_the_study_is_opened_again(
    read: Sitting, tmp_path: Path
) -> None:
    passport = exported(read, tmp_path)
    again = tmp_path / "passport.json"
    again.write_text(passport_json(passport), encoding="utf-8")
    reading = read.desk.reading
    assert reading is not None
    read.desk.library.note_export(reading.id, again)
    read.desk.out._passport = None  # as after a new start
    assert read.desk.out.passport == passport
    again.write_text("{}", encoding="utf-8")
    read.desk.out._passport = None
    assert read.desk.out.passport is None


def test_escape_the_arrow_and_a_tab_leave_a_page(read: Sitting) -> None:
    side = read.window.side
    for leave in (
        lambda: read.key(Key.Key_Escape),
        lambda: read.key(Key.Key_P, CTRL | SHIFT),
        lambda: read.click(side.tabs[0]),
    ):
        read.key(Key.Key_P, CTRL | SHIFT)
        assert side.page is not None
        leave()
        assert side.page is None and read.window.findings.isVisible()


def test_the_summary_can_be_pasted_and_has_whole_hashes(read: Sitting, tmp_path: Path) -> None:
    passport = exported(read, tmp_path)
    read.key(Key.Key_P, CTRL | SHIFT)
    read.click(read.window.pages.passport.copy)
    text = QGuiApplication.clipboard().text()
    assert passport.objects[0].sha256 in text and "Voxels re-read: 34,865,152 equal" in text
