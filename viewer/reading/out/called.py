"""What a finding is called in DICOM: its name in the reading, and the reader's own words for it.

Both come from the report's content, so that SEG and SR say no more and no less than the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ai.scan.finding import Origin
from viewer.reading.labels import NODULE, OTHER, USE, kind_coded
from viewer.reading.report.content import ReportContent

LONG_STRING: Final = 64
"""Most characters of a DICOM LO value (PS3.5 6.2); readers and validators that count bytes take
no more of those."""


@dataclass(frozen=True)
class Called:
    """name: as the panel shows it, 'RUZ 1'. words: the reader's own; empty where a kind says it."""

    name: str = ""
    words: str = ""

    @property
    def tracking_id(self) -> str:
        """For people to find it by; its UID is what tracks it."""
        return ": ".join(filter(None, (self.name, self.words)))


NOT_CALLED: Final = Called()


def called(content: ReportContent | None) -> Mapping[str, Called]:
    """By the id of a finding; nothing where there is no report to go by."""
    lines = content.findings if content is not None else ()
    return {line.id: Called(line.name, one_line(line.label)) for line in lines}


def called_again(code: str, origin: Origin | None, description: str) -> tuple[str, str]:
    """Kind and own words of a mark that comes back in a SEG of ours, as a segment told them.

    code, description: of the segment. Any other file's mark is a nodule without words, whatever
    stands there; and words that its reading must not keep are none.
    """
    if not f"; {description}".endswith(f"; {USE}"):
        return NODULE, ""
    kind = kind_coded(code)
    _, _, words = (origin.tracking_id if origin is not None else "").partition(": ")
    told = kind == OTHER and words and description.startswith(f"{words}; ")
    return kind, words if told else ""


def one_line(text: str) -> str:
    """The printable part of a text. No backslash: in DICOM it parts one value from the next."""
    seen = " ".join(text.split()).replace("\\", "/")
    return "".join(c for c in seen if c.isprintable()).strip()


def long_string(text: str) -> str:
    """As much of a text as an LO value holds, whether characters or bytes are counted."""
    return text.encode()[:LONG_STRING].decode(errors="ignore").strip()
