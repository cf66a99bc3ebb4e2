"""What stands in a de-identified copy instead of what was there: UIDs, a pseudonym, dummies.

One secret makes them: equal UIDs become equal ones, so that masks and reports still point at their
CT, and nobody without the secret finds the way back.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydicom.dataset import Dataset

from viewer.dicom.deidentify.rules import STANDARD_UIDS, Rules, vr_of

DUMMIES: dict[str, Any] = {
    "AE": "REMOVED", "AS": "000Y", "CS": "REMOVED", "DA": "19000101", "DS": "0",
    "DT": "19000101000000", "FD": 0.0, "FL": 0.0, "IS": "0", "LO": "REMOVED", "LT": "REMOVED",
    "OB": b"\0\0", "OW": b"\0\0", "PN": "REMOVED^NAME", "SH": "REMOVED", "SL": 0, "SS": 0,
    "ST": "REMOVED", "TM": "000000", "UC": "REMOVED", "UL": 0, "UN": b"\0\0",
    "UR": "urn:removed", "US": 0, "UT": "REMOVED",
}  # fmt: skip
NUMBERS = frozenset(("DS", "IS"))
TEXTS = frozenset(("LO", "LT", "SH", "ST", "UC", "UR", "UT"))
LEAST_NAME, LEAST_WORD = 3, 4
"""Shorter ones (in bytes) would be found everywhere."""
LEAST_NUMBER = 6
WHOLE_WORDS_BELOW = 5
UID_LIKE = re.compile(rb"(?<![0-9.])[0-2](?:\.[0-9]+){5,}")


@dataclass(frozen=True)
class Replacements:
    """Replaces by a secret that stays here."""

    secret: bytes

    def uid(self, uid: str) -> str:
        """Another UID for this one, below 2.25; UIDs of the standard itself stay."""
        if not uid or uid.startswith(STANDARD_UIDS):
            return uid
        return f"2.25.{int.from_bytes(self._digest('uid', uid)[:16], 'big')}"

    def pseudonym(self, patient_id: str, name: str) -> str:
        """What the patient is called in the copy: the same person, the same pseudonym."""
        return f"ANON-{self._digest('patient', patient_id or name).hex()[:8].upper()}"

    def _digest(self, kind: str, value: str) -> bytes:
        return hmac.new(self.secret, f"{kind}\0{value}".encode(), sha256).digest()


def dummy(vr: str) -> Any:
    """A value of that VR which says nothing."""
    return DUMMIES.get(vr, "")


@dataclass(frozen=True)
class Identifiers:
    """What must not stand anywhere in the copy, as the file itself encodes it, in lower case."""

    anywhere: tuple[bytes, ...]
    as_words: tuple[bytes, ...]

    @classmethod
    def of(cls, dataset: Dataset, rules: Rules, *, keep_dates: bool) -> Identifiers:
        """Names, numbers and dates of a dataset, those in its sequences too."""
        found: set[bytes] = set()
        wanted = rules.words if keep_dates else rules.words | rules.dates
        for element in every_element(dataset):
            if element.tag in rules.names:
                parts = re.split(rb"[\^=\\ ,.]+", raw_bytes(element).lower())
                found |= {part for part in parts if len(part) >= LEAST_NAME}
            elif element.tag in wanted:
                words = (word.strip() for word in raw_bytes(element).lower().split(b"\\"))
                found |= {word for word in words if len(word) >= LEAST_WORD}
        long = sorted(word for word in found if len(word) >= WHOLE_WORDS_BELOW)
        return cls(tuple(long), tuple(sorted(found - set(long))))

    def is_number(self, value: bytes) -> bool:
        """Whether a number is one of them, digit for digit: some series bear the patient's."""
        return value.isdigit() and len(value) >= LEAST_NUMBER and value in self.anywhere

    def in_text(self, value: bytes) -> bool:
        """Whether a text holds one of them, or what looks like a UID of somebody's."""
        text = value.lower()
        if any(word in text for word in self.anywhere):
            return True
        if any(not uid.startswith(STANDARD_UIDS.encode()) for uid in UID_LIKE.findall(text)):
            return True
        # letters of any script count as such: a word ends at a space, a sign or the end
        return any(
            re.search(
                rb"(?<![0-9a-z\x80-\xff])" + re.escape(word) + rb"(?![0-9a-z\x80-\xff])", text
            )
            for word in self.as_words
        )


def raw_bytes(element: Any) -> bytes:
    """A text element's value as bytes: as stored, or as ASCII where it was parsed already."""
    value = element.value
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value.rstrip(b"\0 ")
    many = value if isinstance(value, (list, tuple)) or hasattr(value, "append") else [value]
    return "\\".join(str(one) for one in many).encode("utf-8", "replace")


def every_element(dataset: Dataset) -> list[Any]:
    """All elements but sequences, raw where they are, those inside sequences too."""
    found, waiting = [], [dataset]
    while waiting:
        level = waiting.pop()
        for tag in list(level.keys()):
            element = level.get_item(tag)
            if vr_of(element) == "SQ" and not element.tag.is_private:
                waiting += list(level[tag].value or [])
            else:
                found.append(element)
    return found
