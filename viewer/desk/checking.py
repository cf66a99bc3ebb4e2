"""How far the AI's lungs are to be trusted: the gate's word, and where another model disagrees."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from ai.errors import HilumError, OutsideError
from ai.models.card import load_card
from ai.models.own_cards import NETWORK as FAMILY
from ai.models.own_cards import newest_network
from ai.scan.fit import RED, Fit
from ai.scan.labelmap import RIGHT_LUNG, LabelMap
from ai.worker.messages import ComparedLungs, CompareLungs, Failed
from ai.worker.shared import Block
from viewer.desk.room import Room, Want, want_lungs
from viewer.jobs import Job
from viewer.notices import BANNER, GOOD, INFO, REFUSED, STRIP, TOAST, WARN, Notice
from viewer.reading.lung_events import LungsCompared, ScanJudged
from viewer.reading.reading import Reading

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

COMPARE: Final = "compare"
CLASSICAL, NETWORK = "lungs-classical", "lungs-unet"
REGION: Final = replace(RIGHT_LUNG, name="disagreement", label="Disagreement", laterality=None)
"""What the regions are called on the panes; they are never exported."""
UNASKED_MS: Final = 4000
"""How long after lungs came the other method is asked without a word of the reader."""
TOLD_ML: Final = 10.0
"""One place of that size, and a comparison that nobody asked for speaks up."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Checking", text)


def is_network(card: str) -> bool:
    """Whether lungs of that card were drawn by a network, the shipped one or one of one's own."""
    try:
        return load_card(card).family == FAMILY
    except HilumError:
        return card == NETWORK


