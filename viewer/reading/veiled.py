"""Free words of a file, as a plan's label, a program's name or a UID, stay out of the log.

They may name a patient. In the log a key stands for them; the words lie in the private library. In
a reading in memory they stand as they were told. What an earlier Hilum logged stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, Protocol

from viewer.dicom.masks.drawn_by import BY_HAND, CONTOURS, FOREIGN, STATED, shipped_cards
from viewer.editing.operations import SPLITTING
from viewer.reading.codec import text_of

MARK: Final = "words:"
KEY: Final = re.compile(r"words:([0-9a-f]{16})")
VERSION: Final = re.compile(r"\d{1,3}(\.\d{1,3}){0,3}")
SHA256: Final = re.compile(r"[0-9a-f]{64}")
RUN: Final = ("runtime", "device", "remark")
TRACKED: Final = ("tracking_id", "tracking_uid")

Change = Callable[[str, dict[str, str]], dict[str, str]]
"""Of a value by its name: who made a mask, or where it came from."""


class Words(Protocol):
    """Where the words lie: the library."""

    def keep_words(self, text: str) -> str: ...
    def words_of(self, key: str) -> str: ...


def veiled(body: str, keep: Callable[[str], str]) -> str:
    """The body of a row with a key for every free word of who made a mask. Raises StoreError."""
    return _changed(body, lambda name, told: _veilers[name](told, keep))


def unveiled(body: str, words_of: Callable[[str], str]) -> str:
    """The same body as it was before; what the library has never seen is left out."""
    if MARK not in body:
        return body
    return _changed(body, lambda name, told: _unveilers[name](told, words_of))


def _changed(body: str, change: Change) -> str:
    if '"made_by"' not in body:
        return body
    other = False

    def look(data: dict[str, Any]) -> dict[str, Any]:
        nonlocal other
        for name in _veilers.keys() & data.keys():
            told = data[name]
            if isinstance(told, dict) and (now := change(name, told)) != told:
                data[name], other = now, True
        return data

    try:
        there = json.loads(body, object_hook=look)  # no list of numbers is walked
    except json.JSONDecodeError:  # a damaged row is told where it is decoded
        return body
    return text_of(there) if other else body


def _veil(made: dict[str, str], keep: Callable[[str], str]) -> dict[str, str]:
    def key(text: str) -> str:
        return MARK + keep(text) if text.strip() else ""

    card, told = made["card"], dict(made)
    if card.startswith(CONTOURS):
        label = card.removeprefix(CONTOURS).removeprefix(", ")
        told["card"] = f"{CONTOURS}, {key(label)}" if label else CONTOURS
        known = made["version"] in STATED
    else:
        ours = card in _our_cards()
        told["card"] = card if ours else key(card)
        known = ours and bool(VERSION.fullmatch(made["version"]) or not made["version"])
    if not known:
        for field in ("version", *RUN):
            told[field] = key(made.get(field, ""))
    if not SHA256.fullmatch(made.get("weights_sha256", "")):
        told["weights_sha256"] = key(made.get("weights_sha256", ""))
    return told


def _unveil(made: dict[str, str], words_of: Callable[[str], str]) -> dict[str, str]:
    told = {field: _shown(text, words_of) for field, text in made.items()}
    told["card"] = told["card"].removesuffix(", ")
    if made["card"] and not told["card"].strip():
        told["card"] = FOREIGN
    return told


def _veil_origin(told: dict[str, str], keep: Callable[[str], str]) -> dict[str, str]:
    return told | {name: MARK + keep(told[name]) for name in TRACKED if told[name]}


def _unveil_origin(told: dict[str, str], words_of: Callable[[str], str]) -> dict[str, str]:
    """Where the library is lost, a finding has no identity but this reading's."""
    return told | {name: _shown(told[name], words_of) for name in TRACKED}


def _shown(text: str, words_of: Callable[[str], str]) -> str:
    return KEY.sub(lambda found: words_of(found[1]), text)


_veilers = {"made_by": _veil, "origin": _veil_origin}
_unveilers = {"made_by": _unveil, "origin": _unveil_origin}


@cache
def _our_cards() -> frozenset[str]:
    from ai.nodules.added import GROWING  # may load scipy, which a listing needs not

    return frozenset((*BY_HAND, GROWING.card, SPLITTING.card, *shipped_cards()))
