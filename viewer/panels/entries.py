"""A list of values drawn by a delegate: no widget for each row, one hover, one click."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QDrag, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView

from viewer.panels.dragging import carry, is_drag

Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole


def plain_tip(text: str) -> str:
    """A tool tip that shows the text as it stands: Qt would take a name with signs for markup."""
    lines = "<br>".join(html.escape(line) for line in text.split("\n"))
    return f"<p>{lines}</p>" if text else ""


class Entries(QAbstractListModel):
    """Rows that are frozen values."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[Any, ...] = ()

    @property
    def entries(self) -> tuple[Any, ...]:
        return self._entries

    def set_entries(self, entries: Sequence[Any]) -> None:
        """New rows; as few as have changed are drawn anew when their number stays."""
        new, old = tuple(entries), self._entries
        if len(new) != len(old):
            self.beginResetModel()
            self._entries = new
            self.endResetModel()
            return
        self._entries = new
        for n, (a, b) in enumerate(zip(old, new, strict=True)):
            if a != b:
                self.dataChanged.emit(self.index(n), self.index(n))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == ENTRY:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return str(entry)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(getattr(entry, "tip", "")) or None
        return None


class EntryList(QListView):
    """The view: never focused, never selecting; it tells which entry was clicked and where."""

    entry_clicked = Signal(object, object)  # the entry, QPointF from its upper left corner
    lowered = Signal(int)  # how high it was
    laid_out = Signal()  # rows may lie elsewhere now

    def __init__(self, model: Entries) -> None:
        super().__init__()
        self.setModel(model)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(False)
        self.setMouseTracking(True)
        self.hovered = QModelIndex()
        self.hover_at: QPointF | None = None
        self.pressed_at: QPointF | None = None
        self.drag_of: Callable[[Any], QDrag | None] = lambda entry: None
        self.parts_of: Callable[[Any, float], list[QRectF]] = lambda entry, wide: []
        """Painted buttons of a row of that width, from its upper left corner."""

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self.laid_out.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().height() < event.oldSize().height():
            self.lowered.emit(event.oldSize().height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(event)
        event.accept()
        if self.pressed_at is None or not is_drag(self.pressed_at, event.position()):
            return
        index = self.indexAt(self.pressed_at.toPoint())
        drag = self.drag_of(index.data(ENTRY)) if index.isValid() else None
        if drag is not None:
            self.pressed_at = None
            carry(drag)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed_at = event.position()
            self._hover(event)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at, was, self.pressed_at = event.position(), self.pressed_at, None
        self.viewport().update()
        if was is None:
            event.accept()
            return  # it was a drag, or began elsewhere
        index = self.indexAt(at.toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            corner = self.visualRect(index).topLeft()
            self.entry_clicked.emit(index.data(ENTRY), at - corner.toPointF())
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered, self.hover_at = QModelIndex(), None
        self.viewport().update()
        super().leaveEvent(event)

    def _hover(self, event: QMouseEvent) -> None:
        self.hover_at = event.position()
        self.hovered = self.indexAt(event.position().toPoint())
        self.viewport().update()
