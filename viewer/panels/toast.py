"""The toast: one short sentence at the foot of the active pane, with the way back, for 6 s.

What can be chosen stands beside it for the first seconds: after a rejection its reason.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.language.spoken import say, tight
from viewer.notices import Notice
from viewer.panels.buttons import LINK, Button
from viewer.panels.parts import IconMark, elided, row, words

ICONS = {"info": "info", "warn": "warn", "refused": "refused", "good": "done"}


class Toast(QWidget):
    """One at a time; it stops while the pointer is on it, and never takes the focus."""

    displaced = Signal()  # the panes lie otherwise: say where it stands now

    def __init__(self, parent: QWidget, button_for: Callable[[str], Button | None]) -> None:
        super().__init__(parent)
        self._button_for = button_for
        self._over, self._text, self._afterwards = QRect(), "", ""
        self.setFixedHeight(theme.size("toast"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._mark = IconMark("info")
        self.label = words("")
        self._row = row(self._mark, self.label, gap=theme.size("space.m"))
        inset = theme.size("space.l")
        self._row.setContentsMargins(inset, 0, inset, 0)
        self.setLayout(self._row)
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
        self._mark.set_icon(ICONS[notice.level], f"notice.{notice.level}")
        for old in (*self.choices, self.second, self.button):
            if old is not None:
                self._row.removeWidget(old)
                old.hide()
                old.deleteLater()
        made = [self._button_for(action) for action in notice.choices]
        self.choices = [button for button in made if button is not None]
        self.second = self._button_for(notice.second) if notice.second else None
        self.button = self._button_for(notice.action) if notice.action else None
        for button in (*self.choices, self.second, self.button):
            if button is not None:
                button.set_kind(LINK)
                self._row.addWidget(button)
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

    def set_over(self, pane: QRect) -> None:
        """The place of the active pane in the parent: the toast stands at its foot."""
        self._over = pane
        if self.isVisible():
            self._settle()

    def _settle(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        over = self._over if self._over.isValid() else parent.rect()
        self.setMaximumWidth(max(1, parent.width() - 2 * theme.size("space.l")))
        self.label.ensurePolished()
        self.label.setText(self._text)
        self._make_room()
        over_by = self._row.sizeHint().width() - self.maximumWidth()
        if over_by > 0:  # the way back stays whole, the sentence is cut and its tooltip tells it
            room = self.label.sizeHint().width() - over_by
            self.label.setText(elided(self._text, self.label.font(), max(1, room)))
        self._row.invalidate()
        self._row.activate()
        self.resize(self._row.sizeHint().width(), theme.size("toast"))
        x = over.center().x() - self.width() // 2
        x = max(
            theme.size("space.l"), min(x, parent.width() - self.width() - theme.size("space.l"))
        )
        self.move(x, over.bottom() - theme.size("toast.above") - self.height())

    def _make_room(self) -> None:
        """Where choices do not fit, their keys go first and the way back next, for that time."""
        for button in self.choices:
            button.show_key(True)
        back = [button for button in (self.second, self.button) if button is not None]
        for button in back:
            button.setVisible(True)
        if not self.choices:
            return
        if self._row.sizeHint().width() > self.maximumWidth():
            for button in self.choices:
                button.show_key(False)
        if self._row.sizeHint().width() > self.maximumWidth():
            for button in back:
                button.setVisible(False)

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
