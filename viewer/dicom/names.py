"""Names of persons as DICOM stores them: up to three ways of writing one name, found by any.

Source: DICOM PS3.5 6.2 (PN): alphabetic=ideographic=phonetic, and in each
family^given^middle^prefix^suffix.
"""

from __future__ import annotations

import unicodedata

GROUPS = 3
COMPONENTS = 5


def name_parts(raw: str) -> tuple[str, str, str]:
    """The alphabetic, the ideographic and the phonetic writing, empty where there is none.

    raw: the decoded value. Components are parted by a space, but for scripts that write names
    without one: `Wang^XiaoDong=王^小东` gives ("Wang XiaoDong", "王小东", "").
    """
    groups = [_written(group) for group in raw.split("=")[:GROUPS]]
    alphabetic, ideographic, phonetic = groups + [""] * (GROUPS - len(groups))
    return alphabetic, ideographic, phonetic


def shown_name(raw: str) -> str:
    """A name as lists show it: "Doe, Jane", or with both halves "王小东 (Wang XiaoDong)"."""
    alphabetic, ideographic, _ = name_parts(raw)
    if not ideographic or ideographic == alphabetic:
        family, _, given = raw.split("=")[0].partition("^")
        if _unspaced(alphabetic):
            return alphabetic
        given = " ".join(part.strip() for part in given.split("^") if part.strip())
        return ", ".join(part for part in (family.strip(), given) if part)
    return f"{ideographic} ({alphabetic})" if alphabetic else ideographic


def _written(group: str) -> str:
    components = [part.strip() for part in group.split("^")[:COMPONENTS]]
    said = [part for part in components if part]
    closed = said and all(_unspaced(part) for part in said)
    return ("" if closed else " ").join(said)


def _unspaced(text: str) -> bool:
    """Whether a word is written in Chinese, Japanese or Korean letters alone."""
    kinds = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "HALFWIDTH KATAKANA", "KANGXI")
    return all(unicodedata.name(c, "").startswith(kinds) or not c.isalpha() for c in text)


def search_key(text: str) -> str:
    """Text as it is compared: one case, no accents, one width, no spaces or signs.

    Müller becomes muller, and half-width kana become the full ones.
    """
    apart = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in apart if not unicodedata.combining(c) or _voices(c))
    return "".join(c for c in unicodedata.normalize("NFKC", plain) if c.isalnum())


def _voices(mark: str) -> bool:
    """The two marks that make another sound of a kana; they are no accents."""
    return mark in "\u3099\u309a"


def name_matches(raw: str, wanted: str) -> bool:
    """Whether every word of what a reader types stands in one writing of the name.

    Words may come in any order, and without the space: "xiaodong wang", "WangXiao", "小东".
    """
    words = [key for key in map(search_key, wanted.split()) if key]
    writings = [search_key(part) for part in name_parts(raw)]
    return bool(words) and any(
        all(word in writing for word in words) for writing in writings if writing
    )
