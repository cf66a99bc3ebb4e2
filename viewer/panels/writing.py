"""A field of several lines in which letters type; Esc leaves it, a pause or leaving keeps it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit

from viewer import theme
from viewer.panels.composing import Composing

PAUSE_MS = 800
SOON_MS = 150
"""Letters wait so long at most before they are told: a kill loses no more than that."""


class Writing(QPlainTextEdit):
    """`typed` comes while letters come, `kept` once for each change that lasted; `left` on Esc."""

    typed = Signal()
    kept = Signal()
    left = Signal()

    def __init__(self, lines: int) -> None:
        self._composing = Composing()
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setTabChangesFocus(True)
        self.setFixedHeight(lines * theme.line_height("body") + 2 * theme.size("space.m"))
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.kept)
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self.typed)
        self.textChanged.connect(self._changed)

    @property
    def text(self) -> str:
        return self.toPlainText().strip()

    @property
    def waits(self) -> bool:
        """Whether something was typed that is not kept yet."""
        return self._pause.isActive()

    def show_text(self, text: str) -> None:
        """Other words, that were not typed here; the cursor stays where they are the same."""
        if text != self.text:
            self.setPlainText(text)
        self._pause.stop()
        self._soon.stop()

    def keep_now(self) -> None:
        """What was typed and not yet kept is kept."""
        if self._pause.isActive():
            self._pause.stop()
            self._soon.stop()
            self.kept.emit()

    def _changed(self) -> None:
        self._pause.start()
        if not self._soon.isActive():
            self._soon.start()

    def event(self, event: QEvent) -> bool:
        if self._composing.takes(event):
            return True
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.keep_now()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.keep_now()
        super().focusOutEvent(event)
