"""What becomes of an attribute in a de-identified copy, by the table in resources/deidentify.toml.

Source: DICOM PS3.15 Annex E, Basic Application Level Confidentiality Profile, with the Clean
Structured Content Option for reports.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword

from ai.resources import resource

DATES = frozenset(("DA", "DT", "TM"))
LONG_TEXTS = frozenset(("LT", "ST", "UR", "UT"))
STANDARD_UIDS = "1.2.840.10008."
PATIENTS_OWN_DATES = frozenset((0x00100030, 0x00100032, 0x00100033, 0x00100034, 0x00100035))


class Action(StrEnum):
    """What is done to one attribute."""

    KEEP = "kept"
    REMOVE = "removed"
    EMPTY = "emptied"
    DUMMY = "replaced"
    UID = "another UID"
    LOOK_INSIDE = "cleaned inside"


_ACTIONS = {
    "D": (Action.DUMMY, Action.DUMMY),
    "Z": (Action.EMPTY, Action.EMPTY),
    "X": (Action.REMOVE, Action.REMOVE),
    "U": (Action.UID, Action.UID),
    "Z/D": (Action.EMPTY, Action.DUMMY),
    "X/Z": (Action.REMOVE, Action.EMPTY),
    "X/D": (Action.REMOVE, Action.DUMMY),
    "X/Z/D": (Action.REMOVE, Action.DUMMY),
    "X/Z/U*": (Action.LOOK_INSIDE, Action.LOOK_INSIDE),
}
"""For objects that need none of them, and for all others (a dummy fits whatever is required)."""


@dataclass(frozen=True)
class Rules:
    """The table, by tag."""

    codes: Mapping[int, str]
    groups: frozenset[int]
    repeating: tuple[int, ...]
    uids_kept: frozenset[int]
    texts_kept: frozenset[int]
    plain_classes: frozenset[str]
    names: frozenset[int]
    words: frozenset[int]
    dates: frozenset[int]
    content_texts_kept: frozenset[str]
    public_schemes: frozenset[str]
    copied_classes: frozenset[str]
    screens: tuple[str, ...]
    pages: frozenset[str]

    def action(self, tag: int, vr: str, *, plain: bool, keep_dates: bool) -> tuple[Action, str]:
        """What to do, and the profile's code that says so ("" where the table says nothing).

        vr: as the dictionary knows it; empty for what it does not know. plain: an object in which
        nothing of the table is required. keep_dates: the option that retains dates in full.
        """
        if not vr or (tag >> 16) & 1 or tag & 0xFFFF == 0 or tag >> 24 in self.repeating:
            return Action.REMOVE, "X"
        if keep_dates and vr in DATES and tag not in PATIENTS_OWN_DATES:
            return Action.KEEP, "K"
        code = self.codes.get(tag, "")
        if code:
            action = _ACTIONS[code][0 if plain else 1]
            inside = vr == "SQ" and action is Action.DUMMY
            return (Action.LOOK_INSIDE if inside else action), code
        return self._beyond(tag, vr), ""

    def _beyond(self, tag: int, vr: str) -> Action:
        if tag >> 16 in self.groups or vr == "AE":
            return Action.REMOVE
        if vr == "SQ":
            return Action.LOOK_INSIDE
        if vr == "PN":
            return Action.EMPTY
        if vr in DATES:
            return Action.DUMMY
        if vr == "UI":
            return Action.KEEP if tag in self.uids_kept else Action.UID
        if vr in LONG_TEXTS and tag not in self.texts_kept:
            return Action.REMOVE
        return Action.KEEP


@cache
def rules() -> Rules:
    """The shipped table. Raises ValueError where it names an attribute that does not exist."""
    with resource("deidentify.toml").open("rb") as file:
        told = tomllib.load(file)
    beyond, seen = told["beyond"], told["identifiers"]
    codes = {tag: code for code, words in told["table"].items() for tag in _tags(words)}
    return Rules(
        codes=codes,
        groups=frozenset(int(group, 16) for group in beyond["groups"]),
        repeating=tuple(int(group, 16) for group in beyond["repeating_groups"]),
        uids_kept=_tags(beyond["uids_kept"]),
        texts_kept=_tags(beyond["texts_kept"]),
        plain_classes=frozenset(beyond["plain_classes"]),
        names=_tags(seen["names"]),
        words=_tags(seen["words"]),
        dates=_tags(seen["dates"]),
        content_texts_kept=frozenset(told["content"]["texts_kept"]),
        public_schemes=frozenset(told["codes"]["public"].split()),
        copied_classes=frozenset(told["objects"]["copied"].split()),
        screens=tuple(told["objects"]["screens"]),
        pages=frozenset(told["objects"]["pages"]),
    )


def _tags(words: str) -> frozenset[int]:
    found = {word: tag_for_keyword(word) for word in words.split()}
    if unknown := [word for word, tag in found.items() if tag is None]:
        raise ValueError(f"deidentify.toml names no attribute: {', '.join(unknown)}")
    return frozenset(tag for tag in found.values() if tag is not None)


def vr_of(element: Any) -> str:
    """The VR of an element, raw or not; empty where the dictionary does not know its tag."""
    try:
        known = str(dictionary_VR(element.tag))
    except KeyError:
        return ""
    told = str(element.VR or "")
    # what the dictionary leaves open ("US or SS") is as the file says, or a number anyway
    return told if len(known) > 2 and len(told) == 2 and told != "UN" else known[:2]
