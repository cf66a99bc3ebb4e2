"""How thick the cuts are and which layout lies there, in the top bar; each with a menu."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, QRectF
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu

from viewer import theme
from viewer.panels.buttons import Choice, Tool
from viewer.panels.parts import paint_icon, restyle
from viewer.views.pane_text import slab_words
from viewer.views.slab import Slab

LAYOUTS = ("layout-read", "layout-compare", "layout-review", "volume")
SLABS = ("slab-off", "slab-mip", "slab-minip", "slab-average")
THICKNESS = ("slab-thicker", "slab-thinner")
ONE_PANE = ("maximise", "detach")


def tr(text: str) -> str:
    return QCoreApplication.translate("ViewChoices", text)


class SlabButton(Choice):
    """Off, or what kind and how many millimetres; its menu steps on and makes it thicker."""

    def __init__(self, actions: dict[str, QAction]) -> None:
        super().__init__()
        for n, group in enumerate((SLABS, THICKNESS)):
            if n:
                self.choices.addSeparator()
            self.choices.addActions([actions[name] for name in group])
        self.show_slab(Slab())

    def show_slab(self, slab: Slab) -> None:
        if slab.on:
            self.show_choice(*slab_words(slab))
        else:
            self.show_choice(tr("Slab off"), "")


class LayoutButton(Tool):
    """The layouts of the table, and what can be done with one pane."""

    def __init__(self, actions: dict[str, QAction]) -> None:
        super().__init__("layout")
        self.set_tip(tr("Layout"))
        self.setProperty("caret", True)
        self.menu_of_layouts = QMenu(self)
        for n, group in enumerate((LAYOUTS, ONE_PANE)):
            if n:
                self.menu_of_layouts.addSeparator()
            self.menu_of_layouts.addActions([actions[name] for name in group if name in actions])
        self.clicked.connect(self._open)

    def show_caret(self, shown: bool) -> None:
        """In a narrow window the caret goes: the icon stands for the menu."""
        if shown != self.property("caret"):
            self.setProperty("caret", shown)
            restyle(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.property("caret"):
            return
        painter, side = QPainter(self), theme.number("caret")
        right = self.width() - side - theme.number("space.xs")
        paint_icon(painter, "lists", QRectF(right, (self.height() - side) / 2, side, side))
        painter.end()

    def _open(self) -> None:
        self.menu_of_layouts.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))
