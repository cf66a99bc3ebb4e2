"""A pane that goes through its images by itself."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from tests.views import scans
from tests.views.test_mouse import LEFT, drag, turn
from viewer.views.cine import RATES, Cine
from viewer.views.panes import Panes


def z_of(panes: Panes) -> float:
    return panes.views["axial"].slice_lps()[2]


def test_it_begins_with_ten_images_a_second_and_goes_from_1_to_60(panes: Panes) -> None:
    cine = Cine(panes)
    assert cine.rate == 10
    cine.faster(100)
    assert cine.rate == RATES[-1] == 60
    cine.faster(-100)
    assert cine.rate == RATES[0] == 1


def test_it_goes_on_image_by_image_and_the_pane_says_so(panes: Panes, qtbot: QtBot) -> None:
    cine = Cine(panes)
    cine.faster(100)
    z = z_of(panes)
    with qtbot.waitSignal(cine.changed) as told:
        cine.toggle()
    assert told.args == [True] and cine.runs
    assert panes.views["axial"].corners.running == ("Cine 60 /s",)
    qtbot.waitUntil(lambda: z_of(panes) <= z - 6)
    cine.toggle()
    assert not cine.runs and panes.views["axial"].corners.running == ()


def test_a_sweep_turns_at_the_end_and_a_loop_starts_again(panes: Panes) -> None:
    cine = Cine(panes)
    cine.toggle()
    panes.to_end(True)
    low = z_of(panes)
    cine._go_on()
    assert z_of(panes) == low + 2
    cine.toggle_sweep()
    cine._way = 1
    panes.to_end(True)
    cine._go_on()
    assert z_of(panes) == 29, "the first image"
    assert panes.views["axial"].corners.running[0].startswith("Cine, loop")
    cine.stop()


def test_any_hand_on_a_pane_stops_it(panes: Panes) -> None:
    cine = Cine(panes)
    for act in (
        lambda: turn(panes.views["coronal"], -120),
        lambda: drag(panes.views["axial"], LEFT, QPointF(50, 50), QPointF(70, 50)),
    ):
        cine.toggle()
        assert cine.runs
        act()
        assert not cine.runs
    assert cine.stop() is False


def test_it_stops_when_the_scan_or_its_pane_goes(panes: Panes) -> None:
    cine = Cine(panes)
    cine.toggle()
    panes.set_scan(None)
    cine._go_on()
    assert not cine.runs
    cine.toggle()
    assert not cine.runs, "there is nothing to go through"
    volume = scans.ramp()
    panes.set_scan(volume)
    panes.activate("sagittal")
    cine.toggle()
    panes.set_layout("review")
    assert not cine.runs


def test_a_machine_that_stays_behind_says_what_it_reaches(panes: Panes) -> None:
    cine = Cine(panes)
    cine.faster(100)
    cine._shown.extend(n * 0.05 for n in range(25))
    assert cine._reached(1.2) == "20 of 60"
    cine.rate = 20
    assert cine._reached(1.2) == "20"
