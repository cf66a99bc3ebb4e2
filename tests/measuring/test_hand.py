"""A reader draws on the panes: by drag and by clicks, with Enter and Esc, on any plane."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.fakes import chest
from tests.measuring.conftest import Artist, Key
from tests.views.test_mouse import LEFT, NONE, SHIFT, send, turn
from tests.window.conftest import Sitting
from viewer.measuring.flat import depth_mm
from viewer.measuring.layout import Laid
from viewer.measuring.shapes import Kind
from viewer.views.planes import PLANES

TISSUE_HU, LUNG_HU = 40, -850
"""What the fakes' chest holds: a block of tissue 12 mm wide in the middle of lung."""


def laid(artist: Artist, plane: str = "axial") -> list[Laid]:
    window = artist.at.window
    return window.measuring.hand.laid(window.panes.views[plane])


def field() -> QLineEdit:
    found = QApplication.focusWidget()
    assert isinstance(found, QLineEdit)
    return found


@pytest.mark.parametrize(
    ("key", "keys", "kind"),
    [
        (Key.Key_D, Qt.KeyboardModifier.NoModifier, Kind.LENGTH),
        (Key.Key_B, Qt.KeyboardModifier.NoModifier, Kind.BIDIRECTIONAL),
        (Key.Key_G, Qt.KeyboardModifier.NoModifier, Kind.ANGLE),
        (Key.Key_O, Qt.KeyboardModifier.NoModifier, Kind.ELLIPSE),
        (Key.Key_O, Qt.KeyboardModifier.ShiftModifier, Kind.FREEHAND),
        (Key.Key_Q, Qt.KeyboardModifier.NoModifier, Kind.PROBE),
        (Key.Key_T, Qt.KeyboardModifier.NoModifier, Kind.ARROW),
    ],
)
def test_each_key_gives_the_left_hand_its_tool(artist: Artist, key, keys, kind: Kind) -> None:
    artist.key(key, keys)
    assert artist.at.window.panes.state.tool == kind.value


def test_a_distance_by_a_drag_is_the_one_by_two_clicks(artist: Artist) -> None:
    by_drag = artist.length(-20, 22)
    artist.click((-20.0, 30.0, artist.z), (22.0, 30.0, artist.z))
    by_clicks = artist.last
    for one in (by_drag, by_clicks):
        assert one.figures.length_mm == pytest.approx(42.0, abs=1e-6)
    assert (by_drag.shape.number, by_clicks.shape.number) == (1, 2)


@pytest.mark.parametrize("plane", PLANES)
def test_it_lies_on_the_plane_it_was_drawn_on_and_shows_there_alone(artist: Artist, plane) -> None:
    artist.plane = plane
    artist.choose(Kind.LENGTH)
    here, across = artist.pane.slice_lps(), PLANES[plane]
    x, y, depth = across.along(here)
    ends = [across.lps((x + n, y + n / 3, depth)) for n in (-20.0, 20.0)]
    artist.drag(*(tuple(map(float, end)) for end in ends))
    shape = artist.last.shape
    assert shape.normal_lps == across.onward
    assert depth_mm(shape) == pytest.approx(across.along(here)[2])
    assert [name for name in PLANES if laid(artist, name)] == [plane]
    artist.at.window.panes.scroll(1, plane)
    assert not laid(artist, plane)
    artist.at.window.panes.scroll(-1, plane)
    assert len(laid(artist, plane)) == 1


def test_two_axes_by_two_drags(artist: Artist) -> None:
    artist.choose(Kind.BIDIRECTIONAL)
    z = artist.z
    artist.drag((-20.0, 0, z), (0.0, 0, z), (20.0, 0, z))
    assert not artist.drawn and artist.at.window.measuring.hand.drawing
    artist.drag((4.0, -8, z), (4.0, 0, z), (6.0, 6, z))
    figures = artist.last.figures
    assert (figures.long_mm, figures.short_mm) == (pytest.approx(40), pytest.approx(14))


def test_after_the_first_axis_the_plate_says_that_the_short_one_is_waited_for(
    artist: Artist,
) -> None:
    artist.choose(Kind.BIDIRECTIONAL)
    z = artist.z
    artist.press((-20.0, 0, z))
    artist.move((20.0, 0, z))
    assert laid(artist)[-1].lines == ("40.0 mm",)
    artist.release((20.0, 0, z))
    assert laid(artist)[-1].lines == ("Now the short axis", "40.0 mm")
    artist.drag((4.0, -8, z), (4.0, 0, z), (6.0, 6, z))
    assert laid(artist)[-1].lines == ("40.0 × 14.0 mm",)


