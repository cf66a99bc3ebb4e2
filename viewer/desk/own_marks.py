"""What the reader adds: marks of their own with a label, reasons of rejection, all taken back."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication

from ai.errors import HilumError
from ai.nodules.added import GROWING, added_finding
from ai.scan.finding import UNKNOWN_TYPE
from viewer import theme
from viewer.keymaps import cap
from viewer.notices import GOOD, TOAST, Notice, of_error
from viewer.panels.describing import zone_name
from viewer.panels.figures import type_word
from viewer.panels.labels import kind_named, label_word, reason_word
from viewer.reading.events import (
    OPEN_STATES,
    Answer,
    FindingAdded,
    FindingDescribed,
    FindingRemoved,
    LabelGiven,
    Reason,
    ReasonGiven,
)
from viewer.reading.labels import OTHER
from viewer.views.pane_text import signed

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

Lps = tuple[float, float, float]
MS_PER_S: Final = 1000
LABEL_MOST: Final = 60
"""So many signs of a reader's own label are kept: it stands in rows, reports and DICOM labels."""

REASON_ACTIONS: Final = tuple(f"reason-{reason.value}" for reason in Reason)
"""Ids of the actions that give a reason, as they are offered."""


def tr(text: str) -> str:
    return QCoreApplication.translate("OwnMarks", text)


