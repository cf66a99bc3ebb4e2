"""A synthetic chest and its lungs, made once for the whole room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ai.lungs.segment import LungsResult, segment_lungs
from ai.models.card import ModelCard, load_card
from ai.phantom.chest import Phantom, chest


@pytest.fixture(scope="session")
def card() -> ModelCard:
    return load_card("lungs-classical")


@pytest.fixture(scope="session")
def quick(card: ModelCard) -> ModelCard:
    """The same model on a coarser grid, for what does not hang on detail."""
    return replace(card, spacing_mm=(4.0, 4.0, 4.0))


@pytest.fixture(scope="session")
def phantom() -> Phantom:
    return chest("small")


@pytest.fixture(scope="session")
def tiny() -> Phantom:
    return chest("tiny")


@pytest.fixture(scope="session")
def plain(tiny: Phantom, quick: ModelCard) -> LungsResult:
    """The lungs of the tiny chest, stored in the plainest order."""
    return segment_lungs(tiny.volume, card=quick)


@pytest.fixture(scope="session")
def result(phantom: Phantom, card: ModelCard) -> LungsResult:
    return segment_lungs(phantom.volume, card=card)
