"""What an input method composes in a field: until it is done no key is a command or ends the field.

Most systems keep such keys to themselves; some hand them on as well (Enter that takes the word, Esc
that drops it, the keys of the candidates).
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent

ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
CHOOSING: Final = (
    *(Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
    *(Qt.Key.Key_Tab, Qt.Key.Key_Backtab),
)


class Composing:
    """Of one field, which tells it of every event before it looks at it itself."""

    def __init__(self) -> None:
        self.on = False

    def takes(self, event: QEvent) -> bool:
        """True where the field has nothing to do with the event: it is accepted, and done with."""
        if isinstance(event, QInputMethodEvent):
            self.on = bool(event.preeditString())
        elif event.type() == QEvent.Type.FocusOut:
            self.on = False
        if not self.on or not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        key = event.key()
        if key in ENTER:
            QGuiApplication.inputMethod().commit()
        elif key == Qt.Key.Key_Escape:
            QGuiApplication.inputMethod().reset()
        elif key not in CHOOSING:
            return False
        event.accept()
        return True
