"""The 3-D pane: what it says, what it asks for, what hands do in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from ai.errors import OutOfMemory
from ai.scan.finding import BoxMask
from ai.worker.messages import BlockRef
from tests.views.scans import lying, two_balls
from tests.volume.fakes import CARD, GEOMETRY, NO_CARD, FakeSession
from viewer.notices import Notice
from viewer.views.state import Mark, PaneText, ViewState
from viewer.volume.camera import SIDES, VolumeCamera
from viewer.volume.cover import ASKING, ENDED, MAKING, NOTHING, SHOWN, TRYING
from viewer.volume.messages import Trouble
from viewer.volume.view import VolumeView

BLOCK = BlockRef("hilum-1-1", (40, 48, 52), "int16")


@pytest.fixture
def fake() -> FakeSession:
    return FakeSession()


@pytest.fixture
def view(qtbot: QtBot, themed: QApplication, fake: FakeSession) -> VolumeView:
    made = VolumeView(session=fake)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(600, 500)
    made.show()
    return made


@pytest.fixture
def shown(view: VolumeView, fake: FakeSession) -> VolumeView:
    """With a scan, its lungs and its first picture, at rest."""
    view.set_scan(BLOCK, GEOMETRY)
    view.set_labels(two_balls(GEOMETRY))
    fake.is_ready(CARD)
    fake.send()
    QTest.qWait(1)
    return view


def said(view: VolumeView) -> str:
    return view._cover.text.strip()


def button(view: VolumeView) -> QPushButton:
    QApplication.processEvents()
    (found,) = [one for one in view._cover.findChildren(QPushButton) if one.isVisibleTo(view)]
    return found


def press(view: VolumeView, key: Qt.Key) -> None:
    QTest.keyClick(view.canvas, key)


# Opening


def test_without_a_scan_it_says_so_and_starts_nothing(view: VolumeView, fake: FakeSession) -> None:
    assert view.state == NOTHING and said(view) == "No scan is open"
    view.show_3d()
    assert fake.starts == [] and fake.looks == []


def test_on_a_card_it_opens_by_itself(view: VolumeView, fake: FakeSession) -> None:
    view.set_scan(BLOCK, GEOMETRY)
    assert view.state == TRYING and fake.starts == [False]
    fake.is_ready(CARD)
    assert view.state == MAKING and [one.moving for one in fake.looks] == [True]
    fake.send()
    assert view.state == SHOWN and view.canvas.picture is not None


def test_without_a_card_it_offers_to_and_waits(
    view: VolumeView, fake: FakeSession, qtbot: QtBot
) -> None:
    view.set_scan(BLOCK, GEOMETRY)
    fake.is_ready(NO_CARD)
    assert view.state == ASKING and fake.looks == []
    assert said(view).startswith("No graphics card was found")
    qtbot.mouseClick(button(view), Qt.MouseButton.LeftButton)
    assert view.state == MAKING and len(fake.looks) == 1
    fake.send()
    assert view.state == SHOWN


def test_a_pane_out_of_sight_tries_no_driver_and_asks_for_no_picture(
    view: VolumeView, fake: FakeSession
) -> None:
    view.hide()
    view.set_scan(BLOCK, GEOMETRY)
    assert fake.starts == []
    view.show()
    assert fake.starts == [False]
    fake.is_ready(CARD)
    fake.send()
    view.hide()
    before = len(fake.looks)
    view.set_preset("skin")
    assert len(fake.looks) == before
    view.show()
    assert fake.looks[-1].preset == "skin"


def test_long_out_of_sight_its_process_ends_and_in_sight_it_goes_on_as_it_was(
    shown: VolumeView, fake: FakeSession, qtbot: QtBot
) -> None:
    shown.show_3d()
    shown.canvas.move_to(shown.canvas.camera.turned(50, 20))
    camera = shown.canvas.camera
    shown._away.setInterval(1)
    shown.hide()
    qtbot.waitUntil(lambda: fake.closed)
    shown.show()
    assert fake.starts == [False, False]
    fake.is_ready(NO_CARD)  # it was asked for: it is not asked again
    assert shown.state == MAKING and fake.looks[-1].camera == camera
    fake.send()
    assert shown.state == SHOWN


def test_back_in_sight_soon_it_is_still_there(shown: VolumeView, fake: FakeSession) -> None:
    shown.hide()
    shown.show()
    QTest.qWait(5)
    assert not fake.closed and shown.state == SHOWN and not shown._away.isActive()


def test_the_next_scan_opens_as_the_last_one_did(view: VolumeView, fake: FakeSession) -> None:
    view.set_scan(BLOCK, GEOMETRY)
    fake.is_ready(NO_CARD)
    assert view.state == ASKING
    view.set_scan(BLOCK, GEOMETRY)
    assert view.state == ASKING  # it was not asked for
    view.show_3d()
    view.set_scan(BLOCK, GEOMETRY)
    assert view.state == MAKING  # now it was
    view.set_scan(None, None)
    assert view.state == NOTHING


# Ending


def test_a_process_that_dies_costs_one_sentence_and_the_next_goes_without_the_card(
    shown: VolumeView, fake: FakeSession, qtbot: QtBot
) -> None:
    fake.dies()
    assert shown.state == ENDED and said(shown) == "The 3-D process ended. Your reading is safe."
    assert shown.canvas.picture is None
    qtbot.mouseClick(button(shown), Qt.MouseButton.LeftButton)
    assert fake.starts == [False, True]
    fake.is_ready(NO_CARD)
    fake.send()
    assert shown.state == SHOWN


def test_a_driver_that_does_not_start_is_said(view: VolumeView, fake: FakeSession) -> None:
    view.set_scan(BLOCK, GEOMETRY)
    fake.dies(was_ready=False)
    assert said(view) == "The graphics driver does not start. The cuts need none."


@pytest.mark.parametrize("place", ["here", "there"])
def test_too_little_memory_is_a_sentence_too(
    shown: VolumeView, fake: FakeSession, place: str
) -> None:
    if place == "here":
        fake.fails = OutOfMemory("There is no room.", "Close other programs.")
        shown.set_preset("skin")
        fake.fails = None
    else:
        fake.troubled.emit(Trouble(1, "There is no room.", "Close other programs."))
    assert shown.state == ENDED and said(shown) == "There is no room. Close other programs."
    shown.show_3d()
    assert shown.state == MAKING
    fake.send()
    assert shown.state == SHOWN


def test_closing_ends_the_process(shown: VolumeView, fake: FakeSession) -> None:
    shown.close()
    assert fake.closed


# Pictures


def test_no_full_picture_stands_before_the_first_drag(
    view: VolumeView, fake: FakeSession, qtbot: QtBot
) -> None:
    view._rest.setInterval(1)
    view.set_scan(BLOCK, GEOMETRY)
    fake.is_ready(CARD)
    QTest.qWait(20)
    assert all(one.moving for one in fake.looks), "the first picture is still being made"
    fake.send()
    qtbot.waitUntil(lambda: not fake.looks[-1].moving, timeout=1000)


def test_what_moves_is_coarse_and_a_full_picture_follows_at_rest(
    shown: VolumeView, fake: FakeSession, qtbot: QtBot
) -> None:
    fake.looks.clear()
    for _ in range(3):
        press(shown, Qt.Key.Key_Right)
    assert [one.moving for one in fake.looks] == [True, True, True]
    qtbot.waitUntil(lambda: not fake.looks[-1].moving)
    assert len(fake.looks) == 4
    assert fake.looks[-1].camera == fake.looks[-2].camera


def test_a_full_picture_that_was_dropped_is_asked_for_again(
    shown: VolumeView, fake: FakeSession, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: not fake.looks[-1].moving)
    before = len(fake.looks)
    fake.dropped.emit()
    qtbot.waitUntil(lambda: len(fake.looks) == before + 1)
    assert not fake.looks[-1].moving


def test_tags_stand_where_the_shown_picture_has_its_findings_not_where_the_next_will(
    shown: VolumeView, fake: FakeSession
) -> None:
    shown.set_marks((Mark("a", 1, (30.0, 0.0, 0.0), 5.0, "accepted"),))
    fake.send()
    at = shown.canvas._tags()[0][0]
    shown.canvas.move_to(shown.canvas.camera.turned(100, 0))
    assert shown.canvas._tags()[0][0] == at
    fake.send()
    assert shown.canvas._tags()[0][0] != at


def test_dense_screens_are_asked_for_in_their_own_pixels(
    shown: VolumeView, fake: FakeSession
) -> None:
    wanted = fake.looks[-1]
    assert wanted.ratio == shown.canvas.devicePixelRatioF()
    assert (wanted.width, wanted.height) == (shown.canvas.width(), shown.canvas.height())


# Presets and findings


def test_with_lungs_it_is_glass_and_without_them_bones(view: VolumeView, fake: FakeSession) -> None:
    view.set_scan(BLOCK, GEOMETRY)
    assert view.preset == "bone"
    chip = view.bar._by_id["glass"]
    assert not chip.isEnabledTo(view.bar) and chip.toolTip() == "Segment the lungs first"
    view.set_labels(two_balls(GEOMETRY))
    assert view.preset == "glass" and chip.isEnabledTo(view.bar) and chip.isChecked()
    assert {n: len(rgb) for n, rgb in fake.told["lungs"][1].items()} == {1: 3, 2: 3}
    view.set_preset("mip")
    view.set_labels(None)
    assert view.preset == "bone"
    view.set_labels(two_balls(GEOMETRY))
    assert view.preset == "mip"  # what the reader chose comes back


def test_a_chip_chooses_its_preset(shown: VolumeView, fake: FakeSession, qtbot: QtBot) -> None:
    qtbot.mouseClick(shown.bar._by_id["airways"], Qt.MouseButton.LeftButton)
    assert fake.looks[-1].preset == "airways"


def test_a_chip_that_cannot_be_pressed_looks_so(
    shown: VolumeView, fake: FakeSession, qtbot: QtBot
) -> None:
    def ink(name: str) -> int:
        """How bright the brightest of a chip's letters is."""
        picture = shown.bar._by_id[name].grab().toImage()
        points = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
        return max(picture.pixelColor(x, y).lightness() for x, y in points)

    lit = {name: ink(name) for name in ("vessels", "skin", "glass")}
    shown.set_labels(None)
    assert ink("vessels") < 0.75 * lit["vessels"] and ink("skin") == lit["skin"]
    fake.dies()
    assert ink("skin") < 0.75 * lit["skin"] and ink("glass") < 0.75 * lit["glass"]


