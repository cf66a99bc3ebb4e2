"""What is dropped onto the window opens as one study, whether it is one path or many."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from tests.dicom.small import hu_of, write_ct
from tests.dicom.test_sources import zipped
from tests.window.conftest import NONE, Sitting
from viewer.dicom.find import open_path
from viewer.dicom.io_messages import Look
from viewer.dicom.series import OPENS, REFUSED, WARNS
from viewer.window.dropping import dropped


def carrying(*paths: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl(path) if "://" in path else QUrl.fromLocalFile(path) for path in paths])
    return mime


@pytest.mark.parametrize(
    ("paths", "folder", "only"),
    [
        (("/ct/a",), "/ct/a", ()),
        (("/ct/1.dcm", "/ct/2.dcm"), "/ct", ("/ct/1.dcm", "/ct/2.dcm")),
        (("/ct/a/thin", "/ct/b.zip"), "/ct", ("/ct/a/thin", "/ct/b.zip")),
        (("https://a.org/ct.zip", "/ct/胸部 1"), "/ct/胸部 1", ()),
    ],
)
def test_one_path_is_opened_itself_and_several_of_their_folder(
    paths: tuple[str, ...], folder: str, only: tuple[str, ...]
) -> None:
    found = dropped(carrying(*paths))
    assert found is not None and found.path == Path(folder)
    assert found.only == tuple(map(Path, only))


def test_paths_on_two_drives_are_all_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_common(paths: object) -> str:
        raise ValueError("Paths don't have the same drive")

    monkeypatch.setattr("viewer.window.dropping.os.path.commonpath", no_common)
    found = dropped(carrying("/c/thin", "/d/thick"))
    assert found is not None and found.path == Path("/c/thin")
    assert found.only == (Path("/c/thin"), Path("/d/thick"))


def test_words_and_addresses_are_no_study() -> None:
    mime = QMimeData()
    mime.setText("a word")
    assert dropped(mime) is None and dropped(carrying("https://a.org/ct.zip")) is None


def test_all_files_that_are_dropped_are_asked_for(sitting: Sitting) -> None:
    mime = carrying("/ct/1.dcm", "/ct/2.dcm")
    at, copy, left = QPointF(400, 300), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(at.toPoint(), copy, mime, left, NONE)
    QApplication.sendEvent(sitting.window, enter)
    assert enter.isAccepted() and sitting.window.start.drop.lit
    drop = QDropEvent(at, copy, mime, left, NONE)
    QApplication.sendEvent(sitting.window, drop)
    look = sitting.jobs.asked(Look)
    assert drop.isAccepted() and look.path == "/ct" and look.only == ("/ct/1.dcm", "/ct/2.dcm")


def test_the_slices_that_were_dropped_are_the_study(tmp_path: Path) -> None:
    files = write_ct(tmp_path, hu=hu_of(12))
    opened = open_path(tmp_path, only=files[2:9])
    assert opened.outcome == OPENS and len(opened.series[0].sources) == 7
    assert opened.path == tmp_path


def test_a_folder_an_archive_and_a_letter_together_open_what_can_be_opened(tmp_path: Path) -> None:
    write_ct(tmp_path / "thin", series="1.2.3.1")
    write_ct(tmp_path / "_", series="1.2.3.2", number=2)
    archive = zipped(tmp_path / "_", tmp_path / "thick.zip")
    letter, gone = tmp_path / "letter.txt", tmp_path / "gone"
    letter.write_text("Dear colleague")
    (tmp_path / "out").mkdir()
    only = (tmp_path / "thin", archive, letter, gone)
    opened = open_path(tmp_path, only=only, unpack_to=tmp_path / "out")
    assert {series.uid for series in opened.series} == {"1.2.3.1", "1.2.3.2"}
    assert opened.outcome == WARNS and opened.sentences == ("There is nothing at gone.",)


def test_where_nothing_dropped_can_be_opened_all_reasons_are_told(tmp_path: Path) -> None:
    opened = open_path(tmp_path, only=(tmp_path / "one", tmp_path / "two"))
    assert opened.outcome == REFUSED
    assert opened.sentences == ("There is nothing at one. There is nothing at two.",)
