"""The bar under the 3-D picture: no preset is cut, and none is out of reach."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from viewer.volume.bar import VolumeBar


@pytest.fixture
def bar(qtbot: QtBot, themed: QApplication) -> VolumeBar:
    made = VolumeBar()
    qtbot.addWidget(made)
    made.resize(900, made.height())
    made.set_preset("glass")
    made.show()
    return made


def in_sight(bar: VolumeBar) -> list[str]:
    return [name for name, chip in bar._by_id.items() if not chip.isHidden()]


def test_a_wide_bar_shows_all_and_no_menu(bar: VolumeBar) -> None:
    assert len(in_sight(bar)) == 7 and bar._row.more.isHidden()


@pytest.mark.parametrize("wide", [240, 350, 460])
def test_in_a_narrow_bar_chips_stay_whole_and_the_others_are_in_the_menu(
    bar: VolumeBar, wide: int
) -> None:
    bar.resize(wide, bar.height())
    QApplication.processEvents()
    assert bar.width() == wide, "it never keeps its pane from being narrow"
    shown = [bar._by_id[name] for name in in_sight(bar)]
    assert 0 < len(shown) < 7 and not bar._row.more.isHidden()
    assert all(chip.width() >= chip.sizeHint().width() for chip in shown)
    assert bar._row.more.geometry().right() <= bar._row.width()
    bar._row.fill_menu()
    entries = bar._row.menu_of_more.actions()
    assert len(entries) + len(shown) == 7
    asked: list[str] = []
    bar.preset_chosen.connect(asked.append)
    entries[-1].trigger()
    assert asked == ["mip"]


def test_the_one_that_is_shown_is_always_in_sight(bar: VolumeBar) -> None:
    bar.resize(300, bar.height())
    QApplication.processEvents()
    assert "mip" not in in_sight(bar)
    bar.set_preset("mip")
    assert "mip" in in_sight(bar)
    bar.set_preset("mip", coming="bone")
    assert "bone" in in_sight(bar)


def test_an_entry_of_the_menu_is_as_able_as_its_chip(bar: VolumeBar) -> None:
    bar.resize(240, bar.height())
    QApplication.processEvents()
    bar.set_can_look_inside(can=False, reason="Segment the lungs first")
    bar._row.fill_menu()
    able = {entry.text(): entry.isEnabled() for entry in bar._row.menu_of_more.actions()}
    assert able["Bone"] and not able["Nodules, vessels"]
