"""A second series and a prior are measured as well: on their own places, by their own HU."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.fakes import CANDIDATES
from tests.measuring.conftest import Artist
from tests.window.conftest import Sitting
from tests.window.test_priors import NOW, PRIOR, align
from viewer.measuring.shapes import Kind
from viewer.reading.library import series_key
from viewer.views.layouts import AXIAL_2

Key = Qt.Key
SOFT = replace(NOW, uid="1.2", number=4)
HIGHER = 700


def shown(at: Sitting, plane: str) -> list[str]:
    """Ids of the drawings that a pane shows."""
    window = at.window
    return [one.measured.id for one in window.measuring.hand.laid(window.panes.views[plane])]


def beside(at: Sitting, second: object) -> Artist:
    at.open(NOW, second)
    at.key(Key.Key_F3)
    at.children.load()
    block = at.window.cuts.comparing._block
    assert block is not None
    block.array[...] += HIGHER  # so that nobody takes the one for the other
    QApplication.processEvents()
    return Artist(at, AXIAL_2)


def line(artist: Artist, length_mm: float = 12.0) -> tuple[tuple[float, float, float], ...]:
    x, y, z = artist.pane.view().centre_lps
    return (x - length_mm / 2, y, z), (x + length_mm / 2, y, z)


@pytest.fixture
def prior(sitting: Sitting) -> Artist:
    return beside(sitting, PRIOR)


def test_a_line_on_a_prior_belongs_to_it_and_shows_on_no_other_scan(prior: Artist) -> None:
    prior.choose(Kind.LENGTH)
    prior.drag(*line(prior))
    assert prior.last.shape.series == series_key(PRIOR.key)
    assert prior.last.figures.length_mm == pytest.approx(12.0)
    assert shown(prior.at, AXIAL_2) == [prior.last.id]
    assert shown(prior.at, "axial") == []


def test_its_hu_are_those_of_the_prior(prior: Artist) -> None:
    prior.choose(Kind.PROBE)
    place = line(prior)[0]
    prior.click(place)
    second = prior.at.window.panes.second
    assert second is not None
    assert prior.last.figures.mean_hu == second.volume.hu_at(prior.last.shape.points_lps[0])
    first = Artist(prior.at)
    first.choose(Kind.PROBE)
    first.click(line(first)[0])
    assert first.last.shape.series == ""
    volume = prior.at.window.panes.volume
    assert volume is not None
    assert first.last.figures.mean_hu == volume.hu_at(first.last.shape.points_lps[0])


def test_it_is_moved_on_its_pane_and_stays_the_priors(prior: Artist) -> None:
    prior.choose(Kind.LENGTH)
    prior.drag(*line(prior))
    end = prior.last.shape.points_lps[1]
    prior.drag(end, (end[0] + 6.0, end[1], end[2]))
    assert prior.last.figures.length_mm == pytest.approx(18.0, abs=0.5)
    assert prior.last.shape.series == series_key(PRIOR.key)
    assert len(prior.drawn) == 1


def test_two_series_in_one_frame_of_reference_show_it_both(sitting: Sitting) -> None:
    artist = beside(sitting, SOFT)
    artist.choose(Kind.LENGTH)
    artist.drag(*line(artist))
    assert artist.last.shape.series == series_key(SOFT.key)
    assert shown(sitting, AXIAL_2) == shown(sitting, "axial") == [artist.last.id]
    entry = sitting.window.measuring.panel.model.entries[0]
    assert entry.where.startswith("Se 4")


def test_the_panel_says_whose_it_is_and_a_click_goes_there(prior: Artist) -> None:
    align(prior.at)
    prior.choose(Kind.LENGTH)
    prior.drag(*line(prior))
    panel, panes = prior.at.window.measuring.panel, prior.at.window.panes
    (entry,) = panel.model.entries
    assert entry.where.startswith("PRIOR")
    there = prior.last.shape.middle_lps
    panes.scroll(5, AXIAL_2)
    assert shown(prior.at, AXIAL_2) == []
    prior.at.desk.measuring.go_to(prior.last.id)
    assert shown(prior.at, AXIAL_2) == [prior.last.id]
    at = panes.views[AXIAL_2].state.crosshair_lps
    assert at[2] == pytest.approx(there[2])


def test_where_its_series_is_not_shown_a_click_shows_it_again(prior: Artist) -> None:
    prior.choose(Kind.LENGTH)
    prior.drag(*line(prior))
    prior.at.window.cuts.close_second()
    assert shown(prior.at, "axial") == []
    prior.at.desk.measuring.go_to(prior.last.id)
    second = prior.at.window.panes.second
    assert second is not None and second.series is not None and second.series.key == PRIOR.key


def test_nothing_is_drawn_on_a_series_that_is_still_being_read(sitting: Sitting) -> None:
    sitting.open(NOW, PRIOR)
    sitting.key(Key.Key_F3)
    artist = Artist(sitting, AXIAL_2)
    artist.choose(Kind.LENGTH)
    artist.drag(*line(artist))
    assert not artist.drawn
    assert sitting.said == "This series is still being read; draw on it in a moment."


def test_what_is_half_drawn_on_a_second_series_goes_with_it(prior: Artist) -> None:
    prior.choose(Kind.ANGLE)
    prior.click(line(prior)[0])
    hand = prior.at.window.measuring.hand
    assert hand.drawing
    prior.at.window.cuts.close_second()
    assert not hand.drawing


def test_it_comes_back_from_the_log_as_it_was(prior: Artist) -> None:
    prior.choose(Kind.LENGTH)
    prior.drag(*line(prior))
    was = prior.last
    prior.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not prior.drawn
    prior.key(Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert prior.drawn == (was,)
    reading = prior.at.desk.reading
    assert reading is not None
    assert prior.at.desk._store.reading(reading.id).measurements == (was,)


def test_a_brush_on_a_second_series_says_why_not_and_what_to_do(prior: Artist) -> None:
    align(prior.at)
    prior.at.nodules(*CANDIDATES)
    first, *_ = prior.at.desk.order
    prior.at.desk.select(first)
    prior.key(Key.Key_E)
    assert prior.at.desk.editing.target is not None
    place = prior.pane.view().centre_lps
    prior.drag(place, (place[0] + 5.0, place[1], place[2]))
    assert prior.at.said == "Masks belong to the scan that is read, not to this one."
    assert "list of studies" in prior.at.notices[-1].remedy
    assert prior.at.desk.editing.strokes == 0