def test_names_are_those_of_the_picture_that_stands_until_the_wanted_one_comes(
    shown: VolumeView, fake: FakeSession
) -> None:
    def checked() -> list[str]:
        return [chip.text() for chip in shown.bar._by_id.values() if chip.isChecked()]

    def header() -> str:
        return shown.canvas._words.preset

    shown.bar._by_id["airways"].click()
    shown.bar._by_id["skin"].click()
    assert (header(), checked()) == ("Lung glass", ["Lung glass"])
    assert shown.bar._by_id["skin"].text() == "Skin …"
    assert shown.bar._by_id["airways"].text() == "Airways", "the last click counts"
    fake.send(at=-2)  # one that was on its way already
    assert (header(), checked()) == ("Airways", ["Airways"])
    fake.send()
    assert (header(), checked()) == ("Skin", ["Skin"])


def test_arteries_without_contrast_are_told_once(shown: VolumeView, fake: FakeSession) -> None:
    notices: list[Notice] = []
    shown.noticed.connect(notices.append)
    shown.set_preset("arteries")
    fake.send(blood=False)
    fake.send(blood=False)
    told = "No contrast in the blood: arteries do not stand out here."
    assert [one.sentence for one in notices] == [told]
    shown.set_preset("glass")
    fake.send()
    shown.set_preset("arteries")
    fake.send(blood=True)
    assert len(notices) == 1


