"""What a finding is, by the reader's choice: its type and its zone, once they have drawn it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.panels.buttons import Choice
from viewer.panels.figures import type_word
from viewer.panels.parts import column, ground, line, row
from viewer.reading.described import TYPES, ZONES
from viewer.reading.events import EXPORTED_STATES
from viewer.reading.labels import kind_of

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

ZONE_NAMES: dict[str, str] = {
    "RUZ": str(QT_TRANSLATE_NOOP("Describing", "Right, upper zone")),
    "RMZ": str(QT_TRANSLATE_NOOP("Describing", "Right, middle zone")),
    "RLZ": str(QT_TRANSLATE_NOOP("Describing", "Right, lower zone")),
    "LUZ": str(QT_TRANSLATE_NOOP("Describing", "Left, upper zone")),
    "LMZ": str(QT_TRANSLATE_NOOP("Describing", "Left, middle zone")),
    "LLZ": str(QT_TRANSLATE_NOOP("Describing", "Left, lower zone")),
    "": str(QT_TRANSLATE_NOOP("Describing", "Outside the lungs")),
}


def zone_name(zone: str) -> str:
    """'Left, middle zone'."""
    return QCoreApplication.translate("Describing", ZONE_NAMES.get(zone, zone))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


class DescribeBar(QWidget):
    """Of the current finding, while it is edited or once the reader has said that it is one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        ground(self, "panel")
        self._desk = desk
        self.type, self.zone = Choice(), Choice()
        for kind in TYPES:
            self.type.choices.addAction(_capital(type_word(kind)), partial(self._choose, kind=kind))
        for zone in ZONES:
            self.zone.choices.addAction(zone_name(zone), partial(self._choose, zone=zone))
        inset, gap = theme.size("space.m"), theme.size("space.s")
        whole = column()
        whole.addLayout(row(self.type, self.zone, None, inset=(inset, 6, inset, 6), gap=gap))
        whole.addWidget(line())
        self.setLayout(whole)
        self.type.setAccessibleName(self.tr("Type"))
        self.zone.setAccessibleName(self.tr("Zone"))
        desk.reading_changed.connect(self.refresh)
        desk.current_changed.connect(self.refresh)
        desk.editing.changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """As the reading has it; nothing while there is nothing to say."""
        finding, reading, target = (
            self._desk.current_finding,
            self._desk.reading,
            self._desk.editing.target,
        )
        if finding is None or reading is None:
            self.hide()
            return
        edited = target is not None and target.id == finding.id
        self.setVisible(edited or reading.states[finding.id] in EXPORTED_STATES)
        self.type.setVisible(kind_of(finding.kind).textured)
        self.type.show_choice(_capital(type_word(finding.measurement.type)))
        self.zone.show_choice(zone_name(finding.zone))

    def _choose(self, _checked: bool = False, *, kind: str = "", zone: str | None = None) -> None:
        self._desk.own.describe(kind=kind, zone=zone)