class Checking(QObject):
    """Of one desk. `changed` tells that the regions, or whether they are drawn, are others."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk, self._room = desk, Room(self)
        self._job, self._row = "", 0
        self._blocks: tuple[Block, ...] = ()
        self._of = ""
        self.regions: LabelMap | None = None
        self.drawn = False
        self._last = -1
        self._unasked = False
        self._wait = QTimer(self, singleShot=True, interval=UNASKED_MS)
        self._wait.timeout.connect(self._look_again)
        desk.jobs.answered.connect(self._answered)
        desk.reading_changed.connect(self._changed)

    # The gate

    @property
    def fit(self) -> Fit | None:
        """How fit the open scan is; None where nobody has asked yet."""
        scan, reading = self._desk.scan, self._desk.reading
        if scan is not None and scan.series.ai_refusal:
            return Fit(RED, (scan.series.ai_refusal,))
        if reading is None or reading.fit is None:
            return None
        told = reading.fit
        return Fit(told.level, told.reasons, by_reader=told.by_reader)

    @property
    def may_override(self) -> bool:
        """Whether the gate refused what a reader may still ask for: not what cannot be measured."""
        scan, reading = self._desk.scan, self._desk.reading
        refused = reading is not None and reading.fit is not None and reading.fit.level == RED
        return refused and scan is not None and not scan.series.ai_refusal

    def judged(self, fit: Fit) -> None:
        """The worker judged the scan: logged, where it says anything new."""
        reading = self._desk.reading
        told = ScanJudged(fit.level, fit.reasons, fit.by_reader)
        if reading is not None and reading.fit != told:
            self._desk.record(told)

    def refused(self, sentence: str, remedy: str) -> None:
        """The gate refused the scan: the reader is told, and may have it segmented all the same."""
        self.judged(Fit(RED, (sentence,)))
        here = self._desk.reading.id if self._desk.reading is not None else ""
        offer = "segment-anyway"
        self._desk.tell(Notice(sentence, remedy, REFUSED, BANNER, action=offer, reading=here))

    def segment_anyway(self) -> None:
        """The reader overrides the gate. That is logged before anything is computed."""
        desk = self._desk
        if not self.may_override or desk.reading is None or desk.reading.fit is None:
            desk.tell(Notice(tr("The scan was not refused: there is nothing to override.")))
            return
        if desk.record(ScanJudged(RED, desk.reading.fit.reasons, by_reader=True)):
            desk.segment_lungs()

    # The other method

    @property
    def other(self) -> str:
        """The card of the model that the lungs are compared with; nothing for drawn ones."""
        reading = self._desk.reading
        card = reading.lungs.made_by.card if reading and reading.lungs else ""
        if card == CLASSICAL:
            return newest_network()
        return CLASSICAL if is_network(card) else ""

    @property
    def runs(self) -> bool:
        return bool(self._job)

    def compare(self) -> None:
        """Asks the worker for the lungs by the other method, and where they differ."""
        if self._desk.waiting.scan_stands(self.compare):
            self._unasked = False
            self._ask()

    def _look_again(self) -> None:
        """The other method is asked by itself, once for each lungs: a mask that is wrong by half a
        lung must not stand there as if all were well. All that the reader asks for goes first.
        """
        reading = self._desk.reading
        if self._job or reading is None or reading.closed or reading.compared is not None:
            return
        if self._desk.scan is None or reading.lungs is None or not self.other:
            return
        if self._desk.jobs.running("lungs", "nodules"):
            self._wait.start()
            return
        self._unasked = True
        self._ask()

    def _ask(self) -> None:
        desk = self._desk
        scan, reading = desk.scan, desk.reading
        if self._job or scan is None or reading is None:
            return
        if reading.lungs is None or not self.other:
            text = tr("There are no lungs of a model here to compare.")
            desk.tell(Notice(text, "", INFO))
            return
        self._job, self._row = desk.jobs.new_id(COMPARE), reading.lungs_row
        job, card = self._job, self.other

        def ask(blocks: tuple[Block, ...]) -> None:
            if job != self._job:  # the reading was left meanwhile
                _free(blocks)
                return
            self._blocks = blocks
            shown, out = blocks
            request = CompareLungs(job, card, scan.ref, shown.ref, out.ref)
            desk.jobs.ask_ai(COMPARE, request, yields=self._unasked)
            self.changed.emit()

        def refused(error: OutsideError) -> None:
            self._job = ""
            if not self._unasked:
                told = Notice(error.sentence, error.remedy, WARN, BANNER, reading=reading.id)
                desk.tell(told)

        wants = [want_lungs(reading), Want(scan.volume.hu.shape, "uint8")]
        self._room.make(wants, ask, refused)

    def _answered(self, answer: tuple[Job, Any]) -> None:
        job, message = answer
        if not self._job or job.id != self._job:
            return
        blocks, self._job, self._blocks = self._blocks, "", ()
        try:
            if isinstance(message, ComparedLungs):
                self._compared(message, blocks[1])
            elif isinstance(message, Failed) and message.cancelled:
                self._desk.tell(Notice(tr("Cancelled. Nothing was changed."), "", INFO))
            elif isinstance(message, Failed) and self._unasked:
                self._desk.jobs.clear(job.id)
            elif isinstance(message, Failed):
                self._desk.tell(Notice(message.sentence, message.remedy, WARN, STRIP))
        finally:
            _free(blocks)
            self.changed.emit()

    def _compared(self, message: ComparedLungs, out: Block) -> None:
        desk = self._desk
        scan, reading = desk.scan, desk.reading
        if scan is None or reading is None or reading.lungs_row != self._row:
            return
        told = LungsCompared(
            self._row, message.made_by.card, message.made_by.version, message.dice, message.places
        )
        if not desk.record(told):
            return
        # A freed block's memory stays for as long as this array does.
        self.regions = LabelMap(scan.volume.geometry, out.array, (REGION,), message.made_by)
        self._last = -1
        if self._unasked:
            if any(place.volume_ml >= TOLD_ML for place in message.places):
                self.tell_places(BANNER)
        elif message.places:
            self.tell_places(TOAST)
        else:
            desk.tell(Notice(tr("Both methods agree on the lungs."), "", GOOD))

    def tell_places(self, place: str) -> None:
        """How many places there are to check, with a jump to them, as a toast or a banner."""
        reading = self._desk.reading
        if reading is None or reading.compared is None:
            return
        text = tr("Places where the two methods disagree: {0}. Check them.")
        text = text.format(len(reading.compared.places))
        told = Notice(text, "", WARN, place, action="check-next", reading=reading.id)
        self._desk.tell(told)

    def next_place(self) -> tuple[float, float, float] | None:
        """LPS mm of the next place to check, round again; None where there is none."""
        reading = self._desk.reading
        places = reading.compared.places if reading and reading.compared else ()
        if not places:
            self._desk.tell(Notice(tr("There is no place to check.")))
            return None
        self._last = (self._last + 1) % len(places)
        return places[self._last].centre_lps

    def draw(self, drawn: bool) -> None:
        """Whether the regions are drawn over the panes."""
        self.drawn = drawn
        self.changed.emit()

    def _changed(self, reading: Reading | None) -> None:
        """Regions of another reading, or of lungs that were made anew, are no longer true."""
        of = f"{reading.id} {reading.lungs_row}" if reading is not None else ""
        if of == self._of:
            return
        self._of, self._last = of, -1
        if self._job:
            self._desk.jobs.cancel(self._job)
            _free(self._blocks)
            self._job, self._blocks = "", ()
        if self.regions is not None or self.drawn:
            self.regions, self.drawn = None, False
        self._wait.start()
        self.changed.emit()


def _free(blocks: tuple[Block, ...]) -> None:
    for block in blocks:
        block.free()
