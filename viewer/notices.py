"""What the reader is told: one sentence, what to do about it, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ai.errors import HilumError

INFO: Final = "info"
WARN: Final = "warn"
REFUSED: Final = "refused"
GOOD: Final = "good"
REJECTED: Final = "rejected"  # a toast's: the sign of the state, not of good or ill

TOAST: Final = "toast"
BANNER: Final = "banner"
STRIP: Final = "strip"

SAVING: Final = "saving"
"""What a banner is about that stands until a step is saved again."""
EXPORT: Final = "export"
"""What a banner is about that tells what went out of the open reading."""

LUNGS_ODD: Final = "lungs"
"""What a banner is about that tells what is odd about the lungs that stand."""
OPENING: Final = "opening"
"""What a banner is about that tells that something was not opened: the panes show what they did."""


@dataclass(frozen=True)
class Notice:
    """level: info, warn, refused or good. place: toast, banner over the panes, or job strip.

    action: id of the action that its button carries out, or empty; second: of another button;
    choices: actions offered for a moment, on a toast; details: shown on request. about: of banners
    about one thing only the newest stands. reading: the one it tells of; with another one open,
    as after a change of reader, it goes.
    """

    sentence: str
    remedy: str = ""
    level: str = INFO
    place: str = TOAST
    action: str = ""
    details: str = ""
    second: str = ""
    choices: tuple[str, ...] = ()
    about: str = ""
    reading: str = ""


def of_error(error: HilumError, *, place: str = BANNER) -> Notice:
    """The notice for an error of ours."""
    about = SAVING if getattr(error, "full", False) else ""
    return Notice(error.sentence, error.remedy, WARN, place, about=about)
