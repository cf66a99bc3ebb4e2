"""Keys typed while one window takes another's place: kept, and acted upon by the one that stays."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

FRONT_S: Final = 1.0
"""So long the window that stays is awaited in front; without a window manager it may never be."""
TURN_MS: Final = 10


class TypedMeanwhile(QObject):
    """From its making on no key is acted upon; `hand_on` lets go of them, in the order typed.

    A key that the old window has not read when it ends would be lost with it: the system queues
    keys by window.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[QKeyEvent] = []
        application = QCoreApplication.instance()
        assert application is not None
        self._application = application
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()  # so that it carries nothing out and comes as a plain key
            return True
        if not isinstance(event, QKeyEvent):
            return False
        if kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            if isinstance(watched, QWindow):
                self._kept.append(_like(event))
            return True
        return False

    def gather(self, front: QWidget) -> None:
        """All that was typed until that window is in front, where the next keys go by themselves.

        Both windows are to be whole: what else waits for its turn gets it here.
        """
        end = time.monotonic() + FRONT_S
        QCoreApplication.processEvents()
        while not front.isActiveWindow() and time.monotonic() < end:
            time.sleep(TURN_MS / 1000)
            QCoreApplication.processEvents()
        QCoreApplication.processEvents()

    def hand_on(self, front: QWidget) -> None:
        """Each key to that window, as if it was typed there now."""
        self._application.removeEventFilter(self)
        handle, kept = front.windowHandle(), self._kept
        self._kept = []
        for event in kept:
            QCoreApplication.postEvent(handle, event)


def _like(event: QKeyEvent) -> QKeyEvent:
    """One of our own: Qt's goes when it has been delivered."""
    return QKeyEvent(
        event.type(),
        event.key(),
        event.modifiers(),
        event.text(),
        event.isAutoRepeat(),
        event.count(),
    )


@dataclass(frozen=True)
class Typing:
    """The field that letters go to: its kind and number in the window, where in it, and its words,
    for the log keeps no space at their end."""

    kind: type[QWidget]
    number: int
    at: int
    text: str = ""

    def go_on(self, window: QWidget) -> None:
        """Letters go to the same field of that window, where it is in sight."""
        fields = window.findChildren(self.kind)
        field = fields[self.number] if self.number < len(fields) else None
        if field is None or not field.isVisible():
            return
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(field, QLineEdit):
            field.setCursorPosition(self.at)
        elif isinstance(field, QPlainTextEdit):
            if field.toPlainText() == self.text.strip():
                with QSignalBlocker(field):
                    field.setPlainText(self.text)
            cursor = field.textCursor()
            cursor.setPosition(min(self.at, len(field.toPlainText())))
            field.setTextCursor(cursor)


def typing_in(window: QWidget) -> Typing | None:
    """Where letters go in that window; None where they are keys."""
    field, text = window.focusWidget(), ""
    if isinstance(field, QLineEdit):
        at = field.cursorPosition()
    elif isinstance(field, QPlainTextEdit):
        at, text = field.textCursor().position(), field.toPlainText()
    else:
        return None
    kind = type(field)
    return Typing(kind, window.findChildren(kind).index(field), at, text)
