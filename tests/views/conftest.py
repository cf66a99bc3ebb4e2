"""An application that wears Hilum's look, and panes on a small scan."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.views import scans
from viewer import theme
from viewer.views.panes import Panes


@pytest.fixture(scope="session")
def themed(qapp: QApplication) -> QApplication:
    theme.apply_theme(qapp)
    return qapp


@pytest.fixture
def panes(qtbot: QtBot, themed: QApplication) -> Panes:
    """The three panes at 1031 x 830 on a scan whose HU is ten times the slice index."""
    made = Panes()
    qtbot.addWidget(made)
    made.resize(1031, 830)
    made.show()
    volume = scans.ramp()
    made.set_scan(volume, scans.series_of(volume))
    return made