def test_a_missing_windpipe_is_told_once(shown: VolumeView, fake: FakeSession) -> None:
    notices: list[Notice] = []
    shown.noticed.connect(notices.append)
    shown.set_preset("airways")
    fake.send(airway=False)
    fake.send(airway=False)
    assert [one.sentence for one in notices] == ["No windpipe could be followed in this scan."]


def test_findings_go_by_state_and_those_rejected_or_held_stay_out(
    shown: VolumeView, fake: FakeSession
) -> None:
    states = ("accepted", "undecided", "rejected", "held", "added", "edited")
    marks = tuple(Mark(s, n, (0.0, 0.0, float(n)), 4.0, s) for n, s in enumerate(states))
    shown.set_marks(marks)
    tints = fake.told["tints"]
    assert [one.id for one in tints] == ["accepted", "undecided", "added", "edited"]
    assert len({one.rgb for one in tints}) == 4
    assert tints[0].centre_lps == (0.0, 0.0, 0.0) and tints[0].radius_mm == 4.0
    shown.set_view_state(replace(ViewState(), show_marks=False))
    assert fake.told["tints"] == ()


def test_masks_are_told_once_and_again_only_when_they_change(
    shown: VolumeView, fake: FakeSession
) -> None:
    mask = BoxMask((1, 2, 3), np.ones((2, 2, 2), dtype=bool))
    shown.set_masks({"a": mask})
    assert fake.told.pop("shapes") == {"a": mask}
    shown.set_masks({"a": mask})
    assert "shapes" not in fake.told


