"""In a narrow list no two patients look alike: names and numbers are cut where that is safe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from viewer import theme
from viewer.panels.study_cuts import Head, Told, fitted

WIDE = 150.0
DAY = "1993-03-21"


def head(title: str, number: str = "", words: str = "", wide: float = WIDE, **more: str) -> Head:
    return Head(Told(title, number, more.get("day", DAY), more.get("time", ""), words), wide, wide)


def width(text: str) -> float:
    return QFontMetricsF(theme.font("caption")).horizontalAdvance(text)


@pytest.fixture(autouse=True)
def _fonts(themed: QApplication) -> None:
    """Widths of text are those of Hilum's fonts."""


def test_what_fits_stays_whole() -> None:
    assert fitted([head("LIDC-IDRI-0001", "P1", "CT")]) == [("LIDC-IDRI-0001", f"P1 · {DAY} · CT")]


def test_a_name_that_is_too_long_shows_its_end() -> None:
    ((title, _),) = fitted([head("LIDC-IDRI-2000-01-01-STUDY-0007")])
    assert title.startswith("LIDC") and "…" in title and title.endswith("0007")


def test_the_number_shows_both_ends_and_the_date_stays_whole() -> None:
    number = "1.3.6.1.4.1.14519.5.2.1.6279.6001.100"
    ((_, below),) = fitted([head("Doe, Jane", number, "Chest CT")])
    assert below.startswith("1.3") and f"00 · {DAY}" in below and "…" in below


def test_what_is_said_of_a_study_is_cut_before_its_date() -> None:
    ((_, below),) = fitted([head("Doe", "P1", "A very long description of it")])
    assert below.startswith(f"P1 · {DAY} · A") and below.endswith("it") and "…" in below


@pytest.mark.parametrize("number", ["", "1.3.6.1.4.1.14519.5", "H-100200300-1"])
def test_the_date_stays_whole_wherever_it_fits(number: str) -> None:
    for wide in range(60, 150):
        ((_, below),) = fitted([head("Doe", number, "CONTRAST THORAX", wide)])
        if width(DAY) <= wide:
            assert DAY in below, (wide, below)


def test_numbers_that_differ_in_their_middle_show_it_and_keep_their_date() -> None:
    for wide in range(110, 190):
        numbers = ("H-100200300-1", "H-100299300-1")
        shown = [below for _, below in fitted([head("Li, Wei", n, "CT", wide) for n in numbers])]
        assert shown[0] != shown[1]
        assert all(DAY in below for below in shown), (wide, shown)
        assert all("…T" not in below for below in shown), "what has room stays whole"


def test_studies_that_differ_in_their_last_words_alone_keep_their_date() -> None:
    for wide in range(80, 150):
        words = [f"Torture geo-{what}" for what in ("gantry-tilt", "gap", "flip")]
        shown = [below for _, below in fitted([head("Doe", "P1", text, wide) for text in words])]
        if width(f"#0 · {DAY}") <= wide:
            assert all(DAY in below for below in shown), (wide, shown)
        assert len(set(shown)) == 3


def test_studies_of_one_patient_and_day_tell_their_time() -> None:
    heads = [head("Doe", "P1", "CT", time=time) for time in ("08:00", "14:30")]
    assert [below for _, below in fitted(heads)] == [
        f"P1 · {DAY} 08:00 · CT", f"P1 · {DAY} 14:30 · CT",
    ]  # fmt: skip
    other = head("Doe", "P2", "CT", time="08:00")
    assert fitted([heads[0], other])[0][1] == f"P1 · {DAY} · CT", "the time where it is needed"
    long = [head("Doe", "H-100200300-1", "CT", 130, time=time) for time in ("08:00", "14:30")]
    assert [below[-16:] for _, below in fitted(long)] == [f"{DAY} 08:00", f"{DAY} 14:30"]


def test_where_only_words_without_room_differ_a_count_stands_behind_the_day() -> None:
    heads = [head("Li", "H-100200300-1", words, 145) for words in ("CT", "CT with contrast")]
    first, second = (below for _, below in fitted(heads))
    assert first.endswith(f"-1 · {DAY} #1") and second.endswith(f"-1 · {DAY} #2")


def test_names_that_differ_in_their_middle_show_where_they_differ() -> None:
    many = "A" * 40
    first, second = fitted([head(f"{many}1{many}"), head(f"{many}2{many}")])
    assert "1" in first[0] and "2" in second[0]


def test_the_same_study_twice_is_cut_alike() -> None:
    name = "B" * 80
    first, second = fitted([head(name), head(name)])
    assert first == second


PIECE = st.text("AB01-", max_size=60)


@given(
    st.lists(st.tuples(PIECE, PIECE, st.sampled_from(["08:00", "14:30"]), PIECE), max_size=8),
    st.integers(70, 180),
)
def test_heads_look_the_same_only_where_they_are(
    texts: list[tuple[str, str, str, str]], wide: int
) -> None:
    heads = [head(a, b, c, wide, time=time) for a, b, time, c in texts]
    shown = fitted(heads)
    for k, full in enumerate(texts):
        for n, other in enumerate(texts):
            assert (shown[k] == shown[n]) == (full == other)
            assert full[0] == other[0] or shown[k][0] != shown[n][0], "names look like names"
    for title, below in shown:
        assert width(below) <= wide
        assert DAY in below or width(f"#0 · {DAY}") > wide
        assert QFontMetricsF(theme.font("bodyStrong")).horizontalAdvance(title) <= wide


def test_the_number_goes_with_the_study_and_not_with_its_place_in_the_list() -> None:
    """Two alike but for their time, in a row that has no room for it."""
    early = Told("Doe", "P1", DAY, "08:00", rank=3)
    late = Told("Doe", "P1", DAY, "08:01", rank=8)
    wide = width(f"{DAY} #1") + 1
    for told in ((early, late), (late, early)):
        shown = fitted([Head(one, wide, wide) for one in told])
        number = {one: below for one, (_, below) in zip(told, shown, strict=True)}
        assert "#1" in number[early] and "#2" in number[late]
