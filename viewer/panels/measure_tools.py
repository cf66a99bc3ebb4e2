"""The measuring tools of the top bar: as many buttons as there is room for, the rest in a menu."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from viewer.measuring.shapes import Kind
from viewer.measuring.words import ICONS
from viewer.panels.buttons import Tool
from viewer.panels.keytext import KeyTexts
from viewer.panels.parts import row

ORDER = (
    Kind.LENGTH,
    Kind.BIDIRECTIONAL,
    Kind.ELLIPSE,
    Kind.PROBE,
    Kind.ANGLE,
    Kind.FREEHAND,
    Kind.ARROW,
)
"""The most used first: they keep their buttons longest."""
USUAL = 4
"""How many have a button in a window of common width."""


class MeasureTools(QWidget):
    """Buttons for rows of the action table."""

    def __init__(self, actions: dict[str, QAction], keys: KeyTexts) -> None:
        super().__init__()
        self._actions = actions
        self._tool, self._count = "", USUAL
        self.tools = {kind: self._button(kind, keys) for kind in ORDER}
        self.more = Tool("more", self.tr("More measuring tools"), checkable=True)
        self.more.clicked.connect(self._open)
        self.setLayout(row(*self.tools.values(), self.more))
        self.set_count(USUAL)

    @property
    def every(self) -> tuple[Tool, ...]:
        return (*self.tools.values(), self.more)

    def set_count(self, count: int) -> None:
        """How many have a button of their own."""
        self._count = count
        for n, button in enumerate(self.tools.values()):
            button.setVisible(n < count)
        self.more.setVisible(count < len(ORDER))
        self.show_tool(self._tool)

    def show_tool(self, name: str) -> None:
        """Which tool the left hand has; one without a button shows on that of the menu."""
        self._tool = name
        hidden = ""
        for n, (kind, button) in enumerate(self.tools.items()):
            chosen = kind.value == name
            button.setChecked(chosen)
            button.set_icon(_icon(kind), "accent.base" if chosen else "text.secondary")
            if chosen and n >= self._count:
                hidden = _icon(kind)
        self.more.setChecked(bool(hidden))
        self.more.set_icon(hidden or "more", "accent.base" if hidden else "text.secondary")

    def _button(self, kind: Kind, keys: KeyTexts) -> Tool:
        action = f"tool-{kind.value}"
        text = self._actions[action].text()
        tool = Tool(_icon(kind), text, key=keys.get(action, ""), checkable=True)
        tool.clicked.connect(self._actions[action].trigger)
        return tool

    def _open(self) -> None:
        self.show_tool(self._tool)
        menu = QMenu(self)
        for kind in ORDER[self._count :]:
            menu.addAction(self._actions[f"tool-{kind.value}"])
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))


def _icon(kind: Kind) -> str:
    return ICONS[kind]
