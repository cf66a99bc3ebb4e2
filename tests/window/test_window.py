"""The window around the panes: opening, banners, series, segments, sizes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit

from tests.fakes import chest
from tests.window.conftest import CTRL, SHIFT, Sitting
from viewer.dicom.io_messages import Found, Load, Loaded, Look, ReadSeg
from viewer.dicom.series import OPENS, WARNS, Opened
from viewer.notices import BANNER, GOOD, REFUSED, WARN, Notice
from viewer.panels.buttons import PRIMARY, Button
from viewer.panels.measures import measures
from viewer.panels.start import UNDERSTOOD

Key = Qt.Key
LONG_PATH = "/home/a-reader/.local/share/hilum/exports/1.3.6.1.4.1.14519.5.2.1.6279.6001-5d41402a"


def test_the_start_page_says_what_to_do_and_goes_with_the_first_study(sitting: Sitting) -> None:
    assert sitting.window.start.isVisible()
    assert not sitting.window.studies.folded
    sitting.open()
    assert sitting.window.panes.isVisible()
    assert sitting.window.studies.folded


def test_tools_are_off_and_say_why_until_a_study_is_open(sitting: Sitting) -> None:
    bar = sitting.window.topbar
    tools = [*bar.tools.values(), bar.layouts, *bar.measuring.every, bar.preset, bar.slab]
    for tool in tools:
        assert not tool.isEnabled() and tool.toolTip() == "No study is open. Ctrl+O opens one."
    sitting.open()
    assert all(tool.isEnabled() for tool in tools)
    assert bar.tools["hand"].toolTip().split() == ["Hand", "tool", "H"]
    assert bar.slab.toolTip() == ""


def test_the_research_card_is_understood_once_and_for_all(sitting: Sitting) -> None:
    assert sitting.window.start.understood.isVisible()
    sitting.click(sitting.window.start.understand)
    assert not sitting.window.start.understood.isVisible()
    assert sitting.desk.library.setting(UNDERSTOOD)


def test_the_title_does_not_name_the_patient(sitting: Sitting) -> None:
    sitting.open()
    assert sitting.window.windowTitle() == "Hilum"


def test_a_dropped_folder_is_opened(sitting: Sitting, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    hand = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier)  # fmt: skip
    over = QDragEnterEvent(QPoint(300, 300), *hand)
    QApplication.sendEvent(sitting.window, over)
    assert over.isAccepted() and sitting.window.start.drop.lit
    QApplication.sendEvent(sitting.window, QDropEvent(QPointF(300, 300), *hand))
    assert not sitting.window.start.drop.lit
    assert Path(sitting.jobs.asked(Look).path) == tmp_path


def test_a_drop_that_offers_to_move_the_files_is_taken_as_a_copy(
    sitting: Sitting, tmp_path: Path
) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    either = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    hand = either, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
    for event in (QDragEnterEvent(QPoint(300, 300), *hand), QDropEvent(QPointF(300, 300), *hand)):
        event.setDropAction(Qt.DropAction.MoveAction)
        QApplication.sendEvent(sitting.window, event)
        assert event.isAccepted() and event.dropAction() == Qt.DropAction.CopyAction


def test_the_default_series_shows_and_the_others_are_one_click_away(sitting: Sitting) -> None:
    thin, thick = chest("1.1"), replace(chest("1.2"), thickness_mm=5.0)
    sitting.open(thin, thick)
    assert sitting.desk.scan is not None and sitting.desk.scan.series.uid == "1.1"
    rail = sitting.window.studies.rail
    assert [entry.uid for entry in rail.entries] == ["1.1", "1.2"]
    assert [entry.current for entry in rail.entries] == [True, False]
    sitting.click(rail, rail.place(1).center().toPoint())
    sitting.children.load()
    assert sitting.desk.scan.series.uid == "1.2"
    assert [entry.current for entry in rail.entries] == [False, True]


def test_right_and_left_go_through_the_series(sitting: Sitting) -> None:
    sitting.open(chest("1.1"), chest("1.2"))
    sitting.key(Key.Key_Right)
    sitting.children.load()
    assert sitting.desk.scan is not None and sitting.desk.scan.series.uid == "1.2"


def test_a_study_opened_before_is_listed_and_opens_again(sitting: Sitting) -> None:
    sitting.open(chest("1.1"))
    sitting.desk.open(Path("other"))
    sitting.children.find(replace(chest("2.1"), study_uid="8.8"), path=Path("other"))
    sitting.children.load()
    sitting.key(Key.Key_B, CTRL)
    studies = sitting.window.studies
    assert not studies.folded
    kinds = [entry.kind for entry in studies.model.entries]
    assert kinds == ["study", "series", "known"]
    sitting.click_entry(studies.list, 2)
    assert Path(sitting.jobs.asked(Look).path) == Path("study").absolute()


def test_a_refused_study_is_told_over_what_is_open_and_has_no_close(sitting: Sitting) -> None:
    sitting.desk.tell(Notice("Refused: 4 images are missing.", "Open series 2.", REFUSED, BANNER))
    (banner,) = sitting.window.banners.shown
    assert banner.notice.level == REFUSED
    assert sitting.window.banners.isVisible()
    sitting.desk.tell(Notice("Refused: 4 images are missing.", "Open series 2.", REFUSED, BANNER))
    assert len(sitting.window.banners.shown) == 1


def test_banners_of_one_study_go_with_the_next(sitting: Sitting) -> None:
    sitting.open()
    sitting.desk.tell(Notice("Uneven spacing: 2.4 to 2.6 mm.", "", WARN, BANNER))
    assert sitting.window.banners.shown
    sitting.open(chest("5.5"))
    assert not sitting.window.banners.shown


def test_a_scan_that_the_ai_must_not_see_says_so_and_offers_no_step(sitting: Sitting) -> None:
    sitting.open(replace(chest(), ai_refusal="This is not a chest CT."))
    assert sitting.window.topbar.steps["segment-lungs"].kind == "off"
    assert "This is not a chest CT." in sitting.window.topbar.steps["segment-lungs"].toolTip()
    assert "off here" in sitting.window.findings.empty.text
    (add,) = sitting.window.findings.empty.findChildren(Button)
    assert add.text() == "Add by hand", "what a reader sees can be marked all the same"
    sitting.key(Key.Key_F5)
    assert not sitting.jobs.ai.asked
    assert "This is not a chest CT." in sitting.window.banners.shown[-1].notice.sentence


def test_the_place_of_an_export_is_said_and_one_click_opens_it(
    read: Sitting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices,
        "openUrl",
        staticmethod(lambda url: opened.append(url.toLocalFile()) or there_is_a_program),
    )
    there_is_a_program = True
    file = tmp_path / "lungs.dcm"
    file.write_bytes(b"x")
    read.key(Key.Key_A)
    read.key(Key.Key_E, CTRL)
    read.children.export(file)
    (banner,) = read.window.banners.shown
    assert str(tmp_path) in banner.notice.remedy
    from viewer.panels.buttons import Button

    (button,) = banner.findChildren(Button)
    read.click(button)
    assert opened == [str(tmp_path)]
    there_is_a_program = False
    read.click(button)
    assert QGuiApplication.clipboard().text() == str(tmp_path)
    assert "was copied" in read.window.toast.toolTip()
    assert read.window.topbar.steps["export"].kind == "done"


def test_an_answer_after_the_export_makes_it_due_again(read: Sitting, tmp_path: Path) -> None:
    file = tmp_path / "lungs.dcm"
    file.write_bytes(b"x")
    read.key(Key.Key_E, CTRL)
    read.children.export(file)
    read.key(Key.Key_A)
    assert read.window.topbar.steps["export"].kind == ""


def test_the_toast_offers_undo_and_it_works(read: Sitting) -> None:
    first = read.desk.current or ""
    read.key(Key.Key_X)
    assert read.window.toast.isVisible()
    assert read.window.toast.label.text().endswith("rejected. Reason?")
    assert read.window.toast.button is not None
    read.click(read.window.toast.button)
    assert read.state(first) == "proposed"


def test_lungs_show_their_figures(sitting: Sitting) -> None:
    sitting.open()
    sitting.lungs()
    right, left = (row for row in sitting.window.segments.segment_rows if not row.isHidden())
    assert (right.ml.text(), right.hu.text()) == ("1,990 ml", "\u2212837 HU")
    assert (left.ml.text(), left.hu.text()) == ("1,762 ml", "\u2212825 HU")


def test_an_eye_hides_its_segment_and_keeps_the_zoom(sitting: Sitting) -> None:
    sitting.open()
    sitting.lungs()
    sitting.window.side.open(1)
    sitting.window.panes.go_to((0.0, 0.0, 0.0))
    view = sitting.window.panes.views["axial"]
    before = view.camera.mm_per_px
    right = QPoint(*(int(n) for n in view.view().pixels_of((-33.0, 6.0, 0.0))))
    left = QPoint(*(int(n) for n in view.view().pixels_of((33.0, 6.0, 0.0))))

    def coloured(at: QPoint) -> bool:
        return view.grab().toImage().pixelColor(at).saturation() > 0

    assert coloured(right) and coloured(left)
    row = sitting.window.segments.segment_rows[0]
    sitting.click(row.eye)
    assert not coloured(right) and coloured(left)
    assert view.camera.mm_per_px == before
    sitting.click(row.eye)
    assert coloured(right)


def test_another_reader_has_a_reading_of_their_own(read: Sitting) -> None:
    read.desk.set_reader("Dr Ray")
    read.key(Key.Key_A)
    reading = read.desk.reading
    read.desk.set_reader("Reader B")
    assert read.desk.reading is not None and reading is not None
    assert read.desk.reading.id != reading.id
    assert not read.window.findings.model.entries
    assert read.window.status.reader.label.text() == "Reader B"
    kept = "The reading of Dr Ray is kept under that name."
    assert read.said == f"Reader B reads on their own. {kept}"


def test_who_read_without_a_name_takes_the_reading_along_when_they_give_one(read: Sitting) -> None:
    read.key(Key.Key_A)
    read.key(Key.Key_S, CTRL | SHIFT)
    before = read.desk.reading
    assert before is not None and before.signed
    read.desk.set_reader("Dr Ray")
    now = read.desk.reading
    assert now is not None and now.id == before.id and now.states == before.states
    assert read.window.status.reader.label.text() == "Dr Ray"
    assert not now.signed, "what was signed without a name is not signed by that name"
    read.open()
    assert read.desk.reading is not None and read.desk.reading.id == before.id
    read.desk.set_reader("Reader A")
    assert read.desk.reading.id != before.id, "nobody's reading is somebody's now"


def test_a_name_that_has_a_reading_of_its_own_goes_on_with_that_one(read: Sitting) -> None:
    without = read.desk.reading
    read.desk.set_reader("Dr Ray")
    read.key(Key.Key_A)
    named = read.desk.reading
    read.desk.set_reader("Reader A")
    read.lungs()
    begun = read.desk.reading
    assert without is not None and named is not None and begun is not None
    assert without.id == named.id != begun.id
    read.desk.set_reader("Dr Ray")
    assert read.desk.reading is not None and read.desk.reading.id == named.id


def test_the_reader_is_asked_once_and_the_field_takes_no_focus_by_itself(sitting: Sitting) -> None:
    card = sitting.window.findings.reader_card
    assert card.isVisible() and QApplication.focusWidget() is not card.field
    sitting.click(card.field)
    sitting.key(Key.Key_End)
    sitting.key(Key.Key_B)
    sitting.key(Key.Key_Return)
    assert sitting.desk.reader == "Reader Ab"
    assert not card.isVisible()
    assert not isinstance(QApplication.focusWidget(), QLineEdit)
    sitting.open()
    assert not card.isVisible()


@pytest.mark.parametrize(
    ("width", "panel"), [(1024, 312), (1280, 312), (1440, 348), (1920, 380), (2560, 420)]
)
def test_the_panel_is_as_wide_as_the_layout_says(width: int, panel: int) -> None:
    assert measures(width, 900).panel == panel


@pytest.mark.parametrize("size", [(1024, 640), (1280, 720), (1440, 900), (1920, 1080)])
def test_everything_fits_into_the_window(read: Sitting, size: tuple[int, int]) -> None:
    read.window.resize(*size)
    assert (read.window.width(), read.window.height()) == size
    export = read.window.topbar.steps["export"]
    right = export.mapTo(read.window, QPoint(export.width(), 0)).x()
    assert right <= size[0]
    assert read.window.status.geometry().bottom() < size[1]


def test_the_browser_folds_and_unfolds_with_its_key(read: Sitting) -> None:
    read.key(Key.Key_B, CTRL)
    assert not read.window.studies.folded
    read.key(Key.Key_B, CTRL)
    assert read.window.studies.folded


def test_an_error_in_an_action_is_one_sentence(
    read: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(read.window.panes, "fit", fails)
    read.key(Key.Key_F)
    assert "the details are in the log" in read.said
    assert "inside" not in read.said


def test_a_banner_of_one_series_goes_with_it(sitting: Sitting) -> None:
    sitting.open()
    odd = Notice("The AI reads axial series only; this one is sagittal.", "", REFUSED, BANNER)
    sitting.desk.tell(odd)
    assert sitting.window.banners.shown
    sitting.desk.opening.series_chosen.emit(None)
    assert not sitting.window.banners.shown


def test_the_folder_dialog_holds_nothing_up_and_gives_the_keys_back(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Key.Key_O, CTRL)
    (dialog,) = sitting.window.findChildren(QFileDialog)
    assert not dialog.isModal()
    dialog.reject()
    QApplication.processEvents()
    QApplication.processEvents()
    sitting.key(Key.Key_2)
    assert sitting.window.panes.state.window.width == 400


def chosen_files(sitting: Sitting, *files: Path) -> Look:
    """The reader takes these files in the dialog that Ctrl+Shift+O opens; what is asked then."""
    sitting.key(Key.Key_O, CTRL | SHIFT)
    (dialog,) = sitting.window.findChildren(QFileDialog)
    assert not dialog.isModal() and dialog.fileMode() == QFileDialog.FileMode.ExistingFiles
    assert dialog.selectedNameFilter() == "All files (*)", "most DICOM files have no ending"
    dialog.setDirectory(str(files[0].parent))
    name = dialog.findChild(QLineEdit, "fileNameEdit")
    assert name is not None
    name.setText(" ".join(f'"{f.name}"' for f in files))
    dialog.accept()
    for _ in range(3):
        QApplication.processEvents()
    return sitting.jobs.asked(Look)


@pytest.mark.parametrize("name", ["ct.zip", "DICOMDIR", "IM000001", "lungs.nii.gz", "seg.dcm"])
def test_one_file_of_any_kind_can_be_chosen(sitting: Sitting, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    look = chosen_files(sitting, tmp_path / name)
    assert Path(look.path) == tmp_path / name and not look.only
    sitting.children.find()
    sitting.children.load()
    sitting.key(Key.Key_2)
    assert sitting.window.panes.state.window.width == 400, "the keys work again"


def test_several_files_that_are_chosen_are_opened_together(
    sitting: Sitting, tmp_path: Path
) -> None:
    files = [tmp_path / "1", tmp_path / "2"]
    for file in files:
        file.write_bytes(b"x")
    look = chosen_files(sitting, *files)
    assert Path(look.path) == tmp_path and look.only == tuple(map(str, files))


def test_start_page_and_browser_offer_files_beside_a_folder(sitting: Sitting) -> None:
    start = sitting.window.start
    assert start.open.isVisible() and start.files.isVisible()
    start.files.click()
    (dialog,) = sitting.window.findChildren(QFileDialog)
    assert dialog.fileMode() == QFileDialog.FileMode.ExistingFiles
    dialog.reject()


def test_contours_that_lie_beside_a_scan_are_offered_and_laid_on(sitting: Sitting) -> None:
    lies = Path("study") / "rtstruct.dcm"
    sitting.desk.open(Path("study"))
    found = Opened(Path("study"), OPENS, (), (chest(),), contours=(lies,))
    sitting.jobs.say(Found(sitting.jobs.asked(Look).job, found))
    (banner,) = sitting.window.banners.shown
    assert banner.notice.sentence.startswith("Contours (RT Structure Set) lie beside this scan")
    sitting.window.actions_by_id["lay-contours"].trigger()
    assert not sitting.window.banners.shown
    sitting.children.load()
    assert Path(sitting.jobs.asked(ReadSeg).path) == lies


def test_without_contours_there_is_nothing_to_lay_on(sitting: Sitting) -> None:
    sitting.open()
    assert not sitting.window.banners.shown
    sitting.window.actions_by_id["lay-contours"].trigger()
    assert sitting.said == "No contours lie beside this scan."


def test_a_gap_is_told_in_one_banner_with_the_refusal_in_it(sitting: Sitting) -> None:
    why = "One slice is missing: spacing runs from 5 to 10 mm. The AI needs equal spacing."
    gap = replace(chest(), warnings=("Image 9: left out.", why), ai_refusal=why)
    sitting.desk.open(Path("study"))
    told = (*gap.warnings, why)
    found = Opened(Path("study"), WARNS, told, (gap,), segs=(Path("study/seg.dcm"),))
    sitting.jobs.say(Found(sitting.jobs.asked(Look).job, found))
    sitting.children.load()
    sitting.key(Key.Key_F5)
    sitting.key(Key.Key_F6)
    sitting.key(Key.Key_M)
    (banner,) = sitting.window.banners.shown
    assert banner.notice.level == REFUSED
    assert banner.notice.sentence == f"Image 9: left out. {why}"
    assert banner.notice.remedy.startswith("Viewing works, AI is off.")


def test_a_refused_series_offers_the_complete_one_of_its_study_and_tells_its_details(
    sitting: Sitting,
) -> None:
    why = "One slice is missing. The AI needs equal spacing."
    gap = replace(chest(), warnings=(why,), ai_refusal=why, number=1)
    whole = replace(chest("1.2.4", description="Soft"), number=2)
    other_study = replace(chest("1.2.5"), study_uid="8.8", number=3)
    sitting.desk.open(Path("study"))
    told = Opened(Path("study"), WARNS, (why,), (gap, other_study, whole))
    sitting.jobs.say(Found(sitting.jobs.asked(Look).job, told))
    (banner,) = sitting.window.banners.shown  # told before the first slice is there
    sitting.children.load()
    instead, details = banner.buttons
    assert (instead.text(), details.text()) == ("Open series 2", "Details")
    sitting.click(details)
    assert sitting.window.pages.image_info.isVisible()
    sitting.key(Qt.Key.Key_Escape)
    step, add = sitting.window.findings.empty.findChildren(Button)
    assert (step.text(), step.kind, add.text()) == ("Open series 2", PRIMARY, "Add by hand")
    sitting.click(step)
    sitting.children.load()
    assert sitting.desk.scan is not None and sitting.desk.scan.series.number == 2
    assert not sitting.window.banners.shown


def test_a_refused_series_alone_in_its_study_offers_no_other(sitting: Sitting) -> None:
    why = "One slice is missing. The AI needs equal spacing."
    gap = replace(chest(), warnings=(why,), ai_refusal=why)
    sitting.open(gap)
    sitting.desk.choose_series(gap)
    sitting.children.load()
    (banner,) = sitting.window.banners.shown
    assert [button.text() for button in banner.buttons] == ["Details"]
    sitting.window.actions_by_id["open-complete"].trigger()
    assert sitting.desk.scan is not None and sitting.desk.scan.series.uid == gap.uid


def test_a_spoilt_slice_joins_the_banner_of_its_series(sitting: Sitting) -> None:
    odd = replace(chest(), warnings=("Gantry tilt 15.0°.",))
    sitting.desk.open(Path("study"))
    sitting.children.find(odd)
    sitting.desk.opening.choose(odd)
    wish = sitting.jobs.asked(Load)
    sitting.jobs.say(Loaded(wish.job, ("Image 4 is damaged.",)))
    (banner,) = sitting.window.banners.shown
    assert banner.notice.sentence == "Gantry tilt 15.0°. Image 4 is damaged."
    assert banner.notice.level == WARN


@pytest.mark.parametrize("wide", [1024, 1280, 1440])
def test_no_button_of_a_banner_is_cut_in_a_narrow_window(sitting: Sitting, wide: int) -> None:
    sitting.open()
    sitting.window.resize(wide, 640)
    text = "14 objects saved, re-read and equal."
    told = Notice(text, LONG_PATH, GOOD, BANNER,
                  action="open-export-folder", second="passport")  # fmt: skip
    sitting.desk.tell(told)
    for _ in range(3):  # a line that stands in its new place is as high as its words
        QApplication.processEvents()
    (banner,) = sitting.window.banners.shown
    buttons = banner.findChildren(Button)
    assert len(buttons) == 2
    for button in buttons:
        assert button.width() >= button.sizeHint().width()
        assert banner.rect().contains(button.geometry())
    for label in banner.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width())
