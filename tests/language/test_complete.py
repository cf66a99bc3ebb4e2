"""Every text that Hilum can show has its words in every language."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ai.models.card import TASKS, cards
from viewer.language.catalogue import LANGUAGES, language

TOOL = Path(__file__).parents[2] / "packaging" / "translations.py"
ENGLISH_WORDS = re.compile(r"[a-z]+ [a-z]+")
HOLE = re.compile(r"\{(\d+)[^}]*\}")
OTHERS = [code for code in LANGUAGES if code != "en"]


@pytest.mark.parametrize("code", OTHERS)
def test_nothing_is_missing_and_nothing_is_left_over(code: str) -> None:
    told = subprocess.run(
        [sys.executable, str(TOOL), code], capture_output=True, text=True, encoding="utf-8"
    )
    assert told.returncode == 0, told.stdout


KEY = re.compile(
    r"(?<![\w{.\"-])(?:(?:Ctrl|Shift|Alt)\+[A-Z]|F[2-9]|[B-HJ-Z]|Space|Del)(?![\w/%:-])"
)
"""A key that a reader may give away, named in a sentence. (A and I are words; F1 is fixed.)"""
OF_A_MAP = ("Not as in ",)
"""Sentences about a ready map of keys, whoever has changed it since."""


def test_no_sentence_names_a_key_that_the_reader_can_give_to_something_else() -> None:
    named = [
        english
        for english in language("zh").texts
        if KEY.search(english) and " " in english and not english.startswith(OF_A_MAP)
    ]
    assert named == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_text_of_the_window_keeps_each_of_its_values(code: str) -> None:
    for english, words in language(code).texts.items():
        assert sorted(HOLE.findall(words)) == sorted(HOLE.findall(english)), english


@pytest.mark.parametrize("code", OTHERS)
def test_a_sentence_asks_for_no_value_that_it_is_not_given(code: str) -> None:
    for english, words in language(code).sentences.items():
        assert set(HOLE.findall(words)) <= set(HOLE.findall(english)), english


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_is_known_again_with_its_values_filled_in(code: str) -> None:
    spoken = language(code)
    for english, words in spoken.sentences.items():
        values = [f"q{n}q" for n in range(12)]
        if len(HOLE.sub("", english)) >= 8:
            assert spoken.say(english.format(*values)) == words.format(*values), english


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_shown_of_a_model_card_is_said_whole(code: str) -> None:
    """A card's limits are a dozen sentences: not one stays English among the others."""
    spoken = language(code)
    every = [card for task in TASKS for card in cards(task)]
    assert every
    for card in every:
        for part in (card.title, card.intended_use, card.limits):
            assert not ENGLISH_WORDS.search(spoken.say(part)), card.id
