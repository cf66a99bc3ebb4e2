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


def test_without_a_number_the_date_stays_whole_too() -> None:
    day = "1993-03-21"
    for wide in range(60, 150):
        ((_, below),) = fitted([head("Doe", f"{day} · CONTRAST THORAX", wide)])
        if head("", day, wide)[1].fits(day):
            assert below.startswith(day), (wide, below)


def test_the_date_goes_last_and_whole_beside_a_number_too() -> None:
    day = "1993-03-21"
    for wide in range(60, 150):
        ((_, below),) = fitted([head("Doe", f"1.3.6.1.4.1.14519.5 · {day} · Chest", wide)])
        if head("", day, wide)[1].fits(day):
            assert day in below, (wide, below)


def test_studies_that_differ_in_their_last_words_alone_keep_their_date() -> None:
    day = "2020-05-06"
    for wide in range(80, 150):
        texts = [f"P1 · {day} · Torture geo-{what}" for what in ("gantry-tilt", "gap", "flip")]
        shown = [below for _, below in fitted([head("Doe", text, wide) for text in texts])]
        if head("", f"0 · {day}", wide)[1].fits(f"0 · {day}"):
            assert all(day in below for below in shown), (wide, shown)
        assert len(set(shown)) == 3


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
