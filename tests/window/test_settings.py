"""The gear of the rail: what a reader sets, each with its key."""

from __future__ import annotations

from tests.window.conftest import Sitting
from viewer import theme
from viewer.actions import name_of
from viewer.panels.rail import SETTINGS, SettingsButton


def test_the_gear_offers_what_a_reader_sets_and_each_does_what_its_key_does(read: Sitting) -> None:
    gear = read.window.studies.rail.findChild(SettingsButton)
    assert gear is not None and gear.accessibleName() == "Settings" and gear.isVisible()
    shown = [action for action in gear.menu_of_settings.actions() if action.text()]
    assert [action.text() for action in shown] == [name_of(one) for row in SETTINGS for one in row]
    for action in shown:
        assert action.shortcuts(), f"{action.text()} has no key"
    before = theme.level()
    read.click(gear)
    assert gear.menu_of_settings.isVisible()
    gear.menu_of_settings.close()
    shown[0].trigger()
    assert theme.level() != before
    shown[0].trigger()
    assert theme.level() == before
