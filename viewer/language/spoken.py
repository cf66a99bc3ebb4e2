"""Which language the window speaks: the reader's choice, else the system's; and Qt's part of it."""

from __future__ import annotations

import locale
import os
import re
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QTranslator

from viewer.language.catalogue import CHINESE, ENGLISH, LANGUAGES, Language, language
from viewer.language.signs import signs

OWN_NAMES = {ENGLISH: "English", CHINESE: "中文"}
"""As each is called in itself: who cannot read the one that is spoken finds the other."""

_WIDE_STOP = re.compile(r"(?<=[\u3002\uff1a\uff1f\uff1b]) ")

_spoken: Language = language(ENGLISH)


QTS_OWN = {CHINESE: "qtbase_zh_CN"}
"""Qt's words for what is its own, as its file dialog; they are installed with it."""


class Translator(QTranslator):
    """Gives Qt the catalogue's words for tr() and translate(), and for its own parts its own."""

    def __init__(self, spoken: Language) -> None:
        super().__init__()
        self._language = spoken
        self._of_qt = QTranslator()
        if spoken.code in QTS_OWN:
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            self._of_qt.load(QTS_OWN[spoken.code], folder)

    def isEmpty(self) -> bool:
        return self._language.code == ENGLISH

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        """The English where neither the catalogue nor Qt has any."""
        if context.startswith("Q") and not self._of_qt.isEmpty():  # Qt's class, none of ours
            for asked in (source, source.replace("&", "")):  # it lags behind Qt's new access keys
                said = self._of_qt.translate(context, asked, disambiguation or "", n)
                if said:
                    return said
        return self._language.text(source, context) or source


_translator: Translator | None = None


def speak(code: str) -> None:
    """From now on the window speaks this language, once it is built anew."""
    global _spoken, _translator
    _spoken = language(code)
    if _translator is not None:
        QCoreApplication.removeTranslator(_translator)
    _translator = Translator(_spoken)
    QCoreApplication.installTranslator(_translator)


def spoken() -> Language:
    """What the window speaks now."""
    return _spoken


def other() -> str:
    """The language that the window does not speak."""
    return ENGLISH if _spoken.code == CHINESE else CHINESE


def other_name() -> str:
    """What that language calls itself."""
    return OWN_NAMES[other()]


def say(english: str) -> str:
    """A sentence of code without Qt, in the language that the window speaks."""
    return signs(_spoken.say(english))


def listed(words: Iterable[str]) -> str:
    """Words one after the other, parted as the language parts them."""
    return ("\u3001" if _spoken.code == CHINESE else ", ").join(words)


def clause(*parts: str) -> str:
    """Parts of one line, whatever there is of them, as a comma joins them in the language."""
    return ("\uff0c" if _spoken.code == CHINESE else ", ").join(part for part in parts if part)


def headed(head: str, rest: str) -> str:
    """A head and what it is of, by the language's colon."""
    return head + ("\uff1a" if _spoken.code == CHINESE else ": ") + rest


def of_hundred(figure: str) -> str:
    """A figure in percent: '63 %', in Chinese '63%'."""
    return f"{figure}%" if _spoken.code == CHINESE else f"{figure} %"


def tight(text: str) -> str:
    """Sentences one after the other: a full stop of full width brings its own room."""
    return _WIDE_STOP.sub("", text)


def wanted(setting: str) -> str:
    """The language of a setting; where it names none, the system's if Hilum has it."""
    if setting in LANGUAGES:
        return setting
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    system = named or locale.getlocale()[0] or ""
    return CHINESE if system.lower().startswith(("zh", "chinese (simplified)")) else ENGLISH
