"""Parts that panels share: they show what they are told, and fit."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ai.scan.volume import Volume
from tests.views import scans
from viewer import theme
from viewer.notices import Notice
from viewer.panels.buttons import BUSY, DONE, PRIMARY, Button
from viewer.panels.empty import EmptyState
from viewer.panels.entries import ENTRY, Entries
from viewer.panels.jobs import JobRow
from viewer.panels.key_columns import Cap, KeyColumns, KeyLine
from viewer.panels.thumbnails import Thumbnails
from viewer.panels.toast import Toast
from viewer.panels.two_lines import two_lines


@pytest.mark.parametrize("position", sorted(scans.POSITIONS))
def test_a_thumbnail_is_the_right_way_round_however_the_patient_lay(position: str) -> None:
    """A block at the patient's left and front lies at the right and top of the picture."""
    geometry = scans.lying(position)
    made = Thumbnails()
    made.set_volume(scans.left_front_head(geometry))
    picture = made.around((0.0, 0.0, 20.0), 80, wide_mm=80.0)
    assert picture is not None
    bright = [
        (x, y) for x in range(80) for y in range(80) if picture.pixelColor(x, y).lightness() > 200
    ]
    assert bright
    assert all(x > 40 and y < 40 for x, y in bright)


def test_a_thumbnail_is_made_once_and_anew_when_the_scan_changes() -> None:
    made = Thumbnails()
    assert made.around((0.0, 0.0, 0.0), 40) is None
    made.set_volume(scans.ramp())
    first = made.around((0.0, 0.0, 0.0), 40)
    assert made.around((0.0, 0.0, 0.0), 40) is first
    made.set_volume(scans.ramp())
    assert made.around((0.0, 0.0, 0.0), 40) is not first


def test_a_place_beyond_the_scan_is_black() -> None:
    geometry = scans.lying("HFS")
    made = Thumbnails()
    made.set_volume(Volume(geometry, np.full(geometry.shape_kji, 400, dtype=np.int16)))
    picture = made.around((1000.0, 0.0, 0.0), 20)
    assert picture is not None and picture.pixelColor(10, 10).lightness() == 0


def test_a_button_is_wide_enough_for_icon_words_and_key(themed: QApplication) -> None:
    plain = Button("Find nodules")
    whole = Button("Find nodules", icon="nodules", key="F6")
    assert whole.sizeHint().width() > plain.sizeHint().width() + theme.size("icon")
    whole.show_key(False)
    assert whole.tail == ""


def test_a_busy_button_says_how_far_it_is_instead_of_its_key(themed: QApplication) -> None:
    button = Button("Segment lungs", icon="lungs", key="F5", kind=PRIMARY)
    button.set_kind(BUSY, done=0.54, note="54 %")
    assert button.tail == "54 %"
    button.set_kind(DONE)
    assert button.tail == "F5" and button.icon_name == "done"


def test_an_empty_state_puts_its_button_up_once(qtbot: QtBot, themed: QApplication) -> None:
    made = EmptyState()
    qtbot.addWidget(made)
    pressed: list[int] = []
    for _ in range(3):
        made.say("nodules", "Head", "Text", button="Add", does=lambda: pressed.append(1))
    (button,) = made.findChildren(Button)
    button.click()
    assert pressed == [1]
    made.say("nodules", "Head", "Text")
    assert not [b for b in made.findChildren(Button) if not b.isHidden()]


@pytest.mark.parametrize(
    "text",
    ["RUZ 2 rejected", "Undone: RUZ 2 is undecided again, and this goes on for a while longer"],
)
def test_a_toast_is_as_wide_as_its_words(qtbot: QtBot, themed: QApplication, text: str) -> None:
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.resize(1000, 700)
    ground.show()

    def undo(_action: str) -> Button:
        return Button("Undo", icon="undo", key="Ctrl+Z")

    toast = Toast(ground, undo)
    toast.set_over(QRect(0, 0, 600, 700))
    toast.tell(Notice("Short", action="undo"))
    toast.tell(Notice(text, action="undo"))
    assert toast.label.width() >= toast.label.sizeHint().width()
    assert toast.button is not None
    assert toast.button.width() >= toast.button.sizeHint().width()
    assert ground.rect().contains(toast.geometry())


