"""The reader's signature as it stands when something goes out: when, how often amended, by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from viewer.reading.reading import Reading

NEVER: Final = "never"
SIGNED: Final = "signed"
CHANGED: Final = "changed"
NOBODY: Final = "Reader A"
"""The name that the status bar shows until the reader gives one."""


@dataclass(frozen=True)
class Signature:
    """state: never signed, signed, or changed since. at: of the last signature, ISO 8601 UTC.

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
    state = SIGNED if reading.signed else CHANGED
    return Signature(state, reading.signed_at, reading.amended, given, organisation.strip())


def signature_words(reading: Reading, reason: str = "") -> str:
    """When it was signed and whether that holds; nothing for a reading never signed.

    reason: why it was amended last, in the reader's words.
    """
    signature = signature_of(reading)
    if signature.state == NEVER:
        return ""
    when = signature.moment
    day, hour = f"{when:%Y-%m-%d}", f"{when:%H:%M}"
    if signature.state == CHANGED:
        return f"Signed on {day} at {hour} and changed since: this is not what was signed."
    if not signature.amended:
        return f"Signed by the reader on {day} at {hour}."
    told = f"Amended after it was signed; signed again by the reader on {day} at {hour}."
    why = f"Reason: {reason.strip().rstrip('.')}."
    return f"{told} {why}" if reason.strip() else told
