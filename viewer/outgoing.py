"""What has gone out of the reading on the desk: the passport of its last export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.reading.passport import Passport, passport_of

if TYPE_CHECKING:
    from viewer.desk import Desk


class Outgoing(QObject):
    """Of one desk. A passport is kept as it came, or read again from the file that went out."""

    passport_changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._passport: Passport | None = None

    @property
    def passport(self) -> Passport | None:
        """Of the last export of the open reading; None where nothing went out."""
        reading = self._desk.reading
        if reading is None:
            return None
        if self._passport is None or self._passport.reading != reading.id:
            self._passport = last_passport(self._desk.library.exports_of(reading.id))
        return self._passport

    @property
    def folder(self) -> Path | None:
        """Where the last export of the open reading lies."""
        reading = self._desk.reading
        files = self._desk.library.exports_of(reading.id) if reading is not None else ()
        return Path(files[-1]).parent if files else None

    def exported(self, passport: Passport | None) -> None:
        """An export came to its end; its passport is None where nothing was written."""
        if passport is not None:
            self._passport = passport
            self.passport_changed.emit()


def last_passport(files: tuple[str, ...]) -> Passport | None:
    """The newest passport.json of these files that is still there and whole."""
    for name in reversed(files):
        path = Path(name)
        if path.suffix == ".json" and path.stem.split("-")[0] == "passport":
            try:
                return passport_of(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
    return None
