"""Who drew a mask that no model of ours did: a hand, or contours of a radiotherapy plan.

A reading keeps of it what it keeps of a model, a name and a version; here stands how they are made
and read. Contours are a person's work unless their file says otherwise: a planning system's name
is the name of no algorithm. Source: DICOM PS3.3 C.8.8.5, ROI Generation Algorithm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Final

from ai.models.card import cards_folder
from ai.scan.finding import Origin
from ai.scan.labelmap import MadeBy
from viewer.dicom.written.seg_content import AUTOMATIC, MANUAL, SEMIAUTOMATIC

READER: Final = MadeBy("reader", "")
CONTOURS: Final = "contours from RTSTRUCT"
BY_HAND: Final = ("", READER.card)
"""Cards of a mask that a hand drew."""

STATED: Final = ("", "semiautomatic", "automatic")
"""What contours may say of themselves, from a hand's work on."""
LIKE_A_UID: Final = re.compile(r"\d+(\.\d+){4,}")
FOREIGN: Final = "program that a file names"
"""What is told of a program whose own name is kept from the reading."""
UNNAMED: Final = "program without a name"
SEG, RTSTRUCT, NIFTI = "SEG", "RTSTRUCT", "NIfTI"
"""Kinds of files that findings come in."""
SHORT: Final = 4
"""Parts of a name with fewer letters stand by chance in other words."""


def contours_by(label: str, stated: Iterable[str], *, identity: Iterable[str] = ()) -> MadeBy:
    """Contours of the structure set of that label, in a name that may stand in the log.

    stated: how each region says that it was made; the least of a hand's work counts. identity: of
    the patient; a label that holds any of it, or a UID, is left out.
    """
    shown = " ".join(label.split())
    names = any(part in shown.lower() for part in _parts(identity))
    if names or LIKE_A_UID.search(shown):
        shown = ""
    ways = [way.lower() for way in stated]
    how = max((STATED.index(way) for way in ways if way in STATED), default=0)
    return MadeBy(f"{CONTOURS}, {shown}" if shown else CONTOURS, STATED[how])


def made_for_nobody(made_by: MadeBy, identity: Iterable[str]) -> MadeBy:
    """The same, without what a foreign program tells of itself that names the patient, or a UID.

    identity: as above. Words of ours are left as they are: a patient may be called Lung.
    """
    if is_model_of_ours(made_by):
        return made_by
    parts = _parts(identity)
    more = ("version", "runtime", "device", "remark")
    return replace(
        made_by,
        card=_fit(made_by.card, parts) or FOREIGN,
        **{name: _fit(getattr(made_by, name), parts) for name in more},
    )


def told_to_nobody(text: str, identity: Iterable[str]) -> str:
    """A file's own words, empty where they name the patient, or hold a UID."""
    return _fit(text, _parts(identity))


def _fit(text: str, parts: set[str]) -> str:
    lower = text.lower()
    words = set(re.split(r"[\W_]+", lower))
    names = any(p in words or (p in lower and _is_telling(p)) for p in parts)
    return "" if names or LIKE_A_UID.search(text) else text


def _is_telling(part: str) -> bool:
    return len(part) >= SHORT or not part.isascii()


def _parts(identity: Iterable[str]) -> set[str]:
    parts = {part for told in identity for part in re.split(r"[\s^=,]+", told.lower())}
    return {part for part in parts if len(part) > 1}


def is_model_of_ours(made_by: MadeBy) -> bool:
    """Whether one of the models that are shipped made it."""
    return made_by.card in shipped_cards()


@cache
def shipped_cards() -> frozenset[str]:
    """Ids of the models that are shipped."""
    return frozenset(path.stem for path in cards_folder().glob("*.toml"))


def is_drawn(made_by: MadeBy) -> bool:
    """Whether no algorithm that we know of had a part in it."""
    return made_by.card in BY_HAND or (from_contours(made_by) and made_by.version == "")


def from_contours(made_by: MadeBy) -> bool:
    """Whether it came out of an RT Structure Set, however that was made."""
    return made_by.card.startswith(CONTOURS)


def algorithm_type(made_by: MadeBy, *, touched: bool, how: str = "") -> str:
    """As a segment says it. touched: a reader changed it, or added what something outlined.

    how: as the file that it came in said it; empty where it came in none.
    """
    if is_drawn(made_by):
        return MANUAL
    half = how == SEMIAUTOMATIC or (from_contours(made_by) and made_by.version == STATED[1])
    return SEMIAUTOMATIC if touched or half else AUTOMATIC


def by_program(made_by: MadeBy, origin: Origin | None) -> bool:
    """Whether an algorithm had a part in a mask out of a file. origin: what that says of it."""
    how = origin.how if origin is not None else ""
    if from_contours(made_by):
        return made_by.version != STATED[0]
    return how != MANUAL and (bool(how) or not is_drawn(made_by))


def drawn_words(made_by: MadeBy) -> str:
    """'Contours from RTSTRUCT, plan 1', 'Drawn by hand'; nothing where a model drew it."""
    if made_by.card in BY_HAND:
        return "Drawn by hand"
    if not from_contours(made_by):
        return ""
    label = made_by.card.removeprefix(CONTOURS).removeprefix(", ")
    return f"Contours from RTSTRUCT, {label}" if label else "Contours from RTSTRUCT"
