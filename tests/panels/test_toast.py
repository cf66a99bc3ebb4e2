"""A toast stands within its pane, loses no button, and hides no current finding."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from viewer.notices import Notice
from viewer.panels.buttons import Button
from viewer.panels.toast import Toast

REASONS = ("Vessel", "Scar", "Lymph node", "Atelectasis", "Other")
ZH = ("血管", "瘢痕", "淋巴结", "肺不张", "其他")
LONG = "Pinned at the crosshair of both scans, and the link between them stays by hand from here on"


def over_panes(qtbot: QtBot) -> Toast:
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.resize(1031, 560)
    ground.show()
    keys = {word: f"Alt+{n}" for words in (REASONS, ZH) for n, word in enumerate(words, 1)}
    toast = Toast(ground, lambda word: Button(word, key=keys.get(word, "Ctrl+Z")))
    qtbot.ground = ground  # type: ignore[attr-defined]
    return toast


@pytest.mark.parametrize("pane", [QRect(688, 0, 343, 280), QRect(823, 0, 208, 190),
                                  QRect(0, 0, 390, 560), QRect(0, 0, 515, 330)])  # fmt: skip
@pytest.mark.parametrize(
    "notice",
    [
        Notice("LMZ 1 rejected.", "Reason?", action="Undo", choices=REASONS),
        Notice("已排除左中野 1。", "原因？", action="撤销", choices=ZH),
        Notice(LONG, action="Undo"),
        Notice(LONG, action="Undo", second="Open series 2"),
    ],
)
def test_a_toast_stands_in_its_pane_with_every_button_whole(
    qtbot: QtBot, themed: QApplication, pane: QRect, notice: Notice
) -> None:
    toast = over_panes(qtbot)
    toast.set_over(pane)
    toast.tell(notice)
    narrow = pane.width() < 300 and LONG in notice.sentence  # it would fill all of that pane
    assert (toast.parentWidget().rect() if narrow else pane).contains(toast.geometry())
    assert said_by(toast) == toast.toolTip(), "nothing is cut"
    buttons = [*toast.choices, toast.button, *([toast.second] if toast.second else [])]
    for button in buttons:
        assert button is not None and button.isVisible()
        assert button.width() >= button.sizeHint().width()
        assert toast.rect().contains(button.geometry())
        assert not button.geometry().intersects(toast.label.geometry())
    assert toast.button is not None and toast.button.tail == "Ctrl+Z", "never without its key"
    if toast.choices:
        whole, *others = (button.tail for button in toast.choices)
        assert whole == "Alt+1" and [key[-1] for key in others] == ["2", "3", "4", "5"]
    assert toast.label.text().count("\n") <= 2
    places = [button.geometry() for button in buttons if button is not None]
    assert not any(a.intersects(b) for n, a in enumerate(places) for b in places[:n])


def test_keys_of_choices_become_shorter_and_never_go(qtbot: QtBot, themed: QApplication) -> None:
    toast = over_panes(qtbot)
    notice = Notice("已排除左中野 1。", "原因？", action="撤销", choices=ZH)

    def keys(wide: int) -> list[str]:
        toast.set_over(QRect(0, 0, wide, 330))
        toast.tell(notice)
        assert toast.width() <= wide
        return [button.tail for button in toast.choices]

    found = [tuple(keys(wide)) for wide in range(1031, 400, -10)]
    assert list(dict.fromkeys(found)) == [
        ("Alt+1", "Alt+2", "Alt+3", "Alt+4", "Alt+5"),
        ("Alt+1", "2", "3", "4", "5"),
    ]
    assert keys(200) == ["Alt+1", "2", "3", "4", "5"], "below the words, in rows"
    assert keys(687)[0] == "Alt+1", "in the axial pane of a window of 1440 x 900"


def said_by(toast: Toast) -> str:
    """What can be read of it: a line that breaks within Chinese has no space there."""
    text = toast.label.text()
    assert "\u2026" not in text
    return text.replace("\n", " " if text.isascii() else "")


def test_words_break_into_two_lines_in_their_pane(qtbot: QtBot, themed: QApplication) -> None:
    toast = over_panes(qtbot)
    toast.set_over(QRect(0, 0, 515, 330))
    toast.tell(Notice(LONG, action="Undo"))
    assert toast.label.text().count("\n") == 1 and said_by(toast) == LONG


def test_where_three_lines_are_too_few_it_stands_over_all_panes(
    qtbot: QtBot, themed: QApplication
) -> None:
    toast, pane = over_panes(qtbot), QRect(823, 0, 208, 330)
    toast.set_over(pane)
    toast.tell(Notice(LONG, action="Undo"))
    assert not pane.contains(toast.geometry())
    assert toast.label.text().count("\n") <= 2 and said_by(toast) == LONG
    toast.tell(Notice("Accepted.", action="Undo"))
    assert pane.contains(toast.geometry())


@pytest.mark.parametrize("wide", [260, 343, 480, 700])
def test_a_long_sentence_is_whole_where_all_panes_are_narrow(
    qtbot: QtBot, themed: QApplication, wide: int
) -> None:
    toast = over_panes(qtbot)
    toast.parentWidget().resize(wide, 400)
    toast.set_over(QRect(0, 0, wide // 2, 190))
    text = f"{LONG}. The search for nodules was stopped. F6 begins it again there."
    toast.tell(Notice(text, action="Undo", second="Open series 2"))
    assert said_by(toast) == text
    assert toast.parentWidget().rect().contains(toast.geometry())


def test_where_there_is_no_room_at_all_it_is_cut_and_says_so(
    qtbot: QtBot, themed: QApplication
) -> None:
    toast = over_panes(qtbot)
    toast.parentWidget().resize(343, 90)
    toast.tell(Notice(f"{LONG}. {LONG}.", action="Undo"))
    assert toast.height() <= 90 and toast.label.text().endswith("\u2026")
    assert toast.toolTip() == f"{LONG}. {LONG}."


def test_where_its_pane_has_no_room_beside_the_current_finding_it_stands_over_all_of_them(
    qtbot: QtBot, themed: QApplication
) -> None:
    toast, pane = over_panes(qtbot), QRect(771, 275, 260, 285)
    rings = [QRect(880, 400, 40, 40), QRect(300, 200, 50, 50)]
    toast.set_over(pane, rings)
    toast.tell(Notice("LMZ 1 rejected.", "Reason?", action="Undo", choices=REASONS))
    assert not any(toast.geometry().intersects(ring) for ring in rings)
    assert toast.button is not None and toast.rect().contains(toast.button.geometry())
    toast.set_over(pane, [])
    assert pane.contains(toast.geometry())


def test_it_goes_out_of_the_way_of_the_current_finding_and_back(
    qtbot: QtBot, themed: QApplication
) -> None:
    toast, pane = over_panes(qtbot), QRect(0, 0, 515, 330)
    toast.set_over(pane)
    toast.tell(Notice("LMZ 1 accepted", action="Undo"))
    foot = toast.geometry()
    ring = foot.adjusted(-10, -10, 10, 10)
    toast.set_over(pane, [ring])
    assert not toast.geometry().intersects(ring) and pane.contains(toast.geometry())
    toast.set_over(pane, [])
    assert toast.geometry() == foot