@pytest.mark.parametrize("key", [Key.Key_D, Key.Key_G, Key.Key_Return])
def test_one_axis_alone_is_kept_as_a_length_when_the_hand_turns_to_something_else(
    artist: Artist, key: Qt.Key
) -> None:
    artist.length(y=16.0)
    artist.choose(Kind.BIDIRECTIONAL)
    z = artist.z
    artist.drag((-20.0, 0, z), (0.0, 0, z), (20.0, 0, z))
    artist.key(key)
    assert not artist.at.window.measuring.hand.drawing
    assert artist.last.shape.kind is Kind.LENGTH and artist.last.shape.number == 2
    assert artist.last.figures.length_mm == pytest.approx(40)
    assert "kept as Length 2" in artist.at.said and artist.at.notices[-1].action == "undo"
    artist.at.desk.undo()
    assert len(artist.drawn) == 1


def test_an_angle_left_with_one_arm_is_given_up_with_a_word(artist: Artist) -> None:
    artist.choose(Kind.ANGLE)
    artist.drag((20.0, 0, artist.z), (10.0, 0, artist.z), (0.0, 0, artist.z))
    assert laid(artist)[-1].lines[0] == "Now the other arm"
    artist.key(Key.Key_D)
    assert not artist.drawn and "given up" in artist.at.said


def test_an_angle_by_a_drag_and_a_click(artist: Artist) -> None:
    artist.choose(Kind.ANGLE)
    z = artist.z
    artist.drag((20.0, 0, z), (10.0, 0, z), (0.0, 0, z))
    artist.click((20.0, 20.0, z))
    assert artist.last.figures.angle_deg == pytest.approx(45)


def test_an_oval_over_tissue_counts_tissue_and_one_beside_it_lung(artist: Artist) -> None:
    artist.choose(Kind.ELLIPSE)
    z = artist.z
    artist.drag((-5.0, -5, z), (0.0, 0, z), (4.5, 4.5, z))
    inner = artist.last.figures
    assert (inner.mean_hu, inner.sd_hu, inner.median_hu) == (TISSUE_HU, 0, TISSUE_HU)
    artist.drag((20.0, 20, z), (30.0, 30, z), (40.0, 32, z), keys=SHIFT)
    beside = artist.last.figures
    assert beside.mean_hu == LUNG_HU
    assert beside.area_mm2 == pytest.approx(math.pi * 100)


def test_a_freehand_stroke_closes_by_itself(artist: Artist) -> None:
    artist.choose(Kind.FREEHAND)
    turns = [n * math.pi / 24 for n in range(48)]
    artist.drag(*((20 * math.cos(t), 20 * math.sin(t), artist.z) for t in turns))
    assert artist.last.figures.area_mm2 == pytest.approx(math.pi * 400, rel=0.02)


def test_an_outline_by_clicks_closes_on_its_first_corner_or_on_enter(artist: Artist) -> None:
    artist.choose(Kind.FREEHAND)
    z = artist.z
    corners = [(-20.0, -20.0, z), (20.0, -20.0, z), (20.0, 20.0, z), (-20.0, 20.0, z)]
    artist.click(*corners, corners[0])
    assert artist.last.figures.area_mm2 == pytest.approx(1600)
    artist.click(*((x / 2, y / 2, z) for x, y, z in corners))
    artist.hover((0.0, 0.0, z))
    assert len(artist.drawn) == 1
    artist.key(Key.Key_Return)
    assert artist.last.figures.area_mm2 == pytest.approx(400) and len(artist.drawn) == 2


def test_a_point_tells_its_hu_and_follows_until_let_go(artist: Artist) -> None:
    artist.choose(Kind.PROBE)
    artist.drag((40.0, 40, artist.z), (30.0, 10, artist.z), (0.0, 0, artist.z))
    assert artist.last.figures.mean_hu == TISSUE_HU
    artist.click((40.0, 40, artist.z))
    assert artist.last.figures.mean_hu == LUNG_HU


def test_an_arrow_asks_for_words_and_keeps_them_out_of_the_log(artist: Artist) -> None:
    artist.choose(Kind.ARROW)
    artist.drag((0.0, 0, artist.z), (20.0, 10, artist.z), (30.0, 20, artist.z))
    assert not artist.drawn
    field().setText("Frau Doe's node")
    artist.key(Key.Key_Return)
    board = artist.at.desk.measuring
    assert board.title_of(artist.last.shape) == "Frau Doe's node"
    assert "Doe" not in str(artist.at.desk.reading.history[-1].event)
    assert laid(artist)[0].lines == ("Frau Doe's node",)


def test_esc_while_words_are_typed_gives_up_the_arrow_alone(artist: Artist) -> None:
    artist.choose(Kind.ARROW)
    artist.drag((0.0, 0, artist.z), (20.0, 10, artist.z))
    artist.key(Key.Key_Escape)
    assert not artist.drawn and not laid(artist)
    assert not isinstance(QApplication.focusWidget(), QLineEdit)


def test_esc_gives_up_the_drawing_first_and_only_then_the_job(artist: Artist) -> None:
    artist.key(Key.Key_F5)
    artist.choose(Kind.LENGTH)
    artist.click((0.0, 0, artist.z))
    artist.hover((20.0, 0, artist.z))
    assert laid(artist)
    artist.key(Key.Key_Escape)
    assert not laid(artist) and artist.at.jobs.ai.cancelled == []
    artist.key(Key.Key_Escape)
    assert len(artist.at.jobs.ai.cancelled) == 1 and not artist.drawn


