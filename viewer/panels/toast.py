"""The toast: one short sentence at the foot of the active pane, with the way back, for 6 s.

What can be chosen stands beside it for the first seconds: after a rejection its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.language.spoken import say, tight
from viewer.notices import REJECTED, Notice
from viewer.panels.buttons import LINK, Button
from viewer.panels.parts import IconMark, words
from viewer.panels.toast_rows import Rows, in_one_line, in_room

ROOMY_PX = 420
"""A narrower pane gives a toast nearly its whole width."""
FEW_LINES = 3
"""With more it would fill a small pane; over all of them it may have fewer."""
MOST_LINES = 8

ICONS = {"info": "info", "warn": "warn", "refused": "refused", "good": "done"}


class Toast(QWidget):
    """One at a time; it stops while the pointer is on it, and never takes the focus."""

    displaced = Signal()  # the panes lie otherwise: say where it stands now

    def __init__(self, parent: QWidget, button_for: Callable[[str], Button | None]) -> None:
        super().__init__(parent)
        self._button_for = button_for
        self._over, self._text, self._afterwards = QRect(), "", ""
        self._clear_of: tuple[QRect, ...] = ()
        self.setFixedHeight(theme.size("toast"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._mark = IconMark("info")
        self.label = words("")
        for part in (self._mark, self.label):
            part.setParent(self)
        self.button: Button | None = None
        self.second: Button | None = None
        self.choices: list[Button] = []
        self._life = QTimer(self, singleShot=True, interval=theme.size("motion.toastLife"))
        self._life.timeout.connect(self.hide)
        self._choosing = QTimer(self, singleShot=True, interval=theme.size("motion.reasonLife"))
        self._choosing.timeout.connect(self._end_choice)
        self.hide()
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Where the panes become narrower or lower, as beside the studies and over the jobs, it
        goes with them: once they have settled, for they are told after this."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._settle()
            QTimer.singleShot(0, self, self.displaced.emit)
        return super().eventFilter(watched, event)

    def tell(self, notice: Notice) -> None:
        """Takes the place of the one before."""
        text = tight(" ".join(say(part) for part in (notice.sentence, notice.remedy) if part))
        self._afterwards = tight(say(notice.sentence))
        self._text = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        if notice.level == REJECTED:  # the state's own sign, as on the mark
            self._mark.set_icon("close", "state.rejected")
        else:
            self._mark.set_icon(ICONS[notice.level], f"notice.{notice.level}")
        for old in self._shown():
            old.hide()
            old.deleteLater()
        made = [self._button_for(action) for action in notice.choices]
        self.choices = [button for button in made if button is not None]
        self.second = self._button_for(notice.second) if notice.second else None
        self.button = self._button_for(notice.action) if notice.action else None
        for button in self._shown():
            button.set_kind(LINK)
            button.setParent(self)
            button.show()
        self._settle()
        self.show()
        self.raise_()
        self._wait()

    def _wait(self) -> None:
        self._life.start()
        if self.choices:
            self._choosing.start()

    def _end_choice(self) -> None:
        """The time to choose is over; the way back stays."""
        for button in self.choices:
            button.hide()
        self.choices = []
        self._text = self._afterwards
        self._settle()

    def set_over(self, pane: QRect, clear_of: Sequence[QRect] = ()) -> None:
        """The place of the active pane in the parent: the toast stands in it, at its foot.

        clear_of: what it must not hide, as the current finding there.
        """
        was = self._over, self._clear_of
        self._over, self._clear_of = pane, tuple(clear_of)
        if self.isVisible() and was != (self._over, self._clear_of):
            self._settle()

    @property
    def _pane(self) -> QRect:
        parent = self.parentWidget()
        assert parent is not None
        within = self._over.intersected(parent.rect()) if self._over.isValid() else QRect()
        return within if within.isValid() else parent.rect()

    def _settle(self) -> None:
        """In its pane; over all of them where it would be cut there, hide what must be seen, or
        be all words."""
        there = self._lay(self._pane)
        parent = self.parentWidget()
        if any(there) and parent is not None and self._lay(parent.rect()) >= there:
            self._lay(self._pane)

    def _lay(self, pane: QRect) -> tuple[bool, int, bool]:
        """As large as its words and buttons, but no wider than a pane, and at its foot. What is bad
        about it, the worst first: it is cut, hides so many pixels, has too many lines."""
        edge = theme.size("space.l" if pane.width() > ROOMY_PX else "space.s")
        self.setMaximumWidth(max(1, pane.width() - 2 * edge))
        self.label.ensurePolished()
        rows = self._rows(pane)
        self.label.setText(rows.text)
        self.label.setGeometry(rows.words)
        for button, place in zip(self._shown(), rows.buttons, strict=True):
            button.setGeometry(place)
        inset, line = rows.words.left() - self._lead, theme.line_height("body")
        top = rows.words.top() + (0 if rows.words.top() else (rows.size.height() - line) // 2)
        self._mark.move(inset, top + (line - self._mark.height()) // 2)
        self.setFixedHeight(rows.size.height())
        self.resize(rows.size)
        self._place(pane)
        return not rows.whole, self._hidden(self.geometry()), rows.lines > FEW_LINES

    @property
    def _lead(self) -> int:
        return self._mark.width() + theme.size("space.m")

    def _shown(self) -> list[Button]:
        every = (*self.choices, self.second, self.button)
        return [button for button in every if button is not None]

    def _rows(self, pane: QRect) -> Rows:
        """One line where it fits; the keys of choices become shorter first (Alt+1, 2, 3), then
        words are broken into lines and buttons go below them. No choice stands without its key,
        and only a pane that is too low for its words has them cut."""
        room, font = self.maximumWidth(), self.label.font()
        for short in (False, True):
            for n, button in enumerate(self.choices):
                button.show_key(True, last_alone=short and n > 0)
            rows = in_one_line(self._text, font, self._shown(), self._lead)
            if rows.size.width() <= room:
                return rows
        parts = self._text, font, self._shown(), self._lead, room
        best = in_room(*parts, 2, tight=True)
        for most in range(2, MOST_LINES + 1):
            for close in (False, True):
                rows = in_room(*parts, most, tight=close)
                if rows.size.height() <= pane.height():
                    best = rows
                    break
            if best.whole:
                break
        return best

    def _place(self, pane: QRect) -> None:
        """At the foot of a pane, or as near to it as hides nothing that it must not."""
        above = theme.size("toast.above")
        edge = theme.size("space.l")
        x = pane.center().x() - self.width() // 2
        low = max(pane.top(), min(pane.top() + edge, pane.bottom() + 1 - self.height()))
        foot = max(low, pane.bottom() - above - self.height())
        head = min(foot, pane.top() + above)
        places = [QRect(x, foot, self.width(), self.height())]
        for other in self._clear_of:
            for y in (other.top() - edge // 2 - self.height(), other.bottom() + edge // 2):
                if head <= y <= foot:
                    places.append(QRect(x, y, self.width(), self.height()))
        places.append(QRect(x, head, self.width(), self.height()))
        best = min(places, key=lambda one: (self._hidden(one), foot - one.y()))
        self.move(best.topLeft())

    def _hidden(self, place: QRect) -> int:
        """How much of what must be seen a toast there would hide, in pixels."""
        both = (place.intersected(other) for other in self._clear_of)
        return sum(one.width() * one.height() for one in both if not one.isEmpty())

    def enterEvent(self, event: QEnterEvent) -> None:
        self._life.stop()
        self._choosing.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._wait()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.color("bg.raised"))
        painter.setPen(theme.pen("line.strong"))
        radius = theme.number("radius.card")
        painter.drawRoundedRect(
            self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), radius, radius
        )
        painter.end()
