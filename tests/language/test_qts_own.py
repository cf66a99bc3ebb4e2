"""Qt's own parts speak the window's language: its file dialog is not half English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton

from viewer.language.catalogue import CHINESE, ENGLISH
from viewer.language.spoken import speak


@pytest.fixture
def chinese(qapp: QApplication) -> Iterator[None]:
    speak(CHINESE)
    yield
    speak(ENGLISH)


def has_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def test_the_file_dialog_is_wholly_chinese(qtbot, chinese: None) -> None:
    dialog = QFileDialog()
    qtbot.addWidget(dialog)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    told = [one.text() for one in (*dialog.findChildren(QLabel), *dialog.findChildren(QPushButton))]
    told = [text for text in told if any(map(str.isalpha, text))]
    assert len(told) >= 4 and not [text for text in told if not has_chinese(text)]


def test_what_is_ours_stays_ours_and_english_is_qts_english(qapp: QApplication) -> None:
    speak(CHINESE)
    try:
        assert QCoreApplication.translate("Desk", "Open a folder...") != "Open a folder..."
        assert QCoreApplication.translate("QFileDialog", "no such words") == "no such words"
    finally:
        speak(ENGLISH)
    assert QCoreApplication.translate("QFileDialog", "Look in:") == "Look in:"
