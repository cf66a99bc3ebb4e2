"""A language's words: texts of buttons and pages as they stand, sentences by their pattern.

Code without Qt speaks plain English, numbers and all ("4 images are missing between 60 and 65.").
Such a sentence may have come through a pipe, a file or the log, so it is known again by its
pattern, "{0} images are missing between {1} and {2}.", wherever it is shown.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from ai.resources import resource

ENGLISH, CHINESE = "en", "zh"
LANGUAGES = (ENGLISH, CHINESE)
_HOLE = re.compile(r"\{(\d+)\}")
_END = re.compile(r"(?<=[.?:\u3002])\s+")
_WIDE_STOP = re.compile(r"(?<=[\u3002\uff1a\uff1f\uff1b]) ")


@dataclass(frozen=True, eq=False)
class Language:
    """texts: English text to its words. by_context: the same, where one English word has two.
    sentences: English pattern to its pattern; holes are {0}, {1} in the order of the English."""

    code: str
    texts: Mapping[str, str]
    by_context: Mapping[str, Mapping[str, str]]
    sentences: Mapping[str, str]

    def text(self, english: str, context: str = "") -> str | None:
        """The words for a text of the window, or None where the catalogue has none."""
        told = self.by_context.get(context, {}).get(english) or self.texts.get(english)
        return told or self._anywhere.get(english)

    def say(self, english: str) -> str:
        """One or more sentences in this language; what is not known stays as it is."""
        if not english or not (self.sentences or self.texts):
            return english
        return self._known(english) or self._in_parts(english)

    @cached_property
    def _anywhere(self) -> Mapping[str, str]:
        """Words that stand under one context and are asked for under another."""
        return {
            english: said for told in self.by_context.values() for english, said in told.items()
        }

    def _known(self, english: str) -> str | None:
        plain = self.sentences.get(english) or self.text(english)
        if plain:
            return plain
        for pattern, words in self._patterns:
            match = pattern.fullmatch(english)
            if match is not None and all(map(_holds_whole, match.groups())):
                return words.format(*(self.say(value) for value in match.groups()))
        return None

    def _in_parts(self, english: str) -> str:
        """Sentence by sentence, the longest run that is known first.

        What was said already stays. In Chinese a name or own words behind a colon end as all else.
        """
        parts = _END.split(english)
        said: list[str] = []
        at, every, named = 0, True, False
        while at < len(parts):
            for end in range(len(parts), at, -1):
                run = " ".join(parts[at:end])
                known = self._known(run) if run != english else None
                if known is not None or end == at + 1:
                    break
            if known is not None:
                said[-1:] = [_ended_wide(one) if named else one for one in said[-1:]]
                named = self.code == CHINESE and known.endswith("\uff1a")
            every = every and (known is not None or run.endswith("\u3002"))
            said.append(run if known is None else known)
            at = end
        if named and said:
            said[-1] = _ended_wide(said[-1])
        if self.code != CHINESE:
            return " ".join(said)
        return _WIDE_STOP.sub("", ("" if every else " ").join(said))

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """Those with the most words of their own first: the surest match wins."""
        holed = [(t, words) for t, words in self.sentences.items() if _HOLE.search(t)]
        # nothing but holes and a full stop would be known again in every sentence
        holed = [one for one in holed if any(map(str.isalpha, _HOLE.sub("", one[0])))]
        holed.sort(key=lambda one: -len(_HOLE.sub("", one[0])))
        return tuple((_compiled(text), words) for text, words in holed)


def _ended_wide(words: str) -> str:
    """With a full stop of full width in place of its own."""
    return f"{words[:-1]}\u3002" if words.endswith(".") else words


def _holds_whole(value: str) -> bool:
    """A hole may hold whole sentences, never the end of one and the start of the next."""
    return _END.search(value) is None or value[-1] in ".?:"


def _compiled(english: str) -> re.Pattern[str]:
    """The pattern of a sentence; a hole named twice holds the same twice."""
    made, seen, last = "", set[str](), 0
    for hole in _HOLE.finditer(english):
        made += re.escape(english[last : hole.start()])
        name = f"h{hole[1]}"
        made += f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
        seen.add(name)
        last = hole.end()
    return re.compile(made + re.escape(english[last:]), re.DOTALL)


@cache
def language(code: str) -> Language:
    """A shipped language; English for a code that there is no catalogue of."""
    if code == ENGLISH or code not in LANGUAGES:
        return Language(ENGLISH, {}, {}, {})
    told = tomllib.loads(resource("translations", f"{code}.toml").read_text(encoding="utf-8"))
    return Language(code, told.get("texts", {}), told.get("context", {}), told.get("sentences", {}))
