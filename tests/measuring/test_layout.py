"""What a pane says of drawings: all figures where there is room, one line or none where not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.measuring import phantoms
from tests.views import scans
from viewer import theme
from viewer.measuring.figures import measure
from viewer.measuring.hits import Box
from viewer.measuring.layout import Layouts, lay_out
from viewer.measuring.shapes import Measured
from viewer.views.panes import Panes
from viewer.views.state import TEXT_LEVELS


@pytest.fixture
def panes(qtbot: QtBot, qapp: QApplication) -> Panes:
    theme.apply_theme(qapp)
    made = Panes()
    qtbot.addWidget(made)
    made.resize(1031, 830)
    made.show()
    volume = scans.ramp()
    made.set_scan(volume, scans.series_of(volume))
    made.go_to((0.0, 0.0, 0.0))
    return made


def oval(panes: Panes) -> Measured:
    assert panes.volume is not None
    z = panes.views["axial"].slice_lps()[2]
    return measure(phantoms.ellipse((0.0, 0.0, z), (12.0, 8.0)), panes.volume)


def test_a_large_pane_tells_all_and_a_small_one_a_single_line(panes: Panes) -> None:
    axial, one = panes.views["axial"], oval(panes)
    (large,) = lay_out(axial, [one], label_of=lambda _: "")
    assert len(large.lines) == 3
    axial.resize(300, 260)
    (small,) = lay_out(axial, [one], label_of=lambda _: "")
    assert len(small.lines) == 1 and "mean" in small.lines[0]


def test_words_stay_clear_of_what_the_pane_says_and_of_its_scale_bar(panes: Panes) -> None:
    axial = panes.views["axial"]
    axial.resize(300, 260)
    one = oval(panes)
    (laid,) = lay_out(axial, [one], label_of=lambda _: "", selected=one.id)
    assert laid.traced.text is not None
    for rect in axial.corners.places(axial.camera.mm_per_px):
        place = Box(rect.left(), rect.top(), rect.right(), rect.bottom())
        assert not laid.traced.text.meets(place)


def test_of_many_drawings_a_small_pane_has_the_plate_of_the_selected_one_alone(
    panes: Panes,
) -> None:
    axial, one = panes.views["axial"], oval(panes)
    many = [replace(one, shape=replace(one.shape, id=f"m{n}")) for n in range(7)]
    (*others, last) = lay_out(axial, many, label_of=lambda _: "", selected="m3")
    assert all(laid.traced.text is not None for laid in (*others, last)), "a large pane has all"
    axial.resize(419, 400)
    (*others, last) = lay_out(axial, many, label_of=lambda _: "", selected="m3")
    assert last.measured.id == "m3" and last.traced.text is not None
    assert len(others) == 6 and all(laid.traced.text is None for laid in others)


def test_a_small_pane_says_nothing_where_it_would_hide_a_finding(panes: Panes) -> None:
    axial, one = panes.views["axial"], oval(panes)
    axial.resize(300, 260)
    everywhere = [Box(0, 0, 300, 260)]
    (hidden,) = lay_out(axial, [one], label_of=lambda _: "", taken=everywhere)
    assert hidden.traced.text is None
    (chosen,) = lay_out(axial, [one], label_of=lambda _: "", taken=everywhere, selected=one.id)
    assert chosen.traced.text is not None, "what is in the hand is told"


def test_words_are_laid_anew_when_the_pane_itself_says_more_or_less(panes: Panes) -> None:
    axial = panes.views["axial"]
    axial.resize(300, 260)
    assert panes.volume is not None
    corner = (-60.0, -60.0, axial.slice_lps()[2])
    one = measure(phantoms.ellipse(corner, (12.0, 8.0)), panes.volume)
    layouts, told = Layouts(lambda _: ""), []
    for level in TEXT_LEVELS:
        panes.set_text_level(level)
        (kept,) = layouts.of(axial, (one,), None, one.id)
        (fresh,) = lay_out(axial, [one], label_of=lambda _: "", selected=one.id)
        assert kept.traced.text == fresh.traced.text
        told.append(kept.traced.text)
    assert told[0] != told[-1], "there is room where the pane's own words were"
