"""Studies that no longer lie where they were seen: told once, passed over, taken off the list."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ai.errors import HilumError
from viewer.language.counted import counted
from viewer.language.spoken import clause
from viewer.notices import BANNER, OPENING, WARN, Notice, of_error
from viewer.panels.study_words import study_told
from viewer.reading.library import KnownSeries

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

NAMED = 3
"""So many are told with their place; of others only how many."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Shelf", text)


def lies_there(path: Path) -> bool:
    """Whether anything can be reached at a path; a drive that does not answer holds nothing."""
    try:
        return path.exists()
    except OSError:
        return False


class Gone:
    """Of one shelf."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told: set[str] = set()
        self._missed: tuple[KnownSeries, ...] = ()

    def tell(self, missed: Sequence[KnownSeries]) -> None:
        """Which studies are not where they last lay, and what to do about it."""
        self._missed = tuple(missed)
        self._told |= {one.study_uid for one in missed}
        named = tr("; ").join(map(self._words, missed[:NAMED]))
        if len(missed) > NAMED:
            named += tr(" and {0} more").format(len(missed) - NAMED)
        if len(missed) == 1:
            text = tr("Not found where it last lay: {0}.").format(named)
            remedy = tr("Open it from its new place, or take it off the list. Its reading is kept.")
        else:
            text = tr("{0} studies not found where they last lay: {1}.")
            text = text.format(len(missed), named)
            remedy = tr(
                "Open each from its new place, or take them off the list. Their readings are kept."
            )
        self._desk.tell(Notice(text, remedy, WARN, BANNER, "take-off-list", about=OPENING))

    def tell_new(self, missed: Sequence[KnownSeries]) -> None:
        """The same, of those alone that were not told of yet."""
        new = [one for one in missed if one.study_uid not in self._told]
        if new:
            self.tell(new)

    def take_off(self) -> bool:
        """Those told of last leave the list, until they are opened again. False where none does."""
        missed = [one for one in self._missed if not lies_there(one.path)]
        self._missed = ()
        if not missed:
            self._desk.tell(Notice(tr("No study of the list was missed.")))
            return False
        try:
            self._desk.library.take_off(one.study_uid for one in missed)
        except HilumError as error:
            self._desk.tell(of_error(error))
            return False
        taken = tr("1 study is off the list."), tr("{0} studies are off the list.")
        back = tr("Opening one brings it back, with its reading.")
        self._desk.tell(Notice(counted(len(missed), *taken), back))
        return True

    def _words(self, one: KnownSeries) -> str:
        """Patient, day and place."""
        told = study_told(one, hidden=self._desk.names_hidden)
        who = clause(told.title, told.day)
        return who if self._desk.names_hidden else f"{who} ({one.path})"
