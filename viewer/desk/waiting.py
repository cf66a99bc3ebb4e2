"""Commands that came before the study was there: they wait for it, or what is missing is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from viewer.keymaps import cap
from viewer.notices import INFO, WARN, Notice

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("Desk", text)


class Waiting:
    """Of one desk; what waits is carried out once, in the order in which it was asked for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._commands: list[Callable[[], None]] = []

    def scan_stands(self, again: Callable[[], None]) -> bool:
        """True when the whole scan is there; else the command waits, or says what is missing."""
        desk = self._desk
        if desk.scan is not None and desk.scan.complete and not desk.opening.busy:
            return True
        return self._wait(again)

    def reading_stands(self, again: Callable[[], None]) -> bool:
        """True when a reading is there, whatever still loads; else as above."""
        if self._desk.reading is not None and not self._desk.opening.looking:
            return True
        return self._wait(again)

    def forget(self) -> bool:
        """Whether anything waited."""
        waited = bool(self._commands)
        self._commands.clear()
        return waited

    def carry_out(self) -> None:
        waiting, self._commands = self._commands, []
        for command in waiting:
            command()

    def _wait(self, again: Callable[[], None]) -> bool:
        desk = self._desk
        if desk.opening.busy:
            self._commands.append(again)
        elif desk.scan is not None:
            text = tr("Not every image of this study was read.")
            desk.tell(Notice(text, tr("Open it again."), WARN))
        else:
            desk.tell(Notice(tr("No study is open. {0} opens one.").format(cap("open")), "", INFO))
        return False
