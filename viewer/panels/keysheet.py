"""The key sheet: every key over the panes, to look up, to carry out by name, to change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QStyle, QWidget

from ai.errors import HilumError
from viewer import theme
from viewer.keymaps import MAPS, Keys, native, ready_map
from viewer.panels.buttons import QUIET, Button, Choice, Tool
from viewer.panels.figures import STATES, state_word
from viewer.panels.key_columns import WHOLE_WIDE, Cap, KeyColumns, KeyLine
from viewer.panels.parts import Field, KeyCap, box, column, ground, line, paint_words, row, words
from viewer.views.glyphs import paint_glyph

LEGEND = ("undecided", "accepted", "edited", "rejected", "added", "held")
VERDICTS: Final = ("accept", "reject", "undecided", "delete", "reason-")
"""How the actions begin that answer for a finding: never done unseen by a mere Down and Enter."""
WIDE_FROM: Final = 860
"""From this width on the head has room for all its words."""

HABITS: Final[dict[str, str]] = {
    "ohif": str(
        QT_TRANSLATE_NOOP(
            "KeyMap",
            "Not as in OHIF: Space hides marks, H is the hand, V is 3-D; A, E and N judge.",
        )
    ),
    "weasis": str(
        QT_TRANSLATE_NOOP(
            "KeyMap",
            "Not as in Weasis: M adds a finding, A accepts, P goes back, Space hides marks.",
        )
    ),
    "horos": str(
        QT_TRANSLATE_NOOP(
            "KeyMap",
            "Not as in Horos: M adds a finding, A accepts, E edits, X rejects, H is the hand.",
        )
    ),
}
"""What hands from elsewhere must know: the keys of judging are the same in every map."""


class Legend(QWidget):
    """What each mark means."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(theme.size("rowCompact"))
        self.setAccessibleName(", ".join(state_word(state) for state in LEGEND))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        x, side = 0.0, theme.number("glyph")
        middle = self.height() / 2
        for state in LEGEND:
            assert state in STATES
            paint_glyph(painter, QRectF(x, middle - side / 2, side, side), state)
            x += side + theme.number("space.s")
            room = QRectF(x, 0, self.width() - x, self.height())
            x += paint_words(painter, room, state_word(state), "caption", "text.secondary")
            x += theme.number("space.l")
        painter.end()


class FindField(Field):
    """Enter carries out the current line, Up and Down choose it, Ctrl+Enter changes its key."""

    moved = Signal(int)
    change = Signal()

    def event(self, event: QEvent) -> bool:
        if self.composing.takes(event):
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter or event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if ctrl and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.change.emit()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)