def test_enter_finishes_the_drawing_first_and_only_then_the_own_pass(artist: Artist) -> None:
    artist.at.desk.own_pass.start_in("second")
    artist.choose(Kind.LENGTH)
    artist.click((0.0, 0, artist.z))
    artist.hover((20.0, 0, artist.z))
    artist.key(Key.Key_Return)
    assert artist.last.figures.length_mm == pytest.approx(20)
    assert artist.at.desk.reading.own_pass is None
    artist.key(Key.Key_Return)
    assert artist.at.desk.reading.own_pass is not None


def test_enter_on_half_a_drawing_says_what_it_lacks(artist: Artist) -> None:
    artist.choose(Kind.ANGLE)
    artist.click((0.0, 0, artist.z))
    artist.hover((20.0, 0, artist.z))
    artist.key(Key.Key_Return)
    assert "more points" in artist.at.said
    assert artist.at.desk.reading.own_pass is None


def test_esc_in_the_middle_of_a_pull_leaves_everything_as_it_was(artist: Artist) -> None:
    was = artist.length()
    artist.press(was.shape.points_lps[1])
    artist.move((30.0, 12, artist.z))
    artist.key(Key.Key_Escape)
    artist.release((30.0, 12, artist.z))
    assert artist.drawn == (was,)


def test_another_tool_ends_what_was_begun(artist: Artist) -> None:
    artist.choose(Kind.LENGTH)
    artist.click((0.0, 0, artist.z))
    artist.key(Key.Key_W)
    assert not artist.at.window.measuring.hand.drawing


def test_two_quick_clicks_on_one_spot_are_one_point_and_one_pane_stays_with_the_others(
    artist: Artist,
) -> None:
    artist.choose(Kind.ANGLE)
    spot = (0.0, 0.0, artist.z)
    artist.click(spot)
    send(artist.pane, QEvent.Type.MouseButtonDblClick, artist.px(spot), LEFT, LEFT)
    artist.release(spot)
    artist.click((20.0, 0, artist.z), (20.0, 20, artist.z))
    assert artist.last.figures.angle_deg == pytest.approx(90)
    assert artist.at.window.panes.views["coronal"].isVisible()


def test_a_drag_on_another_slice_begins_anew(artist: Artist) -> None:
    artist.choose(Kind.LENGTH)
    artist.click((0.0, 0, artist.z))
    artist.at.window.panes.scroll(2, "axial")
    assert not laid(artist)
    artist.drag((0.0, 10, artist.z), (10.0, 10, artist.z), (20.0, 10, artist.z))
    assert artist.last.figures.length_mm == pytest.approx(20)
    assert artist.last.shape.points_lps[0][2] == pytest.approx(artist.z)


def test_the_wheel_turns_no_slice_under_a_line_that_is_dragged(artist: Artist) -> None:
    artist.choose(Kind.LENGTH)
    z = artist.z
    artist.press((0.0, 0, z))
    artist.move((10.0, 0, z))
    turn(artist.pane, 120)
    assert artist.z == z
    artist.release((10.0, 0, z))
    turn(artist.pane, 120)
    assert artist.z != z


def test_a_line_of_no_length_is_no_drawing(artist: Artist) -> None:
    artist.choose(Kind.ELLIPSE)
    artist.drag((0.0, 0, artist.z), (20.0, 0, artist.z))
    assert not artist.drawn and not artist.at.window.measuring.hand.drawing


def test_while_the_scan_loads_a_drawing_waits_and_has_its_hu_when_all_is_there(
    sitting: Sitting,
) -> None:
    sitting.desk.open(Path("study"))
    sitting.children.find()
    sitting.children.load(whole=False)
    artist = Artist(sitting)
    artist.choose(Kind.PROBE)
    artist.click((0.0, 0, artist.z))
    assert not artist.drawn
    sitting.children.load()
    assert artist.last.figures.mean_hu == TISSUE_HU


def test_without_a_study_nothing_is_drawn(sitting: Sitting) -> None:
    artist = Artist(sitting)
    artist.choose(Kind.LENGTH)
    send(artist.pane, QEvent.Type.MouseButtonPress, QPointF(50, 50), LEFT, LEFT)
    send(artist.pane, QEvent.Type.MouseButtonRelease, QPointF(60, 60), LEFT, NONE)
    assert artist.drawn == ()


def test_a_pane_that_shows_another_scan_takes_no_drawing_and_shows_none(artist: Artist) -> None:
    artist.length()
    series = chest("7.7")
    other = artist.at.desk.scan.volume.__class__(
        series.geometry, artist.at.desk.scan.volume.hu.copy()
    )
    artist.at.window.panes.set_scan(other, series)
    assert laid(artist) == []
    artist.drag((0.0, 0, artist.z), (10.0, 0, artist.z))
    assert len(artist.drawn) == 1
    assert "series that is being read" in artist.at.said