def test_hidden_outlines_hide_the_glass(shown: VolumeView, fake: FakeSession) -> None:
    shown.set_view_state(replace(ViewState(), hidden=frozenset({2})))
    assert fake.looks[-1].hidden == (2,)
    shown.set_view_state(replace(ViewState(), show_outlines=False))
    assert fake.looks[-1].hidden == (1, 2)


@pytest.mark.parametrize(
    ("sharp", "mm", "gradient"), [(False, 1.0, 1.0), (True, 1.0, 1.4), (False, 5.0, 0.7)]
)
def test_sharp_kernels_and_thick_slices_change_what_slopes_count(
    view: VolumeView, fake: FakeSession, sharp: bool, mm: float, gradient: float
) -> None:
    view.set_scan(BLOCK, lying("HFS", mm=mm), sharp=sharp)
    assert fake.told["gradient"] == pytest.approx(gradient)


# Hands


def test_left_turns_middle_pushes_right_zooms(shown: VolumeView, qtbot: QtBot) -> None:
    canvas, start = shown.canvas, shown.canvas.camera

    def drag(button: Qt.MouseButton) -> VolumeCamera:
        canvas.camera = start
        qtbot.mousePress(canvas, button, pos=QPoint(100, 100))
        for step in range(1, 6):
            qtbot.mouseMove(canvas, QPoint(100 + 6 * step, 100 - 4 * step))
        qtbot.mouseRelease(canvas, button, pos=QPoint(130, 80))
        return canvas.camera

    turned = drag(Qt.MouseButton.LeftButton)
    assert turned.azimuth < start.azimuth and turned.elevation < start.elevation
    assert (turned.focal_lps, turned.mm_per_px) == (start.focal_lps, start.mm_per_px)
    pushed = drag(Qt.MouseButton.MiddleButton)
    assert pushed.focal_lps != start.focal_lps and pushed.azimuth == start.azimuth
    zoomed = drag(Qt.MouseButton.RightButton)
    assert zoomed.mm_per_px < start.mm_per_px and zoomed.focal_lps == start.focal_lps


def test_the_wheel_zooms_and_home_looks_from_the_front_again(shown: VolumeView) -> None:
    canvas, start = shown.canvas, shown.canvas.camera
    at = QPointF(50, 50)
    event = QWheelEvent(
        at, at, QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)
    assert canvas.camera.mm_per_px < start.mm_per_px
    press(shown, Qt.Key.Key_Up)
    press(shown, Qt.Key.Key_Home)
    assert canvas.camera == start
    assert (canvas.camera.azimuth, canvas.camera.elevation) == SIDES["front"]