class KeySheet(QWidget):
    """Opened by F1, closed by F1 or Esc. It changes the keys and tells that they have changed."""

    closed = Signal()
    changed = Signal()
    asked = Signal(str)  # an action to carry out
    print_asked = Signal()

    def __init__(
        self,
        keys: Keys,
        lines: Callable[[Keys], Sequence[KeyLine]],
        name_of: Callable[[str], str],
    ) -> None:
        """lines: what the sheet says of keys. name_of: an action in the reader's language."""
        super().__init__()
        ground(self, "panel")
        self._keys, self._lines, self._name_of = keys, lines, name_of
        self._clash = ""
        self._before = keys.all_chosen()
        self.field = FindField()
        self.field.setPlaceholderText(self.tr("Type to find an action, Enter does it"))
        self.field.setAccessibleName(self.tr("Find an action"))
        self.field.setFixedWidth(260)
        self.field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.columns = KeyColumns(keys.is_own)
        self.columns.cap_clicked.connect(self.change_key)
        self.columns.key_pressed.connect(self._take)
        self.field.textChanged.connect(self._filter)
        self.field.left.connect(self.closed)
        self.field.kept.connect(self._do_current)
        self.field.moved.connect(self.columns.go)
        self.field.change.connect(self._change_current)
        self._build()
        self.refresh()

    def _build(self) -> None:
        self.maps = Choice()
        self._of_maps = words(self.tr("Viewing keys"), "secondary")
        for name in MAPS:
            text = QCoreApplication.translate("KeyMap", ready_map(name).name)
            self.maps.choices.addAction(text, partial(self.choose, name))
        self.reset = Button(self.tr("Reset"), icon="undo", kind=QUIET)
        self.reset.setToolTip(self.tr("Every key as the chosen map has it"))
        self.reset.clicked.connect(self._reset_all)
        self.print = Button(self.tr("Save as PDF"), icon="print")
        self.print.clicked.connect(self.print_asked)
        close = Tool("close", self.tr("Close"), key="Esc")
        close.clicked.connect(self.closed)
        scroll = QScrollArea()
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        ground(self.columns, "panel")
        scroll.setWidget(self.columns)
        inset, gap = theme.size("space.xl"), theme.size("space.m")
        head = row(
            words(self.tr("Keys"), "title"), gap, self.field, None, self._of_maps, gap, self.maps,
            gap, self.reset, gap, self.print, gap, close, inset=(inset, gap, inset, gap),
        )  # fmt: skip
        self.habit = words("", "captionSecondary", wrap=True)
        self.said = words("", "bodyStrong", wrap=True)
        self.take_away = Button(self.tr("Take the key away"), kind=QUIET, small=True)
        self.take_away.clicked.connect(self._take_away)
        self.as_map = Button(self.tr("As the map has it"), kind=QUIET, small=True)
        self.as_map.clicked.connect(self._as_map)
        self.undo = Button(self.tr("Undo"), icon="undo", kind=QUIET, small=True)
        self.undo.clicked.connect(self._undo)
        speech = row(gap=gap)
        speech.addWidget(self.said, 1)
        speech.addWidget(self.undo)
        speech.addWidget(self.take_away)
        speech.addWidget(self.as_map)
        self._speech = box(speech)
        self._speech.setFixedHeight(theme.size("rowCompact"))
        self._closes = words(self.tr("closes"), "caption")
        closes = row(gap=theme.size("space.xs"))
        closes.addWidget(Legend(), 1)
        self._either = words(self.tr("or"), "caption")
        for part in (KeyCap("F1"), self._either, KeyCap("Esc"), self._closes):
            closes.addWidget(part)
        body = column(self.habit, scroll, inset=(inset, gap, inset, 0), gap=gap)
        foot = column(line(), self._speech, closes, inset=(inset, 0, inset, 0))
        whole = column(head, line())
        whole.addLayout(body, 1)
        whole.addLayout(foot)
        self.setLayout(whole)

    # What is asked of it

    @property
    def whole_width(self) -> int:
        """From this width on all columns stand side by side."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        return WHOLE_WIDE + 2 * theme.size("space.xl") + bar

    def opened(self) -> None:
        """Comes into sight: nothing searched for, nothing waiting."""
        self._stop_waiting("")
        self.field.clear()
        self.field.setFocus()

    def refresh(self) -> None:
        """Everything anew from the keys."""
        name = ready_map(self._keys.map).name
        self.maps.show_choice(QCoreApplication.translate("KeyMap", name))
        self.maps.chosen = self.maps.choices.actions()[MAPS.index(self._keys.map)]
        habit = HABITS.get(self._keys.map, "")
        self.habit.setText(QCoreApplication.translate("KeyMap", habit) if habit else "")
        self.habit.setVisible(bool(habit))
        self.reset.setVisible(bool(self._keys.own))
        self.columns.show_lines(self._lines(self._keys))

    def choose(self, name: str) -> None:
        """Another ready map."""
        self._stop_waiting("")
        self._carry_out(lambda: self._keys.choose(name), "")

    def change_key(self, cap: Cap) -> None:
        """The next key pressed is this cap's."""
        name = self._name_of(cap.action)
        if self._keys.is_fixed(cap.action):
            text = self.tr("{0} stays with {1}: that way you always find back.")
            self._stop_waiting(text.format(cap.text, name))
            return
        self._clash = ""
        self._say(self.tr("Press the new key for {0}. Esc leaves it as it is.").format(name))
        self.take_away.setVisible(bool(cap.key))
        self.as_map.setVisible(self._keys.is_own(cap.action))
        self.columns.wait_for(cap)

    # Within

    def _take(self, key: str) -> None:
        """A key was pressed for the cap that waits: taken, swapped, or refused with a sentence."""
        cap = self.columns.waiting
        assert cap is not None
        if key == "Esc":
            self._stop_waiting("")
            return
        owner, name = self._keys.owner(key), self._name_of(cap.action)
        if key == cap.key:
            self._stop_waiting("")
        elif owner == cap.action:
            self._say(self.tr("{0} is {1} already.").format(native(key), name))
        elif owner and self._keys.is_fixed(owner):
            text = self.tr("{0} stays with {1}. Press another key, or Esc.")
            self._say(text.format(native(key), self._name_of(owner)))
        elif owner and self._clash != key:
            self._clash = key
            self._say(self._clash_words(key, owner, cap))
        else:
            self._give(cap, key, owner)

    def _clash_words(self, key: str, owner: str, cap: Cap) -> str:
        if cap.key:
            text = self.tr("{0} is {1}. Press {0} again to swap the two, Esc to leave both.")
        else:
            text = self.tr("{0} is {1}. Press {0} again to take it from there, Esc to leave it.")
        return text.format(native(key), self._name_of(owner))

    def _give(self, cap: Cap, key: str, owner: str) -> None:
        said = self.tr("{0} is on {1} now.").format(self._name_of(cap.action), native(key))
        if owner and cap.key:
            said += " " + self.tr("{0} is on {1}.").format(self._name_of(owner), cap.text)
        elif owner:
            said += " " + self.tr("{0} has no such key any more.").format(self._name_of(owner))
        self._stop_waiting("")
        self._carry_out(lambda: self._keys.give(cap.action, cap.key, key), said)

    def _take_away(self) -> None:
        cap = self.columns.waiting
        if cap is not None:
            self._stop_waiting("")
            said = self.tr("{0} is no longer on {1}.").format(self._name_of(cap.action), cap.text)
            self._carry_out(lambda: self._keys.take(cap.action, cap.key), said)

    def _as_map(self) -> None:
        cap = self.columns.waiting
        if cap is not None:
            self._stop_waiting("")
            said = self.tr("{0} is as the map has it.").format(self._name_of(cap.action))
            self._carry_out(lambda: self._keys.reset(cap.action), said)

    def _reset_all(self) -> None:
        self._stop_waiting("")
        self._carry_out(self._keys.reset, self.tr("Every key is as the map has it."))

    def _undo(self) -> None:
        """The last change of keys never was, the whole of them or one; once more, and it is."""
        before = self._before
        self._stop_waiting("")
        text = self.tr("The keys are as they were before.")
        self._carry_out(lambda: self._keys.go_back(before), text)

    def _carry_out(self, change: Callable[[], None], said: str) -> None:
        """Changes the keys, and says so; where they could not be kept, that."""
        before = self._keys.all_chosen()
        try:
            change()
        except HilumError as error:
            said = f"{error.sentence} {error.remedy}"
        self.refresh()
        self._say(said)
        if self._keys.all_chosen() != before:
            self._before = before
            self.undo.show()
        self.changed.emit()

    def _stop_waiting(self, said: str) -> None:
        waited = self.columns.waiting is not None
        self._clash = ""
        self.columns.wait_for(None)
        self.take_away.hide()
        self.as_map.hide()
        self._say(said)
        if waited:
            self.field.setFocus()

    def _say(self, text: str) -> None:
        """One sentence at the foot; while nothing is said, what can be done here."""
        self.undo.hide()
        hint = self.tr("Click a key to change it.")
        self.said.setText(text or hint)
        self.said.setProperty("role", "bodyStrong" if text else "captionSecondary")
        self.said.style().unpolish(self.said)
        self.said.style().polish(self.said)

    def _filter(self, text: str) -> None:
        self.columns.filter(text)

    def _do_current(self) -> None:
        """Enter: the current line's action; with nothing searched for the sheet is left."""
        found = self.columns.current_line
        if not self.field.text().strip() and self.columns.current < 0:
            self.closed.emit()
        elif found is not None and found.actions:
            action = self._meant(found)
            if not self.field.text().strip() and action.startswith(VERDICTS):
                text = self.tr("Type {0} to do it from here: the pictures are covered.")
                self._say(text.format(self._name_of(action)))
                return
            self.closed.emit()
            self.asked.emit(action)

    def _meant(self, found: KeyLine) -> str:
        """Of actions that share a line the one whose own name or key was typed."""
        wanted = self.field.text().strip().lower()
        for action in found.actions:
            keys = [native(key).lower() for key in self._keys.of(action)]
            if wanted in keys or wanted in self._name_of(action).lower():
                return action
        return found.actions[0]

    def _change_current(self) -> None:
        found = self.columns.current_line
        if found is not None and found.actions:
            action = self._meant(found)
            self.change_key(next(cap for cap in found.caps if cap.action == action))

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = self.width() >= WIDE_FROM
        self._of_maps.setVisible(wide)
        for word in (self._either, self._closes):
            word.setVisible(wide)
        self.print.setText(self.tr("Save as PDF") if wide else self.tr("PDF"))
        super().resizeEvent(event)
