"""Which key a hand has just pressed, in the form that the key maps keep."""

from __future__ import annotations

from typing import Final
from unicodedata import east_asian_width

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from viewer.language.signs import plain_sign

ALONE: Final = frozenset(
    (
        *(Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta),
        *(Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock, Qt.Key.Key_ScrollLock),
        *(Qt.Key.Key_unknown, Qt.Key.Key_Super_L, Qt.Key.Key_Super_R, Qt.Key.Key_Menu),
    )
)
"""Keys that mean nothing by themselves."""

DIGITS: Final = dict(zip("!@#$%^&*()", "1234567890", strict=True))
"""What Shift makes of the digits on a US and on a Chinese keyboard."""


def key_of(event: QKeyEvent) -> str:
    """The key with what was held, as 'Ctrl+Shift+Z'; nothing for a modifier alone.

    The keypad's digits are digits, and Shift with a digit is that, whatever sign it would type.
    """
    key, held = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if key in ALONE:
        return ""
    if key == Qt.Key.Key_Backtab:
        key = Qt.Key.Key_Tab
    shift = Qt.KeyboardModifier.ShiftModifier
    sign = chr(key) if key < Qt.Key.Key_Escape else ""
    if plain := plain_sign(sign):
        sign, key = plain, Qt.Key(ord(plain.upper()))
    elif sign and east_asian_width(sign) in "WF":
        return ""  # composed by an input method: no keyboard has it
    if held & shift and sign in DIGITS:
        key = Qt.Key(ord(DIGITS[sign]))
    elif held & shift and sign and not sign.isalnum() and sign != " ":
        held &= ~shift  # the sign has it in it
    made = QKeySequence(QKeyCombination(held, key))
    return made.toString(QKeySequence.SequenceFormat.PortableText)
