"""Key maps: ready ones, the reader's own over them, kept for the next start."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest

from ai.errors import HilumError
from tests.window.conftest import CTRL, SHIFT, Sitting
from viewer import keymaps
from viewer.action_rows.row import VIEWING
from viewer.actions import ROWS, fixed_actions, key_table
from viewer.home import home
from viewer.keymaps import MAPS, Keys, ready_map
from viewer.panels.key_columns import Cap
from viewer.panels.key_entry import key_of

Key = Qt.Key
KEYPAD = Qt.KeyboardModifier.KeypadModifier
NONE = Qt.KeyboardModifier.NoModifier


def keys(file: Path | None = None) -> Keys:
    return Keys(key_table(), fixed=fixed_actions(), file=file)


@pytest.mark.parametrize("name", MAPS)
def test_a_ready_map_gives_no_key_twice_and_knows_every_action_it_names(name: str) -> None:
    mapped = ready_map(name).keys
    given = [key for of_one in mapped.values() for key in of_one]
    assert sorted(given) == sorted(set(given))
    assert set(mapped) <= {row.id for row in ROWS}
    chosen = keys()
    chosen.choose(name)
    for action, wanted in mapped.items():
        assert chosen.of(action) == wanted, action


@pytest.mark.parametrize("name", MAPS)
def test_the_keys_of_judging_are_the_same_in_every_map(name: str) -> None:
    chosen = keys()
    chosen.choose(name)
    series = ("next-series", "previous-series")
    for row in ROWS:
        if row.group not in VIEWING and row.id not in series:
            assert chosen.of(row.id) == keys().of(row.id), row.id


@pytest.mark.parametrize("name", MAPS)
def test_no_map_leaves_an_action_of_the_table_without_a_key_unless_it_says_so(name: str) -> None:
    chosen = keys()
    chosen.choose(name)
    lost = [row.id for row in ROWS if row.keys and not chosen.of(row.id)]
    assert lost == []


def test_the_maps_are_what_hands_from_there_know() -> None:
    chosen = keys()
    chosen.choose("ohif")
    assert chosen.owner("1") == "preset-2" and chosen.owner("2") == "preset-1"
    assert chosen.owner("=") == "fit" and chosen.owner("PgDown") == "next-series"
    chosen.choose("weasis")
    assert chosen.owner("T") == "tool-hand" and chosen.owner("7") == "preset-1"
    chosen.choose("horos")
    assert chosen.owner("0") == "preset-9"


def test_what_the_reader_chose_is_there_after_the_next_start(hilum_home: Path) -> None:
    file = home() / "keys.toml"
    first = keys(file)
    first.choose("weasis")
    first.give("fit", "F", "Ctrl+J")
    again = keys(file)
    assert again.map == "weasis"
    assert again.owner("Ctrl+J") == "fit" and again.owner("F") == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again.reset()
    assert keys(file).of("fit") == ready_map("weasis").keys["fit"]


def test_a_swap_leaves_both_actions_with_a_key() -> None:
    one = keys()
    one.give("fit", "F", "N")
    assert one.owner("N") == "fit" and one.owner("F") == "next"


def test_a_key_more_is_taken_from_whoever_had_it() -> None:
    one = keys()
    one.give("fit", "", "N")
    assert one.of("fit") == ("F", "N") and one.of("next") == ()


def test_what_the_reader_chose_comes_before_a_map_that_is_chosen_later() -> None:
    one = keys()
    one.give("invert", "I", "=")
    one.choose("ohif")
    assert one.owner("=") == "invert"
    assert one.of("fit") == ("F",)


@pytest.mark.parametrize("action", ["keys", "cancel", "finish"])
def test_the_way_back_cannot_be_given_away(action: str) -> None:
    one = keys()
    key = one.of(action)[0]
    with pytest.raises(ValueError, match="cannot be given"):
        one.give("fit", "F", key)
    with pytest.raises(ValueError, match="cannot be given"):
        one.give(action, key, "Ctrl+J")


@pytest.mark.parametrize(
    "text",
    [
        "map = 5",
        'map = "ohif"\n[keys]\nfit = "F"',
        '[keys]\nfit = ["no such key"]',
        "[keys",
        'map = "none such"',
        "\x00",
    ],
)
def test_a_broken_file_is_one_sentence_and_the_tables_keys(hilum_home: Path, text: str) -> None:
    file = home() / "keys.toml"
    file.write_text(text)
    one = keys(file)
    assert isinstance(one.trouble, HilumError) and one.trouble.sentence.endswith(".")
    assert one.map == "hilum" and one.of("fit") == ("F",)
    one.give("fit", "F", "Ctrl+J")
    assert keys(file).of("fit") == ("Ctrl+J",)
    assert (home() / "keys.broken").read_text() == text


def test_a_file_from_another_version_keeps_what_is_known_and_gives_no_key_twice(
    hilum_home: Path,
) -> None:
    file = home() / "keys.toml"
    file.write_text('[keys]\nbygone = ["N"]\nfit = ["N"]\ninvert = ["N", "J"]\ncancel = ["Q"]\n')
    one = keys(file)
    assert one.trouble is None
    assert one.owner("N") == "fit" and one.of("invert") == ("J",) and one.of("next") == ()
    assert one.of("cancel") == ("Esc",)


def test_a_folder_that_cannot_be_written_to_is_told_and_the_key_holds(tmp_path: Path) -> None:
    one = keys(tmp_path / "gone" / "keys.toml")
    with pytest.raises(HilumError, match="could not be kept"):
        one.give("fit", "F", "Ctrl+J")
    assert one.owner("Ctrl+J") == "fit"


@pytest.mark.parametrize(
    ("key", "held", "name"),
    [
        (Key.Key_A, NONE, "A"),
        (Key.Key_5, KEYPAD, "5"),
        (Key.Key_5, KEYPAD | Qt.KeyboardModifier.AltModifier, "Alt+5"),
        (Key.Key_Exclam, SHIFT, "Shift+1"),
        (Key.Key_Plus, SHIFT, "+"),
        (Key.Key_Backtab, SHIFT, "Shift+Tab"),
        (Key.Key_Z, CTRL | SHIFT, "Ctrl+Shift+Z"),
        (Key.Key_PageDown, NONE, "PgDown"),
        (Key.Key_Shift, SHIFT, ""),
        (Key.Key_Space, NONE, "Space"),
    ],
)
def test_a_pressed_key_has_one_name(key: Qt.Key, held: Qt.KeyboardModifier, name: str) -> None:
    assert key_of(QKeyEvent(QKeyEvent.Type.KeyPress, key, held)) == name


# The sheet


def cap_of(at: Sitting, action: str) -> Cap:
    return next(p.cap for p in at.window.keysheet.columns.caps() if p.cap.action == action)


def click_cap(at: Sitting, action: str) -> None:
    columns = at.window.keysheet.columns
    box = next(p.box for p in columns.caps() if p.cap.action == action)
    QTest.mouseClick(columns, Qt.MouseButton.LeftButton, NONE, box.center().toPoint())


def test_a_cap_is_clicked_and_the_next_key_is_its_own(read: Sitting) -> None:
    read.key(Key.Key_F1)
    click_cap(read, "invert")
    assert "Press the new key for Invert grey" in read.window.keysheet.said.text()
    read.key(Key.Key_J, CTRL)
    assert cap_of(read, "invert").text == "Ctrl+J"
    read.key(Key.Key_Escape)
    read.key(Key.Key_J, CTRL)
    assert read.window.panes.state.invert
    read.key(Key.Key_I)
    assert read.window.panes.state.invert


def test_the_menu_of_maps_opens_on_the_one_in_force(read: Sitting) -> None:
    read.key(Key.Key_F1)
    maps = read.window.keysheet.maps
    for n in (2, 0):
        read.window.keysheet.choose(MAPS[n])
        maps.click()
        assert maps.choices.activeAction() is maps.choices.actions()[n]
        maps.choices.close()


def test_a_clash_is_shown_at_once_and_the_same_key_again_swaps(read: Sitting) -> None:
    read.key(Key.Key_F1)
    click_cap(read, "invert")
    read.key(Key.Key_A)
    sheet = read.window.keysheet
    assert "A is Accept" in sheet.said.text()
    assert read.window.keys.owner("A") == "accept"
    read.key(Key.Key_A)
    assert read.window.keys.owner("A") == "invert" and read.window.keys.owner("I") == "accept"
    assert read.window.findings.rows._keys["accept"] == "I"
    read.key(Key.Key_Escape)
    read.key(Key.Key_I)
    assert read.state("a") == "accepted"


def test_escape_leaves_the_cap_as_it_is_and_the_sheet_open(read: Sitting) -> None:
    read.key(Key.Key_F1)
    click_cap(read, "invert")
    read.key(Key.Key_A)
    read.key(Key.Key_Escape)
    assert read.window.keysheet.isVisible()
    assert read.window.keys.owner("A") == "accept" and read.window.keys.owner("I") == "invert"


def test_keys_that_bring_one_back_are_refused_with_a_sentence(read: Sitting) -> None:
    read.key(Key.Key_F1)
    click_cap(read, "invert")
    read.key(Key.Key_F1)
    assert "F1 stays with Keys" in read.window.keysheet.said.text()
    assert read.window.keysheet.columns.waiting is not None
    read.key(Key.Key_Escape)
    click_cap(read, "cancel")
    assert read.window.keysheet.columns.waiting is None


def test_tab_and_space_can_be_chosen_too(read: Sitting) -> None:
    read.key(Key.Key_F1)
    click_cap(read, "invert")
    read.key(Key.Key_Tab)
    assert "Tab is Next pane" in read.window.keysheet.said.text()
    read.key(Key.Key_Tab)
    assert read.window.keys.owner("Tab") == "invert"


def test_a_cap_can_be_emptied_and_given_back_what_the_map_has(read: Sitting) -> None:
    read.key(Key.Key_F1)
    click_cap(read, "invert")
    read.click(read.window.keysheet.take_away)
    assert read.window.keys.of("invert") == ()
    click_cap(read, "invert")
    read.click(read.window.keysheet.as_map)
    assert read.window.keys.of("invert") == ("I",)
    assert read.window.keysheet.reset.isHidden()


def test_keys_that_were_reset_all_at_once_come_back_by_undo(read: Sitting) -> None:
    sheet, keys_now = read.window.keysheet, read.window.keys
    read.key(Key.Key_F1)
    assert sheet.undo.isHidden()
    click_cap(read, "invert")
    read.key(Key.Key_J)
    read.key(Key.Key_J)
    click_cap(read, "fit")
    read.click(sheet.take_away)
    chosen = keys_now.all_chosen()
    read.click(sheet.reset)
    assert keys_now.own == {} and sheet.undo.isVisible()
    read.click(sheet.undo)
    assert keys_now.all_chosen() == chosen and keys_now.owner("J") == "invert"
    assert keys(home() / "keys.toml").all_chosen() == chosen, "for the next start too"
    read.click(sheet.undo)
    assert keys_now.own == {}, "and the undo of it"
    sheet.choose("ohif")
    read.click(sheet.undo)
    assert keys_now.map == "hilum"
    click_cap(read, "invert")
    assert sheet.undo.isHidden(), "another question stands there"


def test_another_map_changes_buttons_shortcuts_and_sheet_at_once(read: Sitting) -> None:
    read.window.keysheet.choose("ohif")
    read.key(Key.Key_1)
    assert read.window.topbar.preset.text() == "Mediastinum"
    tips = read.window.topbar.tools["hand"].toolTip()
    assert "H" in tips
    read.window.keysheet.choose("weasis")
    assert read.window.topbar.tools["hand"].toolTip() == "Hand tool  T"
    assert cap_of(read, "tool-hand").text == "T"
    read.window.keysheet.choose("hilum")
    assert read.window.topbar.tools["hand"].toolTip() == "Hand tool  H"


def test_buttons_and_sentences_speak_of_the_key_in_force(read: Sitting) -> None:
    read.window.keysheet._keys.give("export", "Ctrl+E", "Ctrl+J")
    read.window.keys_changed()
    assert read.window.topbar.steps["export"].tail == "Ctrl+J"
    assert keymaps.cap("export") == "Ctrl+J"
    assert keymaps.cap("tool-crosshair") == "\u201cCrosshair tool\u201d"


def test_an_action_is_found_by_name_and_carried_out_by_enter(read: Sitting) -> None:
    read.key(Key.Key_F1)
    for letter in (Key.Key_I, Key.Key_N, Key.Key_V, Key.Key_E, Key.Key_R):
        read.key(letter)
    read.key(Key.Key_Return)
    assert read.window.panes.isVisible()
    assert read.window.panes.state.invert


def test_of_a_shared_line_the_action_that_was_named_is_done(read: Sitting) -> None:
    read.key(Key.Key_F1)
    read.window.keysheet.field.setText("last image")
    read.key(Key.Key_Return)
    assert read.window.panes.views["axial"].slice_lps()[2] == pytest.approx(-39.0)


def test_a_key_is_changed_without_the_mouse(read: Sitting) -> None:
    read.key(Key.Key_F1)
    read.window.keysheet.field.setText("invert")
    read.key(Key.Key_Return, CTRL)
    read.key(Key.Key_J, CTRL)
    assert read.window.keys.owner("Ctrl+J") == "invert"


def test_the_sheet_says_what_hands_from_elsewhere_must_know(read: Sitting) -> None:
    read.key(Key.Key_F1)
    assert read.window.keysheet.habit.isHidden()
    read.window.keysheet.choose("horos")
    assert "M adds a finding" in read.window.keysheet.habit.text()


def test_the_sheet_goes_on_paper_and_never_over_another_file(read: Sitting, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    read.window.hands._write_keys(file)
    made = tmp_path / "keys.pdf"
    assert made.read_bytes().startswith(b"%PDF-") and "keys.pdf saved." in read.said
    before = made.read_bytes()
    read.window.hands._write_keys(file)
    assert made.read_bytes() == before and "is there already" in read.said


def test_a_folder_that_takes_no_sheet_is_said(read: Sitting, tmp_path: Path) -> None:
    read.window.hands._write_keys(tmp_path / "gone" / "keys.pdf")
    assert "could not be written" in read.said