def test_arrows_are_this_panes_while_it_has_the_focus_and_letters_are_the_windows(
    shown: VolumeView,
) -> None:
    def taken(key: Qt.Key, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
        event.ignore()
        QApplication.sendEvent(shown.canvas, event)
        return event.isAccepted()

    assert taken(Qt.Key.Key_Left) and taken(Qt.Key.Key_Home) and taken(Qt.Key.Key_F)
    for key in (Qt.Key.Key_A, Qt.Key.Key_X, Qt.Key.Key_N, Qt.Key.Key_Space, Qt.Key.Key_1):
        assert not taken(key)
    assert not taken(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert not taken(Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)


def test_a_click_on_a_finding_or_its_tag_goes_to_it_and_a_drag_does_not(
    shown: VolumeView, fake: FakeSession, qtbot: QtBot
) -> None:
    clicked: list[str] = []
    shown.finding_clicked.connect(clicked.append)
    shown.set_marks((Mark("a", 1, (30.0, 0.0, 10.0), 5.0, "accepted"),))
    fake.send()
    (one,), (tag,) = shown.canvas._tags()
    body = QPoint(round(one.x), round(one.y))
    qtbot.mouseClick(shown.canvas, Qt.MouseButton.LeftButton, pos=body)
    qtbot.mouseClick(shown.canvas, Qt.MouseButton.LeftButton, pos=tag.at.toPoint())
    qtbot.mouseClick(shown.canvas, Qt.MouseButton.LeftButton, pos=QPoint(10, 250))
    assert clicked == ["a", "a"]
    qtbot.mousePress(shown.canvas, Qt.MouseButton.LeftButton, pos=body)
    qtbot.mouseMove(shown.canvas, body + QPoint(20, 0))
    qtbot.mouseMove(shown.canvas, body)
    qtbot.mouseRelease(shown.canvas, Qt.MouseButton.LeftButton, pos=body)
    assert clicked == ["a", "a"]


def test_a_slow_turn_goes_on_until_a_hand_takes_hold(
    shown: VolumeView, fake: FakeSession, qtbot: QtBot
) -> None:
    start = shown.canvas.camera.azimuth
    shown.bar._turn.click()
    qtbot.waitUntil(lambda: shown.canvas.camera.azimuth > start + 1)
    qtbot.mousePress(shown.canvas, Qt.MouseButton.LeftButton, pos=QPoint(9, 9))
    assert not shown.bar._turn.isChecked()
    held = shown.canvas.camera
    QTest.qWait(120)
    qtbot.mouseRelease(shown.canvas, Qt.MouseButton.LeftButton, pos=QPoint(9, 9))
    assert shown.canvas.camera == held


def test_a_larger_pane_shows_it_larger_unless_a_hand_has_zoomed(
    shown: VolumeView, fake: FakeSession
) -> None:
    small = shown.canvas.camera.mm_per_px
    shown.resize(1200, 1000)
    large = shown.canvas.camera.mm_per_px
    assert large < small and fake.looks[-1].width == shown.canvas.width()
    shown.canvas.move_to(shown.canvas.camera.zoomed(2))
    shown.resize(600, 500)
    assert shown.canvas.camera.mm_per_px == pytest.approx(large / 2)


@pytest.mark.parametrize("height", [444, 556])
def test_a_banner_that_comes_or_goes_changes_no_zoom_and_takes_no_tag_away(
    shown: VolumeView, fake: FakeSession, height: int
) -> None:
    shown.set_marks((Mark("a", 1, (30.0, 0.0, 10.0), 5.0, "accepted"),))
    fake.send()
    zoom, (one,) = shown.canvas.camera.mm_per_px, shown.canvas._tags()[0]
    before = shown.canvas.height()
    shown.canvas.still = lambda: True
    shown.resize(600, height)
    assert shown.canvas.height() == before + height - 500
    assert shown.canvas.camera.mm_per_px == zoom and fake.looks[-1].camera.mm_per_px == zoom
    moved = QPointF(one.x, one.y + (height - 500) / 2)
    assert shown.canvas.finding_at(moved) == "a", "before the next picture comes"
    assert shown.canvas.picture is not None
    image = shown.canvas.picture.image
    assert image.height() == round(shown.canvas.height() * image.width() / shown.canvas.width())
    shown.canvas.still = lambda: False
    shown.resize(700, 700)
    assert shown.canvas.camera.mm_per_px != zoom, "no hand has zoomed it meanwhile"


@pytest.mark.parametrize(("width", "height"), [(1200, 500), (300, 500), (599, 500)])
def test_a_picture_of_another_size_is_not_stretched_and_no_tag_lies_off_its_finding(
    shown: VolumeView, fake: FakeSession, width: int, height: int
) -> None:
    def lit() -> QRectF:
        """Where the picture lies: it is all of one grey, which nothing else in the pane is."""
        image = shown.canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGBX8888)
        pixels = np.frombuffer(image.constBits(), np.uint8).reshape(
            image.height(), image.width(), 4
        )
        down, right = np.nonzero((pixels[..., :3] == 80).all(axis=2))
        low_x, low_y = int(right.min()), int(down.min())
        return QRectF(low_x, low_y, int(right.max()) + 1 - low_x, int(down.max()) + 1 - low_y)

    shown.set_view_state(replace(ViewState(), text_level="none"))
    shown.set_marks((Mark("a", 1, (30.0, 0.0, 10.0), 5.0, "accepted"),))
    fake.send()
    before = shown.canvas.size()
    (one,), _ = shown.canvas._tags()
    assert shown.canvas.finding_at(QPointF(one.x, one.y)) == "a"
    with_tags = shown.canvas.grab().toImage()
    shown.resize(width, height)
    assert shown.canvas.size() != before
    place, pane = lit(), shown.canvas.size()
    scale = min(pane.width() / before.width(), pane.height() / before.height())
    assert place.width() == pytest.approx(scale * before.width(), abs=2)
    assert place.height() == pytest.approx(scale * before.height(), abs=2)
    assert place.center().x() == pytest.approx(pane.width() / 2, abs=1.5)
    for x in range(0, pane.width(), 4):
        for y in range(0, pane.height(), 4):
            assert shown.canvas.finding_at(QPointF(x, y)) == ""
    bare = shown.canvas.grab().toImage()
    shown.set_view_state(replace(shown.canvas.state, show_marks=False))
    above = QRect(0, 0, pane.width(), pane.height() - 60)  # below it says that marks are hidden
    hidden = shown.canvas.grab().toImage()
    assert hidden.copy(above) == bare.copy(above), "no tag was there that could go"
    assert hidden != bare
    shown.set_view_state(replace(shown.canvas.state, show_marks=True))
    fake.send()
    assert (lit().width(), lit().height()) == (pane.width(), pane.height())
    assert shown.canvas.grab().toImage() != bare, "with the picture of its size they are back"
    shown.resize(600, 500)
    fake.send()
    assert shown.canvas.grab().toImage() == with_tags


# Words


def test_corners_follow_the_panes_and_a_name_that_is_hidden_is_not_painted(
    shown: VolumeView, fake: FakeSession
) -> None:
    def painted() -> bytes:
        picture = shown.canvas.grab().toImage()
        return bytes(picture.constBits())

    shown.set_corner_texts(PaneText(("Doe, Jane",), ("2000-01-02",)))
    named = painted()
    shown.set_view_state(replace(ViewState(), patient_hidden=True))
    hidden = painted()
    assert hidden != named
    shown.set_corner_texts(PaneText(("Roe, Richard",), ("2000-01-02",)))
    assert painted() == hidden
    shown.set_view_state(replace(ViewState(), text_level="none"))
    assert painted() != hidden
