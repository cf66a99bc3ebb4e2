"""The drawings of the open reading with their figures; a click goes to one.

Below them, as below the findings: how much lung was shown, and the own pass while it lasts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedLayout, QWidget

from viewer import theme
from viewer.measuring.shapes import Measured
from viewer.measuring.words import ICONS, name_of, plate, short
from viewer.panels import figures
from viewer.panels.coverage import CoverageRow
from viewer.panels.empty import EmptyState
from viewer.panels.entries import Entries, EntryList
from viewer.panels.measurement_rows import (
    BUTTONS,
    NAME,
    REMOVE,
    MeasurementEntry,
    MeasurementRows,
)
from viewer.panels.parts import column, ground, line, row, words
from viewer.panels.pass_row import PassRow
from viewer.views.planes import AXIAL, CORONAL, PLANES, SAGITTAL

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

STRAIGHT = 0.999
"""A normal leaning less than this against the patient's own (2.5 degrees) is called by its name."""


class MeasurementsPanel(QWidget):
    """Draws what the desk announces."""

    def __init__(self, desk: Desk, actions: dict[str, QAction], keys: dict[str, str]) -> None:
        super().__init__()
        ground(self, "panel")
        self._desk, self._actions, self._keys = desk, actions, keys
        self.model = Entries()
        self.list = EntryList(self.model)
        labels = dict(zip(BUTTONS, (self.tr("Words"), self.tr("Remove")), strict=True))
        self.rows = MeasurementRows(self.list, labels, keys)
        self.list.setItemDelegate(self.rows)
        self.list.parts_of = self.rows.parts_of
        self.list.entry_clicked.connect(self._clicked)
        self.empty = EmptyState("distance")
        inset = theme.size("space.m")
        head = QWidget()
        head.setFixedHeight(theme.size("list.head"))
        told = words(self.tr("Counted from the stored HU"), "captionSecondary")
        head.setLayout(row(told, None, inset=(inset, 0, inset, 0)))
        filled, nothing = QWidget(), QWidget()
        filled.setLayout(column(head, line(), self.list))
        nothing.setLayout(column(None, self.empty, None, None))
        self._stack = QStackedLayout()
        self._stack.addWidget(nothing)
        self._stack.addWidget(filled)
        self.coverage_row = CoverageRow(actions, keys)
        self.pass_row = PassRow(desk, actions, keys)
        whole = column()
        whole.addLayout(self._stack, 1)
        whole.addWidget(self.coverage_row)
        whole.addWidget(self.pass_row)
        self.setLayout(whole)
        desk.reading_changed.connect(lambda _: self.pass_row.refresh())
        desk.own_pass.changed.connect(self.pass_row.refresh)
        desk.measuring.changed.connect(self.refresh)
        desk.scan_opened.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Everything anew from the desk."""
        board = self._desk.measuring
        chosen = board.selected
        entries = [self._entry(one, one is chosen) for one in board.measured]
        self.model.set_entries(entries)
        self.list.scheduleDelayedItemsLayout()
        self._stack.setCurrentIndex(1 if entries else 0)
        for n, entry in enumerate(entries):
            if entry.selected:
                self.list.doItemsLayout()
                self.list.scrollTo(self.model.index(n))
        self._say_empty()

    def _entry(self, measured: Measured, selected: bool) -> MeasurementEntry:
        board, shape = self._desk.measuring, measured.shape
        label, name = board.label_of(shape), name_of(shape)
        lines = tuple(plate(measured, ""))
        return MeasurementEntry(
            id=measured.id,
            icon=ICONS[shape.kind],
            title=label or name,
            head=short(measured),
            lines=(*lines, name) if label and selected else lines,
            where=self._where(measured),
            selected=selected,
        )

    def _where(self, measured: Measured) -> str:
        """The scan where it is another one; the image, or the plane where it lies across images."""
        tag, place = self._desk.measuring.tag_of(measured.shape), self._place(measured)
        return f"{tag} · {place}" if tag else place

    def _place(self, measured: Measured) -> str:
        number = self._desk.measuring.image_of(measured.shape)
        if number is not None:
            return figures.image(number)
        names = {
            AXIAL: self.tr("axial"),
            CORONAL: self.tr("coronal"),
            SAGITTAL: self.tr("sagittal"),
        }
        for plane, name in names.items():
            way = zip(PLANES[plane].onward, measured.shape.normal_lps, strict=True)
            if abs(sum(a * b for a, b in way)) > STRAIGHT:
                return name
        return self.tr("oblique")

    def _clicked(self, entry: MeasurementEntry, at: QPointF) -> None:
        button = self.rows.button_at(entry, at, self.list.viewport().width())
        if button == NAME:
            self._actions[NAME].trigger()
        elif button == REMOVE:
            self._desk.measuring.remove(entry.id)
        else:
            self._desk.measuring.go_to(entry.id)

    def _say_empty(self) -> None:
        if self._stack.currentIndex() == 1:
            return
        if self._desk.scan is None:
            text = self.tr("Distances, angles and regions appear here as you draw them.")
            self.empty.say("distance", self.tr("No study open"), text)
            return
        text = self.tr("{0} draws a distance, {1} both axes, {2} an oval, {3} tells a point's HU.")
        tools = ("length", "bidirectional", "ellipse", "probe")
        said = text.format(*(self._keys[f"tool-{name}"] for name in tools))
        self.empty.say("distance", self.tr("Nothing measured yet"), said)