class OwnMarks:
    """Of one desk."""

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self._clock = clock
        self._rejected = "", 0.0  # the last one, and when
        self._added_from: tuple[str, str | None] = "", None
        self.offered: Callable[[], bool] = lambda: False  # whether reasons stand on the screen
        self.on_added: Callable[[], bool] = lambda: False  # its card shows; are letters its label?

    # Reasons

    def just_rejected(self, finding: str) -> None:
        """A reason given within the next seconds is this finding's."""
        self._rejected = finding, self._clock()

    def reason(self, reason: Reason) -> None:
        """Why: of the finding rejected just now, else of the current one where it is rejected."""
        desk = self._desk
        finding = self._waiting_for_reason()
        if finding is None or desk.reading is None:
            text = tr("No finding was rejected just now. {0} rejects the current one.")
            desk.tell(Notice(text.format(cap("reject"))))
        else:
            self.reason_for(finding, reason)

    def reason_for(self, finding: str, reason: Reason) -> None:
        """A reason for a rejected finding; the same one again is only said."""
        desk = self._desk
        known = desk.reading is not None and desk.reading.reasons.get(finding) == reason.value
        if known or desk.record(ReasonGiven(finding, reason)):
            text = tr("{0} rejected: {1}").format(desk.name_of(finding), reason_word(reason))
            desk.tell(Notice(text, action="undo"))

    def _waiting_for_reason(self) -> str | None:
        states = self._desk.reading.states if self._desk.reading is not None else {}
        finding, at = self._rejected
        soon = self._clock() - at <= theme.number("motion.reasonLife") / MS_PER_S
        soon = soon or self.offered()
        for one in (finding if soon else "", self._desk.current or ""):
            if states.get(one) == Answer.REJECT.value:
                return one
        return None

    # Marks

    def is_own(self, finding: str | None) -> bool:
        """Whether the reader put this mark there; not what an agent or a file brought."""
        reading = self._desk.reading
        found = reading.finding(finding) if reading is not None and finding else None
        if reading is None or found is None or found.id in reading.proposals:
            return False
        first = next((f for f in reading.added if f.id == found.id), None)
        return first is not None and first.origin is None and first.made_by.card == GROWING.card

    def add_at(self, lps: Lps) -> None:
        """A finding the AI missed, grown at half contrast around a place; it is current then."""
        desk = self._desk
        scan, reading = desk.scan, desk.reading
        assert scan is not None and reading is not None
        try:
            finding = added_finding(
                scan.volume, reading.lungs, lps, finding_id=uuid.uuid4().hex[:12]
            )
        except HilumError as error:
            desk.tell(of_error(error, place=TOAST))
            return
        before, near = self.came_from(desk.current) or desk.current, self._beside(lps)
        if not desk.record(FindingAdded(finding)):
            return
        self._added_from = finding.id, before
        desk.make_current(finding.id)
        typing = self.on_added()
        size = f"{finding.measurement.mean_diameter_mm:.1f} mm"
        text = tr("Added at the crosshair, {0}").format(size)
        also = [tr("{0} is there too.").format(desk.name_of(near))] if near else []
        if finding.measurement.type == UNKNOWN_TYPE:
            air = tr("Aerated lung there, mean {0} HU: no type is told.")
            also.append(air.format(signed(finding.measurement.mean_hu)))
        if not typing:  # else its field says so itself, as long as it takes letters
            also.append(tr("{0} labels it.").format(cap("label")))
        desk.tell(Notice(f"{text}.", " ".join(also), GOOD, action="undo"))

    def _beside(self, lps: Lps) -> str:
        """A mark in sight that reaches to this place already, or nothing."""
        reading = self._desk.reading
        assert reading is not None
        for finding_id in self._desk.order:
            finding = reading.finding(finding_id)
            if finding is None or reading.states[finding_id] == Answer.REJECT.value:
                continue
            if math.dist(finding.centre_lps, lps) <= finding.measurement.long_mm / 2:
                return finding_id
        return ""

    def came_from(self, finding: str | None) -> str | None:
        """The finding that was current when this mark was added: from there the reading goes on."""
        added, before = self._added_from
        return before if finding == added else None

    def waits(self, finding: str | None) -> bool:
        """Whether a finding still waits for an answer."""
        reading = self._desk.reading
        return reading is not None and reading.states.get(finding or "") in OPEN_STATES

    def remove(self) -> bool:
        """Del: the current mark is taken back where it is the reader's own; else says why not."""
        desk, finding = self._desk, self._desk.current
        if desk.reading is None or finding is None:
            desk.tell(Notice(tr("There is nothing of your own to take back here.")))
            return False
        name = desk.name_of(finding)
        if not self.is_own(finding):
            text = tr("{0} is not your own mark. {1} rejects it.")
            desk.tell(Notice(text.format(name, cap("reject"))))
            return False
        goes_to = self.came_from(finding)
        if desk.record(FindingRemoved(finding)):
            desk.make_current(goes_to if goes_to in desk.reading.states else None)
            desk.tell(Notice(tr("{0} taken back").format(name), action="undo"))
        return True

    # Labels

    def can_label(self) -> bool:
        """Whether the current finding is the reader's own; says so where it is not."""
        if self.is_own(self._desk.current):
            return True
        text = tr("Only a mark of your own has a label. {0} adds one at the crosshair.")
        self._desk.tell(Notice(text.format(cap("add"))))
        return False

    def label(self, text: str) -> None:
        """What the current mark is called: a kind by its name, or the reader's own words."""
        desk, finding = self._desk, self._desk.current
        words = " ".join(text.split())[:LABEL_MOST].strip()
        if desk.reading is None or finding is None or not words or not self.is_own(finding):
            return
        kind = kind_named(words)
        try:
            key = desk.library.keep_words(words) if kind == OTHER else ""
        except HilumError as error:
            desk.tell(of_error(error))
            return
        if self.label_of(finding) == (words if kind == OTHER else label_word(kind)):
            return
        if desk.record(LabelGiven(finding, kind, key)):
            self.tell_label()

    def tell_label(self) -> None:
        """What the current mark is called now."""
        desk, finding = self._desk, self._desk.current
        if finding is not None:
            said = tr("{0}: {1}").format(desk.name_of(finding), self.label_of(finding))
            desk.tell(Notice(said, action="undo"))

    def describe(self, *, kind: str = "", zone: str | None = None) -> None:
        """What the current finding is: its type, its zone, or both; what is left out stays."""
        desk, finding = self._desk, self._desk.current_finding
        if finding is None:
            return
        now = finding.measurement.type, finding.zone
        said = kind or now[0], now[1] if zone is None else zone
        if said != now and desk.record(FindingDescribed(finding.id, *said)):
            told = zone_name(said[1]) if zone is not None else type_word(said[0])
            text = tr("{0}: {1}").format(desk.name_of(finding.id), told)
            desk.tell(Notice(text, action="undo"))

    def label_of(self, finding: str) -> str:
        """What a finding is called, in the reader's language or in their own words."""
        reading = self._desk.reading
        found = reading.finding(finding) if reading is not None else None
        if reading is None or found is None:
            return ""
        given = reading.labels.get(finding)
        words = self._desk.library.words_of(given.words) if given is not None else ""
        return words or label_word(found.kind)
