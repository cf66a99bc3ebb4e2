"""The field that names a mark just added: it takes signs, and no key of any other kind.

As with a new folder the thing is there first and its name is typed at once. Until a sign is typed
every other key does what it does without the field, and has the letters be keys again.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QKeySequence

from viewer.panels.key_entry import ALONE
from viewer.panels.parts import Field

ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class LabelField(Field):
    """bare: a mark was added, and nothing is typed yet. written: the reader has; Qt's own sign of
    it goes once a name is completed. passed: it let go of a key, or of the focus, before anything
    was typed. clicked_away: typed words stand in it, and a hand went on."""

    passed = Signal()
    clicked_away = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.bare = self.written = False
        self.textEdited.connect(self._typed)

    def setText(self, text: str | None) -> None:
        """What stands there before the reader writes."""
        super().setText(text)
        self.written = False

    def _typed(self) -> None:
        self.bare, self.written = False, True

    def event(self, event: QEvent) -> bool:
        bare = self.bare and event.type() == QEvent.Type.ShortcutOverride
        if not bare or not isinstance(event, QKeyEvent) or event.key() in ALONE:
            return super().event(event)
        if types(event):
            event.accept()
            return True
        event.ignore()
        self.bare = False
        self.passed.emit()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not (self.bare and event.isAutoRepeat()):  # the key that added the mark, still held
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if event.preeditString() or event.commitString():
            self.bare = False
        super().inputMethodEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            return
        if self.bare:
            self.bare = False
            self.passed.emit()
        elif self.written and self.text().strip():
            self.clicked_away.emit(self.text())


def types(event: QKeyEvent) -> bool:
    """Whether a key writes into an empty field, or ends it; a space alone writes nothing."""
    if event.matches(QKeySequence.StandardKey.Paste):
        return True
    held = event.modifiers() & ~(
        Qt.KeyboardModifier.ShiftModifier
        | Qt.KeyboardModifier.KeypadModifier
        | Qt.KeyboardModifier.GroupSwitchModifier
    )
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier  # AltGr, elsewhere
    if held not in (Qt.KeyboardModifier.NoModifier, both):
        return False
    return event.key() in ENDS or (event.text().isprintable() and bool(event.text().strip()))
