"""What a reader typed as a name, in DICOM's own form, with every word of it.

Source: DICOM PS3.5 6.2 (PN): family^given^middle^prefix^suffix; alphabetic=ideographic=phonetic.
"""

from __future__ import annotations

import unicodedata
from typing import Final

COMPONENTS: Final = 5
GROUP: Final = 64
"""Signs of one group at most."""
PREFIXES: Final = frozenset(
    ("dr", "dr.", "prof", "prof.", "professor", "doctor", "pd", "priv.-doz.", "med", "med.",
     "mr", "mr.", "mrs", "mrs.", "ms", "ms.")
)  # fmt: skip
TITLES: Final = ("主任医师", "主治医师", "医师", "医生", "教授", "主任", "博士")
TWO_SIGN_FAMILIES: Final = frozenset(
    ("欧阳", "司马", "诸葛", "上官", "东方", "夏侯", "皇甫", "尉迟", "公孙", "令狐", "长孙",
     "慕容", "司徒", "端木", "南宫", "独孤")
)  # fmt: skip


def person_name(typed: str) -> str:
    """A valid PN of what was typed; empty where it holds no name.

    "Dr Anna Maria Ray" is Ray^Anna^Maria^Dr, a Chinese name the ideographic group; what has
    DICOM's own ^ already stays as it is.
    """
    if "^" in typed:
        parts = [plain_name(part) for part in typed.split("^")[:COMPONENTS]]
        return _joined(parts)
    name = " ".join(plain_name(typed).split())
    if not any(map(str.isalnum, name)):
        return ""
    if _ideographic(name):
        return f"={_joined(_east_asian(name))}"
    return _joined(_western(name))


def _western(name: str) -> list[str]:
    """Leading titles are the prefix, the last word the family; "Ray, Anna" is turned round."""
    words = name.split()
    front = 0
    while front < len(words) - 1 and words[front].casefold() in PREFIXES:
        front += 1
    prefix, rest = " ".join(words[:front]), " ".join(words[front:])
    family, comma, given = (part.strip() for part in rest.partition(","))
    if comma and family and given:
        first, _, middle = given.partition(" ")
        return [family, first, middle, prefix]
    *before, family = rest.split()
    first, middle = (before[0] if before else ""), " ".join(before[1:])
    return [family, first, middle, prefix]


def _east_asian(name: str) -> list[str]:
    title = next((title for title in TITLES if name.endswith(title) and name != title), "")
    name = name.removesuffix(title).strip()
    family, parted, given = name.partition(" ")
    if not parted and _han(name) and len(name) > 1:
        long = 2 if name[:2] in TWO_SIGN_FAMILIES and len(name) > 2 else 1
        family, given = name[:long], name[long:]
    return [family, given, "", title]


def _joined(parts: list[str]) -> str:
    return "^".join(parts).rstrip("^")[:GROUP].rstrip("^ ")


def _ideographic(name: str) -> bool:
    kinds = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")
    return all(unicodedata.name(c, "").startswith(kinds) for c in name if c.isalpha())


def _han(name: str) -> bool:
    return all(unicodedata.name(c, "").startswith("CJK") for c in name)


def plain_name(name: str) -> str:
    """A name without the signs that divide a person's name in DICOM (PS3.5 6.2, PN)."""
    return "".join(c for c in name if c not in "^=\\" and c.isprintable()).strip()[:50]
