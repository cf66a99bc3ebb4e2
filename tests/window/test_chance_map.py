"""Y on the lungs offers the network's chances as a map: off by itself, on asking, gone again."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel

from ai.models.card import load_card
from ai.scan.chance import map_grid
from ai.scan.labelmap import MadeBy
from ai.worker.messages import ChanceMapped, Failed, MapChance
from ai.worker.shared import Block
from tests.window.conftest import Sitting
from viewer.window.keys import SEGMENTS


@pytest.fixture
def asked(sitting: Sitting) -> Sitting:
    """Lungs, and Y on them."""
    sitting.open()
    sitting.lungs()
    sitting.window.side.open(SEGMENTS)
    sitting.window.hands.explain()
    return sitting


def switch(sitting: Sitting) -> QCheckBox:
    box = sitting.window.pages.why.findChild(QCheckBox, "chanceMap")
    assert box is not None
    return box


def turn(sitting: Sitting) -> None:
    """The reader clicks the switch."""
    switch(sitting).click()
    QApplication.processEvents()


def computed(sitting: Sitting) -> None:
    """The worker answers: sure in the middle, in doubt around it."""
    request = sitting.jobs.asked(MapChance)
    with Block.attach(request.out, writable=True) as block:
        block.array[...] = 128
        block.array[:, ::2] = 255
    sitting.jobs.say(ChanceMapped(request.job, MadeBy("lungs-unet", "1.0")))


def requests(sitting: Sitting) -> int:
    return sum(isinstance(one, MapChance) for one in sitting.jobs.ai.asked)


def told(sitting: Sitting) -> str:
    return " ".join(label.text() for label in sitting.window.pages.why.findChildren(QLabel))


def test_it_is_off_and_nothing_is_computed_until_it_is_asked_for(asked: Sitting) -> None:
    assert not switch(asked).isChecked()
    assert requests(asked) == 0 and asked.desk.chance.shown is None
    assert f"Lungs (network) {load_card('lungs-unet').version}" in told(asked)


def test_it_is_drawn_when_it_comes_and_gone_when_it_is_switched_off(asked: Sitting) -> None:
    panes = asked.window.panes
    plain = panes.grab().toImage()
    turn(asked)
    assert asked.jobs.running("chance") is not None and "computed" in told(asked)
    assert not asked.window.hands.chance_map.by_ai, "nothing is drawn before it is there"
    computed(asked)
    QApplication.processEvents()  # the strip of jobs goes
    assert asked.desk.chance.shown is not None
    assert panes.grab().toImage() != plain
    turn(asked)
    assert asked.desk.chance.shown is None and panes.grab().toImage() == plain
    turn(asked)
    assert asked.desk.chance.shown is not None and requests(asked) == 1, "it was kept"


def test_the_map_is_coarse_and_lies_on_the_scan(asked: Sitting) -> None:
    turn(asked)
    computed(asked)
    shown, scan = asked.desk.chance.shown, asked.desk.scan
    assert shown is not None and scan is not None
    assert shown.geometry.same_grid(map_grid(scan.volume.geometry))
    assert shown.chance.nbytes < scan.volume.hu.nbytes
    assert set(np.unique(shown.chance)) == {128, 255}
    assert asked.jobs.asked(MapChance).card == "lungs-unet"


def test_leaving_the_page_takes_it_off_the_slices(asked: Sitting) -> None:
    turn(asked)
    computed(asked)
    asked.window.hands.explain()
    assert asked.desk.chance.shown is None and not asked.desk.chance.wanted


def test_switching_off_stops_what_is_being_computed(asked: Sitting) -> None:
    turn(asked)
    job = asked.jobs.asked(MapChance).job
    turn(asked)
    assert job in asked.jobs.ai.cancelled and not asked.desk.chance.runs
    asked.jobs.say(ChanceMapped(job, MadeBy("lungs-unet", "1.0")))
    assert asked.desk.chance.shown is None


def test_esc_stops_it_and_the_switch_is_off_again(asked: Sitting) -> None:
    turn(asked)
    job = asked.jobs.asked(MapChance).job
    asked.jobs.say(Failed(job, "Cancelled.", cancelled=True))
    assert not switch(asked).isChecked() and "Cancelled" in asked.said


def test_a_network_that_fails_is_told_and_the_switch_is_off_again(asked: Sitting) -> None:
    turn(asked)
    asked.children.fail(MapChance, "Lungs (network) needs PyTorch, which is not installed here.")
    assert not switch(asked).isChecked() and not asked.desk.chance.runs
    assert "PyTorch" in asked.said


def test_another_scan_has_no_map_of_the_one_before(asked: Sitting) -> None:
    turn(asked)
    computed(asked)
    asked.open()
    assert asked.desk.chance.shown is None and not asked.desk.chance.wanted


def test_a_network_that_was_taught_here_is_the_one_that_is_asked(
    asked: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.desk.chance.newest_network", lambda: "lungs-own-3")
    turn(asked)
    assert asked.jobs.asked(MapChance).card == "lungs-own-3"


def test_the_panes_say_that_it_comes_from_an_ai(asked: Sitting) -> None:
    overlay = asked.window.hands.chance_map
    assert not overlay.by_ai
    turn(asked)
    computed(asked)
    assert overlay.by_ai


def test_y_once_more_closes_the_page(asked: Sitting) -> None:
    asked.key(Qt.Key.Key_Y)
    assert not asked.window.pages.why.isVisible()
