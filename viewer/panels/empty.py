"""What stands where nothing is yet: an icon, one bold line, one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.panels.buttons import PRIMARY, Button
from viewer.panels.parts import IconMark, column, row, words


class EmptyState(QWidget):
    """What stands where nothing is yet: icon, one bold line, one sentence that says what to do."""

    def __init__(self, name: str = "nodules") -> None:
        super().__init__()
        self._said: tuple[str, ...] = ()
        self._icon = IconMark(name, "text.tertiary", "iconEmpty")
        self._head = words("", "bodyStrong", wrap=True)
        self._text = words("", "secondary", wrap=True)
        for label in (self._head, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._buttons = row(gap=theme.size("space.s"))
        inset = theme.size("space.xl")
        space = theme.size("space.m")
        self.setLayout(
            column(
                row(None, self._icon, None),
                space,
                self._head,
                4,
                self._text,
                space,
                row(None, self._buttons, None),
                inset=(inset, 0, inset, 0),
            )
        )

    def say(
        self,
        name: str,
        head: str,
        text: str,
        *,
        button: str = "",
        key: str = "",
        does: Callable[[], object] | None = None,
        first: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Icon, bold line, sentence; button: its words, where something can be done here.

        first: words and deed of a button that is the next step.
        """
        said = (name, head, text, button, first[0] if first else "")
        if said == self._said:
            return
        self._said = said
        self._icon.set_icon(name, "text.tertiary")
        self._head.setText(head)
        self._text.setText(text)
        while (item := self._buttons.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        if first is not None:
            step = Button(first[0], kind=PRIMARY)
            step.clicked.connect(first[1])
            self._buttons.addWidget(step)
        if button and does is not None:
            made = Button(button, key=key)
            made.clicked.connect(does)
            self._buttons.addWidget(made)

    @property
    def text(self) -> str:
        return f"{self._head.text()} {self._text.text()}"
