"""What a finding is, by the reader's choice: its type and zone, in its card once it is drawn."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QRect
from PySide6.QtWidgets import QWidget

from ai.scan.finding import UNKNOWN_ZONE
from viewer import theme
from viewer.panels.buttons import Choice
from viewer.panels.figures import type_word
from viewer.panels.parts import row
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
    UNKNOWN_ZONE: str(QT_TRANSLATE_NOOP("Describing", "Zone not known yet")),
}


GAP = 6


def zone_name(zone: str) -> str:
    """'Left, middle zone'."""
    return QCoreApplication.translate("Describing", ZONE_NAMES.get(zone, zone))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def describable(desk: Desk, finding_id: str) -> bool:
    """Whether a finding's card offers the choices: it is current, and edited or said to be one."""
    reading, target = desk.reading, desk.editing.target
    if reading is None or finding_id != desk.current:
        return False
    edited = target is not None and target.id == finding_id
    return edited or reading.states.get(finding_id) in EXPORTED_STATES


class DescribeBar(QWidget):
    """The choices of the current finding; the list of findings lays them into its card."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self.type, self.zone = Choice(small=True), Choice(small=True)
        for kind in TYPES:
            self.type.choices.addAction(_capital(type_word(kind)), partial(self._choose, kind=kind))
        for zone in ZONES:
            self.zone.choices.addAction(zone_name(zone), partial(self._choose, zone=zone))
        self.setLayout(row(self.type, self.zone, None, gap=GAP))
        self.type.setAccessibleName(self.tr("Type"))
        self.zone.setAccessibleName(self.tr("Zone"))
        self.refresh()

    def refresh(self) -> None:
        """As the reading has it; hidden while the card of no finding offers them."""
        finding = self._desk.current_finding
        if finding is None or not describable(self._desk, finding.id):
            self.hide()
            return
        self.type.setVisible(kind_of(finding.kind).textured)
        self.type.show_choice(_capital(type_word(finding.measurement.type)))
        self.zone.show_choice(zone_name(finding.zone))

    def lie_in(self, card: QRect, *, edited: bool) -> None:
        """Into the card, which lies there in the list: beside its picture where nothing else stands
        there and they have the room, else in the row below that the card keeps free."""
        inset, side = theme.size("space.m"), theme.size("thumbCurrent")
        wide = card.width() - 2 * inset
        beside = wide - side - inset
        shown = [one for one in (self.type, self.zone) if not one.isHidden()]
        needed = sum(one.sizeHint().width() for one in shown) + GAP * (len(shown) - 1)
        high = theme.size("controlSmall")
        at = QRect(card.left() + inset, card.top() + inset + side + GAP, wide, high)
        if edited and needed <= beside:
            at = QRect(at.right() + 1 - beside, at.top() - 2 * GAP, beside, high)
        self.setGeometry(at)
        self.show()

    def _choose(self, _checked: bool = False, *, kind: str = "", zone: str | None = None) -> None:
        self._desk.own.describe(kind=kind, zone=zone)
