"""Model cards: found, read, and refused with a sentence when they are not whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ai.errors import BadInput, OutsideError
from ai.models.card import TASKS, ModelCard, cards, load_card
from ai.resources import resource
from ai.scan.labelmap import LUNGS


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with the shipped lung card alone."""
    text = resource("cards", "lungs-classical.toml").read_text(encoding="utf-8")
    (tmp_path / "lungs-classical.toml").write_text(text, encoding="utf-8")
    return tmp_path


def spoil(shelf: Path, old: str, new: str) -> None:
    path = shelf / "lungs-classical.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_lung_card_says_what_its_labels_mean() -> None:
    card = load_card("lungs-classical")
    assert card.segments == LUNGS
    assert (card.task, card.family) == ("lungs", "classical")
    assert card.made_by.name == f"lungs-classical {card.version}"


def test_every_shipped_card_is_whole() -> None:
    shipped = {path.stem for path in resource("cards").glob("*.toml")}
    listed = [card for task in TASKS for card in cards(task)]
    assert {card.id for card in listed} == shipped
    for card in listed:
        assert card.intended_use
        assert card.limits
        assert bool(card.weights) == bool(card.weights_sha256)


def test_cards_are_listed_by_task() -> None:
    assert "lungs-classical" in [card.id for card in cards("lungs")]
    assert all(card.task == "lungs" for card in cards("lungs"))


def test_an_unknown_task_is_told() -> None:
    with pytest.raises(BadInput, match="no task named 'liver'"):
        cards("liver")


@pytest.mark.parametrize("name", ["nobody", "", "../tokens", "lungs-classical.toml", "cards/../x"])
def test_an_unknown_card_is_told_and_leads_nowhere(name: str) -> None:
    with pytest.raises(OutsideError, match="no model card named") as caught:
        load_card(name)
    assert "lungs-classical" in caught.value.remedy


VERSION = f'version = "{load_card("lungs-classical").version}"'


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (VERSION, "", "lacks version"),
        (VERSION, "version = 1", "version must be a text"),
        (VERSION, 'version = " "', "version must be a text"),
        ('task = "lungs"', 'task = "liver"', "liver"),
        ("hu_range = [-1024, 600]", "hu_range = [600, -1024]", "makes no sense"),
        ("hu_range = [-1024, 600]", "hu_range = [600]", "spoilt"),
        ("spacing_mm = [2.0, 2.0, 2.0]", "spacing_mm = [0.0, 2.0, 2.0]", "makes no sense"),
        ("least_slices = 12", 'least_slices = "many"', "spoilt"),
        ("number = 1", "", "lacks number"),
        ('kind = ["39607008", "SCT", "Lung"]', 'kind = ["39607008"]', "spoilt"),
        ('id = "lungs-classical"', 'id = "lungs-network"', "calls itself lungs-network"),
        ('title = "Lungs (classical)"', "title = ", "not valid TOML"),
        ("[expects]", "[hopes]", "lacks expects"),
    ],
)
def test_a_spoilt_card_is_told_with_what_is_wrong(
    shelf: Path, old: str, new: str, word: str
) -> None:
    spoil(shelf, old, new)
    with pytest.raises(OutsideError, match=word) as caught:
        load_card("lungs-classical", folder=shelf)
    assert "lungs-classical.toml" in caught.value.sentence
    assert caught.value.remedy


def test_bytes_that_are_no_text_are_told(shelf: Path) -> None:
    (shelf / "lungs-classical.toml").write_bytes(b"\xff\xfe\x00id")
    with pytest.raises(OutsideError, match="not valid TOML"):
        load_card("lungs-classical", folder=shelf)


def test_one_spoilt_card_never_costs_the_others(shelf: Path) -> None:
    (shelf / "broken.toml").write_text("id = ", encoding="utf-8")
    assert [card.id for card in cards("lungs", folder=shelf)] == ["lungs-classical"]


def test_a_missing_operating_point_is_told() -> None:
    card: ModelCard = load_card("lungs-classical")
    assert card.operating_point("air_hu") == -400
    with pytest.raises(BadInput, match="no operating point named sensitivity"):
        card.operating_point("sensitivity")


def test_reading_a_card_loads_nothing_heavy() -> None:
    code = (
        "import sys; from ai.models.card import load_card; load_card('lungs-classical');"
        "print([m for m in ('torch', 'scipy', 'SimpleITK', 'PySide6', 'vtkmodules')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.stdout.strip() == "[]"
