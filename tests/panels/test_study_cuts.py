"""In a narrow list no two patients look alike: names and numbers are cut where that is safe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from viewer.panels.study_cuts import Line, fitted

WIDE = 150.0


def head(title: str, below: str = "", wide: float = WIDE) -> tuple[Line, Line]:
    return Line(title, "bodyStrong", wide), Line(below, "caption", wide)


@pytest.fixture(autouse=True)
def _fonts(themed: QApplication) -> None:
    """Widths of text are those of Hilum's fonts."""


def test_what_fits_stays_whole() -> None:
    assert fitted([head("LIDC-IDRI-0001", "P1 · 2000-01-02")]) == [
        ("LIDC-IDRI-0001", "P1 · 2000-01-02")
    ]


def test_a_number_that_is_too_long_shows_its_end() -> None:
    ((title, _),) = fitted([head("LIDC-IDRI-2000-01-01-STUDY-0007")])
    assert title.startswith("LIDC") and "…" in title and title.endswith("0007")


def test_the_number_shows_both_ends_and_the_date_stays_whole() -> None:
    number = "1.3.6.1.4.1.14519.5.2.1.6279.6001.100"
    ((_, below),) = fitted([head("Doe, Jane", f"{number} · 2000-01-02 · Chest CT")])
    assert below.startswith("1.3.6") and "100 · 2000-01-02" in below and "…" in below


def test_what_is_said_of_a_study_is_cut_before_its_date() -> None:
    ((_, below),) = fitted([head("Doe", "P1 · 2000-01-02 · A very long description of it")])
    assert below.startswith("P1 · 2000-01-02 · A") and below.endswith("it") and "…" in below


def test_names_that_differ_in_their_middle_show_where_they_differ() -> None:
    many = "A" * 40
    first, second = fitted([head(f"{many}1{many}"), head(f"{many}2{many}")])
    assert "1" in first[0] and "2" in second[0]


def test_the_same_study_twice_is_cut_alike() -> None:
    name = "B" * 80
    first, second = fitted([head(name), head(name)])
    assert first == second


@given(
    st.lists(st.tuples(st.text("AB01-", max_size=60), st.text("AB0 ·", max_size=60)), max_size=8),
    st.integers(50, 180),
)
def test_heads_look_the_same_only_where_they_are(texts: list[tuple[str, str]], wide: int) -> None:
    heads = [head(title, below, wide) for title, below in texts]
    shown = fitted(heads)
    for k, full in enumerate(texts):
        for n, other in enumerate(texts):
            assert (shown[k] == shown[n]) == (full == other)
    for lines, cut in zip(heads, shown, strict=True):
        assert all(line.fits(text) for line, text in zip(lines, cut, strict=True))