def test_one_toast_takes_the_place_of_the_other(qtbot: QtBot, themed: QApplication) -> None:
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.resize(800, 600)
    ground.show()
    toast = Toast(ground, lambda action: Button("Undo") if action else None)
    toast.tell(Notice("One", action="undo"))
    toast.tell(Notice("Two"))
    assert toast.label.text() == "Two" and toast.button is None


def test_why_has_at_most_two_lines_and_says_when_it_was_cut(themed: QApplication) -> None:
    font = theme.font("caption")
    assert two_lines("Short.", font, 200) == ["Short."]
    lines = two_lines("word " * 60, font, 200)
    assert len(lines) == 2
    assert lines[1].endswith("\u2026")


def test_the_key_sheet_finds_by_words_and_by_key(qtbot: QtBot, themed: QApplication) -> None:
    lines = [
        KeyLine(group, text, (Cap(key),))
        for group, text, key in (
            ("Judge", "Accept", "A"), ("Judge", "Reject", "X"), ("View", "Fit", "F"),
        )
    ]  # fmt: skip
    columns = KeyColumns()
    columns.show_lines(lines)
    qtbot.addWidget(columns)
    columns.filter("rej")
    assert [line.text for line in columns.lines] == ["Reject"]
    columns.filter("f")
    assert "Fit" in [line.text for line in columns.lines]
    columns.filter("")
    assert len(columns.lines) == 3


def test_only_rows_that_changed_are_drawn_anew(qtbot: QtBot) -> None:
    model = Entries()
    model.set_entries(["a", "b", "c"])
    changed: list[int] = []
    model.dataChanged.connect(lambda first, _last: changed.append(first.row()))
    model.set_entries(["a", "B", "c"])
    assert changed == [1]
    assert model.index(1).data(ENTRY) == "B"
    with qtbot.waitSignal(model.modelReset, timeout=1000):
        model.set_entries(["a"])


def test_a_job_says_what_waits(qtbot: QtBot, themed: QApplication) -> None:
    row = JobRow()
    qtbot.addWidget(row)
    row.show_waiting("nodules", "after the lungs")
    assert (row.name.text(), row.step.text(), row.left.text()) == (
        "Find nodules", "after the lungs", "next",
    )  # fmt: skip
    assert row.cancel.isHidden()


def test_a_button_with_too_little_room_loses_words_before_its_figures_or_its_key(
    themed: QApplication,
) -> None:
    busy = Button("Segment lungs", icon="lungs", key="F5")
    busy.set_kind(BUSY, done=0.14, note="14 %")
    whole = busy.sizeHint().width()
    assert busy.words_in(whole) == "Segment lungs"
    cut = busy.words_in(whole - 30)
    assert cut.endswith("…") and cut.startswith("Seg")
    gone = busy.fontMetrics().horizontalAdvance("Segment lungs") + 20
    assert busy.words_in(whole - gone) in ("", "…")


def test_a_busy_button_squeezed_paints_its_figures_whole(themed: QApplication) -> None:
    def right_edge(wide: int) -> QImage:
        busy = Button("Segment lungs", icon="lungs", key="F5")
        busy.set_kind(BUSY, done=0.0, note="14 %")
        busy.resize(wide, busy.sizeHint().height())
        picture = busy.grab().toImage()
        return picture.copy(wide - 10, 8, 9, 14)

    whole = Button("Segment lungs", icon="lungs", key="F5")
    whole.set_kind(BUSY, done=0.0, note="14 %")
    wide = whole.sizeHint().width()
    assert right_edge(wide) == right_edge(wide - 30), "no figure runs over the edge"
