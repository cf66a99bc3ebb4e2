"""What is being typed into the report, kept from one moment to the next until the log has it."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING

from ai.errors import HilumError
from viewer.reading.draft import Draft, Typed
from viewer.reading.library import reader_key, series_key
from viewer.reading.reader_events import ReportWritten

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


class Drafting:
    """Of one desk: one draft, of the open series by the reader who sits there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._draft: Draft | None = None
        self._of = "", ""

    def typed(self, findings: str, impression: str) -> None:
        """Both texts as they stand now. What cannot be kept here is told when the log refuses."""
        draft = self._here()
        if draft is not None:
            with contextlib.suppress(HilumError, OSError):
                draft.keep(findings, impression)

    def kept(self) -> None:
        """The log has what was typed."""
        draft = self._here()
        if draft is not None:
            with contextlib.suppress(HilumError):
                draft.drop()

    def left(self) -> Typed | None:
        """What was typed in a window that was killed, and is not in the log yet."""
        draft = self._here()
        if draft is None:
            return None
        try:
            typed = draft.read()
        except HilumError:
            return None
        reading = self._desk.reading
        assert reading is not None
        written = [r.at for r in reading.history if isinstance(r.event, ReportWritten)]
        if typed is None or (written and _moment(written[-1]) > _moment(typed.at)):
            return None
        return typed

    def _here(self) -> Draft | None:
        desk = self._desk
        if desk.scan is None or desk.reading is None:
            return None
        of = series_key(desk.scan.series.key), reader_key(desk.reader)
        if self._draft is None or of != self._of:
            if self._draft is not None:
                self._draft.close()
            self._draft, self._of = Draft(*of), of
        return self._draft


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at)
