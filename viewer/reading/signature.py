"""The reader's signature as it stands when something goes out: when, how often amended, by whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from viewer.reading.events import UNDOABLE, Restored, Withdrawn
from viewer.reading.reader_events import Amended, ReaderNamed, Reopened, ReportWritten, Signed
from viewer.reading.reading import Reading

NEVER: Final = "never"
SIGNED: Final = "signed"
CHANGED: Final = "changed"
REOPENED: Final = "reopened"
NOBODY: Final = "Reader A"
"""The name that the status bar shows until the reader gives one."""


@dataclass(frozen=True)
class Signature:
    """state: never signed, signed, changed since, or only opened again.

    at: of the last signature, ISO 8601 UTC.
    amended: how many signatures followed the first. name, organisation: the reader's own, given to
    be told where the signature is; empty where they were not.
    """

    state: str = NEVER
    at: str = ""
    amended: int = 0
    name: str = ""
    organisation: str = ""

    @property
    def verifies(self) -> bool:
        """Whether it makes a report a verified one: DICOM asks for a name and an organisation.

        Source: DICOM PS3.3 C.17.2, Verifying Observer Sequence.
        """
        return self.state == SIGNED and bool(self.name and self.organisation)

    @property
    def moment(self) -> datetime:
        """When it was signed last, in the time of this machine. Raises ValueError where never."""
        return datetime.fromisoformat(self.at).astimezone()


NOT_SIGNED: Final = Signature()


def signature_of(reading: Reading, *, name: str = "", organisation: str = "") -> Signature:
    """Of a reading as it stands. name: as the reader gave it; the name of nobody is none."""
    if not reading.signed_row:
        return NOT_SIGNED
    given = "" if name.strip() == NOBODY else name.strip()
    state = SIGNED if reading.signed else REOPENED if only_reopened(reading) else CHANGED
    return Signature(state, reading.signed_at, reading.amended, given, organisation.strip())


def signature_words(
    reading: Reading,
    words_of: Callable[[str], str] = str,
    *,
    reader: str = "",
    organisation: str = "",
) -> tuple[str, ...]:
    """Every signature with its time, and whether the last one holds; a text each, oldest first.

    words_of: the reader's own words by their key, as why it was amended. reader,
    organisation: who signed and where, if that may be told. Nothing for a reading never signed.
    """
    told: list[str] = []
    for row in reading.history:
        if not isinstance(row.event, Signed | Amended):
            continue
        day, hour = _day_hour(row.at)
        if told:
            text = f"Amended after it was signed; signed again by the reader on {day} at {hour}."
        else:
            text = f"Signed by the reader on {day} at {hour}."
        name, place = _ended(reader), _ended(organisation)
        reason = _ended(words_of(row.event.reason)) if isinstance(row.event, Amended) else ""
        given = (
            ("Name of the reader:", name),
            ("Organisation of the reader:", place),
            ("Reason given:", reason),
        )
        told.append(" ".join((text, *(f"{what} {words}" for what, words in given if words))))
    if told and not reading.signed:
        day, hour = _day_hour(reading.signed_at)
        if only_reopened(reading):
            told.append(f"Signed on {day} at {hour} and opened again; nothing was changed yet.")
            return tuple(told)
        told.append(f"Signed on {day} at {hour} and changed since: this is not what was signed.")
    return tuple(told)


def only_reopened(reading: Reading) -> bool:
    """True where a signed reading was opened again, and all stands as it was signed."""
    if reading.signed or not reading.signed_row:
        return False
    for row in reading.history:
        event = row.event
        if row.seq <= reading.signed_row or row.seq in reading.withdrawn:
            continue
        if isinstance(event, Withdrawn | Restored) and event.target < reading.signed_row:
            return False
        if isinstance(event, (*UNDOABLE, ReportWritten, ReaderNamed)):
            return False
    return any(isinstance(row.event, Reopened) for row in reading.history)


def _ended(words: str) -> str:
    """Own words with one full stop at the end."""
    return f"{words.strip().rstrip('.。')}." if words.strip() else ""


def _day_hour(at: str) -> tuple[str, str]:
    when = datetime.fromisoformat(at).astimezone()
    return f"{when:%Y-%m-%d}", f"{when:%H:%M}"
