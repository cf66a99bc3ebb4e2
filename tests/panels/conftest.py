"""An application that wears Hilum's look."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from viewer import theme


@pytest.fixture(scope="session")
def themed(qapp: QApplication) -> QApplication:
    theme.apply_theme(qapp)
    return qapp
