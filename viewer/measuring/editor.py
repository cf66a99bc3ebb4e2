"""A field on the image for the reader's own words about a drawing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.panels.parts import Field


class LabelField(Field):
    """Enter or a click elsewhere keeps the words, Esc gives them up; then it goes by itself."""

    def __init__(
        self,
        pane: QWidget,
        text: str,
        *,
        kept: Callable[[str], object],
        left: Callable[[], object],
    ) -> None:
        super().__init__(pane)
        self._pane, self._done = pane, False
        self._keep, self._leave = kept, left
        self.setPlaceholderText(self.tr("Your words"))
        self.setAccessibleName(self.tr("Words for this drawing"))
        self.setMaxLength(theme.size("measure.words"))
        self.setText(text)
        self.setFixedWidth(theme.size("measure.field"))
        self.kept.connect(self._kept)
        self.left.connect(self._left)

    def open_at(self, x: float, y: float) -> None:
        """Shows it with its upper left corner there, moved so that it lies inside the pane."""
        self.adjustSize()
        edge = theme.size("space.xs")
        right = self._pane.width() - self.width() - edge
        bottom = self._pane.height() - self.height() - edge
        self.move(round(max(edge, min(x, right))), round(max(edge, min(y, bottom))))
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.keep()

    def keep(self) -> None:
        """As Enter does; a second time nothing comes of it."""
        self._kept(self.text())

    def close_quietly(self) -> None:
        """Goes without a word: what it spoke of is gone."""
        if not self._done:
            self._end()

    def _kept(self, text: str) -> None:
        if not self._done:
            self._end()
            self._keep(text)

    def _left(self) -> None:
        if not self._done:
            self._end()
            self._leave()

    def _end(self) -> None:
        self._done = True
        had = self.hasFocus()
        self.hide()
        self.deleteLater()
        if had:
            self._pane.setFocus()


class Naming:
    """Asks for words; at most one field is open."""

    def __init__(self) -> None:
        self._field: LabelField | None = None

    def ask(
        self,
        pane: QWidget,
        text: str,
        at: tuple[float, float],
        kept: Callable[[str], object],
        left: Callable[[], object] = lambda: None,
    ) -> None:
        """A field at a place of a pane. kept: given the words; left: they were given up."""
        if self._field is not None:
            self._field.close_quietly()
        self._field = field = LabelField(pane, text, kept=kept, left=left)
        field.destroyed.connect(lambda *_: self._forget(field))
        field.open_at(*at)

    def settle(self) -> None:
        """What stands in the field is kept, as by a click elsewhere."""
        if self._field is not None:
            self._field.keep()

    def _forget(self, field: LabelField) -> None:
        if self._field is field:
            self._field = None
