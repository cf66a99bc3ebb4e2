"""The 3-D pane in the window: V, findings that are clicked, judged, and not yet to be seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.volume.fakes import CARD, FakeSession
from tests.window.conftest import Sitting
from viewer.reading.events import SECOND
from viewer.views.layouts import COMPARE, READ, VOLUMES
from viewer.volume.canvas import VolumeCanvas
from viewer.volume.cover import ENDED, NOTHING, SHOWN

Key = Qt.Key


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[FakeSession]:
    """The sessions that were made."""
    made: list[FakeSession] = []

    def make(parent: object) -> FakeSession:
        made.append(FakeSession())
        return made[-1]

    monkeypatch.setattr("viewer.volume.view.VolumeSession", make)
    return made


def shown(sitting: Sitting, sessions: list[FakeSession]) -> FakeSession:
    """V pressed, and the first picture there."""
    sitting.key(Key.Key_V)
    (session,) = sessions
    session.is_ready(CARD)
    session.send()
    return session


def test_until_v_nothing_of_it_is_made(sitting: Sitting, sessions: list[FakeSession]) -> None:
    sitting.read()
    assert sessions == [] and sitting.window.volume.pane is None


def test_v_shows_it_beside_the_cuts_and_v_again_brings_the_layout_back(
    sitting: Sitting, sessions: list[FakeSession]
) -> None:
    sitting.read()
    panes = sitting.window.panes
    panes.set_layout(COMPARE)
    shown(sitting, sessions)
    pane = sitting.window.volume.pane
    assert panes.layout_shown.name == VOLUMES
    assert pane is not None and pane.isVisibleTo(panes) and pane.state == SHOWN
    assert set(panes.shown) == {"axial", "coronal", "sagittal"}
    assert isinstance(QApplication.focusWidget(), VolumeCanvas)
    sitting.key(Key.Key_V)
    assert panes.layout_shown.name == COMPARE and not pane.isVisibleTo(panes)
    panes.set_layout(READ)
    sitting.key(Key.Key_V)
    sitting.key(Key.Key_V)
    assert panes.layout_shown.name == READ and len(sessions) == 1


def test_the_accent_frame_is_the_3d_panes_while_its_keys_are(
    sitting: Sitting, sessions: list[FakeSession]
) -> None:
    """Tab goes on to the cuts, with the arrows, and comes back to it."""
    sitting.read()
    panes = sitting.window.panes
    shown(sitting, sessions)
    pane = sitting.window.volume.pane
    assert pane is not None

    def framed() -> list[str]:
        cuts = [name for name, view in panes.views.items() if view._active]
        return [*cuts, *(["volume"] if pane.canvas.active else [])]

    assert framed() == ["volume"]
    for name in ("axial", "coronal", "sagittal"):
        sitting.key(Key.Key_Tab)
        assert framed() == [name] and panes.active == name
        assert QApplication.focusWidget() is panes.views[name]
    sitting.key(Key.Key_Tab)
    assert framed() == ["volume"] and QApplication.focusWidget() is pane.canvas
    sitting.key(Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert framed() == ["sagittal"]
    pane.canvas.setFocus()
    sitting.key(Key.Key_V)
    assert framed() == [panes.active]


def test_it_is_told_the_scan_its_lungs_and_its_findings_whenever_it_is_made(
    sitting: Sitting, sessions: list[FakeSession]
) -> None:
    sitting.read()
    session = shown(sitting, sessions)
    scan, reading = sitting.desk.scan, sitting.desk.reading
    assert scan is not None and reading is not None
    assert session.told["scan"] == scan.block.ref
    assert session.told["lungs"][0] is reading.lungs
    ids = {tint.id for tint in session.told["tints"]}
    assert ids == set(sitting.desk.order) and ids <= set(session.told["shapes"])


def test_a_click_on_a_finding_goes_to_it_in_the_cuts(
    sitting: Sitting, sessions: list[FakeSession]
) -> None:
    sitting.read()
    shown(sitting, sessions)
    pane = sitting.window.volume.pane
    last = sitting.desk.order[-1]
    assert sitting.desk.current != last and pane is not None
    pane.canvas.finding_clicked.emit(last)
    assert sitting.desk.current == last
    finding = sitting.desk.current_finding
    assert finding is not None
    assert sitting.window.panes.state.crosshair_lps == pytest.approx(finding.centre_lps)


def test_judging_goes_on_from_there_and_changes_colour(
    sitting: Sitting, sessions: list[FakeSession]
) -> None:
    sitting.read()
    session = shown(sitting, sessions)
    first = sitting.desk.current
    before = {tint.id: tint.rgb for tint in session.told["tints"]}
    sitting.key(Key.Key_A)
    after = {tint.id: tint.rgb for tint in session.told["tints"]}
    assert sitting.state(first) == "accepted" and after[first] != before[first]
    second = sitting.desk.current
    sitting.key(Key.Key_X)
    assert second not in {tint.id for tint in session.told["tints"]}


def test_while_the_reader_looks_first_it_shows_no_finding(
    sitting: Sitting, sessions: list[FakeSession]
) -> None:
    sitting.desk.own_pass.start_in(SECOND)
    sitting.read()
    assert sitting.desk.reading is not None and sitting.desk.reading.blind
    session = shown(sitting, sessions)
    assert session.told.get("tints", ()) == ()
    sitting.desk.own_pass.finish()
    assert len(session.told["tints"]) == len(sitting.desk.order) > 0


def test_marks_hidden_in_the_cuts_are_hidden_there(
    sitting: Sitting, sessions: list[FakeSession]
) -> None:
    sitting.read()
    session = shown(sitting, sessions)
    sitting.key(Key.Key_Space)
    assert session.told["tints"] == ()


def test_the_next_study_waits_for_its_last_slice(
    sitting: Sitting, sessions: list[FakeSession]
) -> None:
    sitting.read()
    session = shown(sitting, sessions)
    pane = sitting.window.volume.pane
    assert pane is not None
    sitting.desk.open(Path("study"))
    sitting.children.find()
    sitting.children.load(whole=False)
    assert session.told["scan"] is None and pane.state == NOTHING
    sitting.children.load()
    assert session.told["scan"] == sitting.desk.scan.block.ref  # type: ignore[union-attr]


def test_a_process_that_dies_leaves_the_window_and_the_reading_as_they_are(
    sitting: Sitting, sessions: list[FakeSession]
) -> None:
    sitting.read()
    session = shown(sitting, sessions)
    before = len(sitting.notices)
    session.dies()
    pane = sitting.window.volume.pane
    assert pane is not None and pane.state == ENDED
    assert len(sitting.notices) == before  # the pane says it, once
    sitting.key(Key.Key_A)
    assert len(sitting.desk.reading.in_state("accepted")) == 1  # type: ignore[union-attr]


def test_a_double_click_gives_it_all_the_room_and_takes_it_back(
    sitting: Sitting, sessions: list[FakeSession]
) -> None:
    sitting.read()
    shown(sitting, sessions)
    panes, pane = sitting.window.panes, sitting.window.volume.pane
    assert pane is not None
    pane.canvas.double_clicked.emit()
    assert pane.geometry() == panes.rect() and panes.shown == ()
    sitting.key(Key.Key_Tab)  # there is no other pane to go to
    pane.canvas.double_clicked.emit()
    assert pane.width() < panes.width() and len(panes.shown) == 3


def test_closing_the_window_ends_its_process(sitting: Sitting, sessions: list[FakeSession]) -> None:
    sitting.read()
    session = shown(sitting, sessions)
    sitting.window.close()
    assert session.closed
