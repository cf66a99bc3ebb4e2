"""Facts about the libraries that Hilum relies on, and that have been false in some releases."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

TIMES = 100
mortal = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="True and None cannot die from Python 3.12 on"
)


class Sender(QObject):
    happened = Signal(object)


def references_lost(value: object, act: Callable[[], object]) -> int:
    before = sys.getrefcount(value)
    for _ in range(TIMES):
        act()
    return before - sys.getrefcount(value)


@mortal
def test_emitting_a_signal_costs_no_reference_to_true(qtbot: QtBot) -> None:
    """PySide6 6.12.0 on Python 3.11 lost one each time, until the process died in mid-work."""
    sender = Sender()
    sender.happened.connect(lambda value: None)
    assert references_lost(True, lambda: sender.happened.emit(1)) < TIMES // 2


@mortal
def test_a_call_without_answer_costs_no_reference_to_none(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    assert references_lost(None, lambda: widget.setEnabled(True)) < TIMES // 2


def test_an_image_keeps_the_array_it_was_made_from_alive(qtbot: QtBot) -> None:
    """Panes hand temporary arrays to QImage; a dropped buffer would paint noise."""
    import gc

    import numpy as np
    from PySide6.QtGui import QImage

    def image() -> QImage:
        pixels = np.full((64, 64), 0xFF123456, dtype=np.uint32)
        return QImage(pixels.data, 64, 64, 256, QImage.Format.Format_RGB32)

    pictures = [image() for _ in range(50)]
    gc.collect()
    noise = [np.zeros((64, 64), dtype=np.uint32) for _ in range(50)]
    assert all(picture.pixel(63, 63) == 0xFF123456 for picture in pictures)
    assert len(noise) == len(pictures)
