"""Signs as they are printed: a minus before a figure, figures without a tail of decimals.

Tables and JSON keep the hyphen, which machines read as a sign.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from unicodedata import normalize

MINUS: Final = "\u2212"
_HYPHEN: Final = re.compile(
    r"(?<![\w./\\\u2212-])-(?=\d[\d,]*(?:\.\d+)?(?: ?(?:HU|mm|°|%)| (?:to|至|is|and|和) |[;；。]))"
)
"""One before a figure with a unit or an end; in names, dates and ids hyphens stay."""

_ZERO: Final = re.compile(r"-0(?:\.0*)?(?!\d|[.,]\d)")
"""What rounding leaves of a figure just below zero, with all that stands after it."""

STOPS: Final = {"\u3002": ".", "\u3001": ",", "\u3010": "[", "\u3011": "]"}
"""Signs that a Chinese input method sets in a key's place and that are no wide form of it."""


def plain_sign(sign: str) -> str:
    """The sign of the key that was meant by one of full width: '\uff41' is 'a', '\u3002' is '.'.

    Nothing for any other sign, and for words.
    """
    if len(sign) != 1:
        return ""
    plain = STOPS.get(sign) or normalize("NFKC", sign)
    return plain if plain != sign and len(plain) == 1 and " " <= plain <= "~" else ""


def minus(text: str) -> str:
    """A figure's own text with a true minus; a zero that was rounded from below has none."""
    if _ZERO.match(text):
        return text[1:]
    return text.replace("-", MINUS, 1) if text.startswith("-") else text


def signs(sentence: str) -> str:
    """A sentence with a true minus before each figure in it; before a zero there is none."""
    return _HYPHEN.sub(lambda m: "" if _ZERO.match(sentence, m.start()) else MINUS, sentence)


def tidy(value: float) -> str:
    """A length or an angle with two decimals at most: '3.99', '2.5', '5'; halves go up."""
    told = Decimal(repr(float(value))).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{told.normalize():f}" if told else "0"
