"""Pages over the right panel: the passport of what went out, what a series really is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from ai.scan.geometry import Geometry
from tests.fakes import chest
from tests.window.conftest import CTRL, SHIFT, Sitting
from viewer.dicom.header_details import Details
from viewer.dicom.io_messages import DetailsRead, Export, Load, Loaded, ReadDetails
from viewer.dicom.series import Series
from viewer.notices import BANNER, GOOD, Notice
from viewer.panels.buttons import Button
from viewer.panels.passport_words import CHECKS, TOLD
from viewer.reading.out.passport import (
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
        signed="signed", signed_at="2026-03-04T13:00:00+01:00", amended=1,
        how_read=("Read with a concurrent reader: marks of the AI showed as they came.",),
        rejected_as=(("vessel", 2), ("scar", 1)),
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
    assert any(text.startswith("signed 2026-03-04 ") for text in said)
    assert any(text.endswith(", amended once") for text in said)


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
    assert "3 of 4 candidates judged" in said


def test_the_passport_tells_how_it_was_read_and_why_marks_were_rejected(
    read: Sitting, tmp_path: Path
) -> None:
    exported(read, tmp_path)
    read.key(Key.Key_P, CTRL | SHIFT)
    said = said_on(read.window.pages.passport)
    assert "Read with a concurrent reader: marks of the AI showed as they came." in said
    assert "Rejected as: vessel 2, scar 1." in said


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


def test_image_information_tells_the_unusual_first_and_can_be_pasted(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Key.Key_I, CTRL)
    page = sitting.window.pages.image_info
    assert "The header is being read." in said_on(page)
    request = sitting.jobs.asked(ReadDetails)
    assert request.path == "20.dcm"
    sitting.jobs.say(DetailsRead(request.job, Details(kv=60.0, mas=80.0)))
    said = said_on(page)
    reason = "A tube voltage of 60 kV is unusual: HU differ."
    assert said.index(reason) < said.index("Matrix") < said.index("60 kV")
    sitting.click(page.copy)
    text = QGuiApplication.clipboard().text()
    assert reason in text and "Doe" not in text


def test_image_information_holds_what_the_banner_said_of_damaged_slices(sitting: Sitting) -> None:
    sitting.desk.open(Path("study"))
    sitting.children.find(regular())
    sitting.key(Key.Key_I, CTRL)
    sitting.jobs.say(DetailsRead(sitting.jobs.asked(ReadDetails).job, Details(120.0, 80.0)))
    page = sitting.window.pages.image_info
    assert "Nothing unusual" in said_on(page), "it still loads"
    damaged = "Image 4 is damaged."
    sitting.jobs.say(Loaded(sitting.jobs.asked(Load).job, (damaged,), spoilt=(3,)))
    assert "Nothing unusual" not in said_on(page)
    assert said_on(page).index(damaged) < said_on(page).index("Matrix")


def test_a_regular_series_says_nothing_unusual(sitting: Sitting) -> None:
    sitting.open(regular())
    sitting.key(Key.Key_I, CTRL)
    sitting.jobs.say(DetailsRead(sitting.jobs.asked(ReadDetails).job, Details(120.0, 80.0)))
    assert "Nothing unusual" in said_on(sitting.window.pages.image_info)


def test_image_information_follows_the_series_and_says_what_cannot_be_read(
    sitting: Sitting,
) -> None:
    sitting.key(Key.Key_I, CTRL)
    page = sitting.window.pages.image_info
    assert any("No study is open" in text for text in said_on(page))
    sitting.open(chest("1.1"), chest("1.2"))
    first = sitting.jobs.asked(ReadDetails).job
    sitting.key(Key.Key_Right)
    sitting.jobs.say(DetailsRead(first, Details(60.0)))
    assert "The header is being read." in said_on(page), "an answer for another series is dropped"
    sitting.children.fail(ReadDetails, "The header of this series can no longer be read.")
    assert "The header of this series can no longer be read." in said_on(page)
    assert sitting.window.strip.isHidden()


def regular() -> Series:
    """512 x 512 of 0.7 mm, 125 slices of 2 mm, on their places."""
    geometry = Geometry.axial((125, 512, 512), spacing_kji_mm=(2.0, 0.7, 0.7))
    series = chest()
    pieces = tuple(
        replace(series.slices[0], sop_instance_uid=f"1.{k}", position_lps=(0.0, 0.0, 2.0 * k))
        for k in range(125)
    )
    return replace(series, geometry=geometry, rows=512, columns=512, slices=pieces)


def test_everything_that_a_check_can_say_is_in_the_panels_words() -> None:
    base = passport_for("r").objects[0]
    many = tuple(Overlap(name, 0.5, 1) for name in "ab")
    objects = [
        *passport_for("r").objects,
        replace(base, role="nodules", overlaps=many, images=(1, 2), figures=(1, 2), verified=True),
        replace(base, role="nodules", overlaps=many[:1], verified=False, bytes_equal=True),
        replace(base, same_study=False, same_frame_of_reference=False, bytes_equal=False),
        *(
            replace(base, dciodvfy=judged)
            for judged in (
                Judgement(), Judgement(why="no answer"), Judgement(True, 1, 1),
                Judgement(True, 1, 2), Judgement(True, 2, 1),
            )
        ),
    ]  # fmt: skip
    said = {check.words for one in objects for check in one.checks}
    assert said == set(TOLD)
    names = {check.name for one in objects for check in one.checks}
    assert names - {"dciodvfy"} == set(CHECKS)


def test_the_passport_says_that_an_export_is_being_written(read: Sitting) -> None:
    """It would be wrong that nothing has gone out, and there is no folder to show yet."""
    page = read.window.pages.passport
    read.window.pages.show(page)
    assert page.folder.isHidden()
    read.desk.export()
    told = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "The export is being written." in told
    read.children.fail(Export, "The disk is full.")
    told = " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())
    assert "Nothing has gone out" in told


def test_banners_never_push_the_agents_page_out_of_the_window(read: Sitting) -> None:
    home = "/home/user/.local/share/hilum/exports/2026-11-27-034326-02bc8914"
    told = Notice("13 objects saved.", home, GOOD, BANNER, action="passport", second="open")
    read.desk.tell(told)
    for wide in (1440, 1280, 1024):
        read.window.resize(wide, 700)
        read.window.cuts.show_layout("review")
        QApplication.processEvents()
        assert read.window.side.geometry().right() < wide
        for button in read.window.banners.shown[0].buttons:
            assert button.width() >= button.sizeHint().width()
