"""Figures of edited masks are counted again a moment after the last stroke; exports wait for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QTimer

from ai.errors import OutsideError
from ai.scan.finding import BoxMask
from ai.worker.messages import Failed
from ai.worker.shared import Block
from viewer.editing.figures import recounted
from viewer.editing.messages import CountMask, MaskCounted
from viewer.jobs import Job
from viewer.notices import INFO, WARN, Notice
from viewer.open_scan import OpenScan
from viewer.reading.edits import LUNGS_MASK, Edits, difference_in
from viewer.reading.events import FindingCounted, LungsCounted
from viewer.reading.reading import Reading

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

PAUSE_MS = 200
"""After the last stroke; a hand that paints on is not held up by figures nobody can read yet."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Counting", text)


@dataclass(frozen=True, eq=False)
class Asked:
    """A mask that is being counted: of which reading and finding, after which stroke."""

    reading: str
    finding: str
    row: int
    block: Block


class Counting(QObject):
    """Of one desk. Findings are measured in the process beside the window; of the lungs only the
    voxels that changed are counted, here and at once."""

    def __init__(self, desk: Desk, busy: Callable[[], bool]) -> None:
        """busy: whether a hand is painting just now."""
        super().__init__(desk)
        self._desk, self._busy = desk, busy
        self._asked: dict[str, Asked] = {}
        self._failed: set[tuple[str, int]] = set()
        self._then: Callable[[], None] | None = None
        self._of = ""  # the reading that all of this is about
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._count)
        desk.reading_changed.connect(self._reading_changed)
        desk.scan_completed.connect(self._count)
        desk.jobs.answered.connect(self._answered)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Targets whose figures are of an earlier mask; an empty mask has none to wait for."""
        reading = self._desk.reading
        if reading is None:
            return ()
        return tuple(i for i, edits in reading.edits.items() if edits.stale and _has(reading, i))

    def when_counted(self, then: Callable[[], None], told: str) -> None:
        """Calls `then` once nothing waits; where something does, `told` is said meanwhile."""
        if not self.waiting:
            then()
            return
        self._then = then
        self._failed.clear()
        self._desk.tell(Notice(told, "", INFO))
        self._count()

    def _reading_changed(self, reading: Reading) -> None:
        if reading.id != self._of:
            self._forget(reading.id)
        if reading.closed:
            self._timer.stop()  # what is left is counted when the study is opened again
        elif self.waiting:
            self._timer.start()
        if self._then is not None and not self.waiting:
            then, self._then = self._then, None
            QTimer.singleShot(0, then)  # once everybody has drawn the new figures

    def _forget(self, reading_id: str) -> None:
        """Another reading is open: what was asked for the last one is not wanted."""
        for job in self._asked:
            self._desk.jobs.cancel(job)
        self._of, self._then = reading_id, None
        self._failed.clear()

    def _count(self, _scan: OpenScan | None = None) -> None:
        desk = self._desk
        scan, reading = desk.scan, desk.reading
        if scan is None or reading is None or not scan.complete:
            return
        if self._busy():
            self._timer.start()
            return
        for target in self.waiting:
            edits = reading.edits[target]
            if target == LUNGS_MASK:
                self._count_lungs(scan, reading, edits)
            else:
                self._ask(scan, reading, target, edits.strokes[-1].seq)

    def _count_lungs(self, scan: OpenScan, reading: Reading, edits: Edits) -> None:
        assert reading.lungs is not None
        known = edits.counts[-1].row if edits.counts else 0
        since = [difference_in(row) for row in edits.strokes if row.seq > known]
        figures = recounted(scan.volume, reading.lungs, reading.lung_figures, since)
        self._desk.record(LungsCounted(edits.strokes[-1].seq, figures))

    def _ask(self, scan: OpenScan, reading: Reading, finding_id: str, row: int) -> None:
        if (finding_id, row) in self._failed:
            return
        if any((a.finding, a.row) == (finding_id, row) for a in self._asked.values()):
            return
        mask = _mask_of(reading, finding_id)
        assert mask is not None
        try:
            block = Block.create(mask.voxels.shape, "uint8")
        except OutsideError as error:
            self._fail(finding_id, row, error.sentence, error.remedy)
            return
        np.copyto(block.array, mask.voxels)
        job = self._desk.jobs.new_id("count")
        self._asked[job] = Asked(reading.id, finding_id, row, block)
        request = CountMask(job, scan.ref, block.ref, mask.start_kji)
        self._desk.jobs.ask_io("count", request)

    def _answered(self, answer: tuple[Job, Any]) -> None:
        job, message = answer
        asked = self._asked.pop(job.id, None)
        if asked is None:
            return
        asked.block.free()
        reading = self._desk.reading
        edits = reading.edits.get(asked.finding) if reading is not None else None
        if reading is None or reading.id != asked.reading or edits is None:
            return
        if isinstance(message, Failed):
            self._desk.jobs.clear(job.id)
            if not message.cancelled:
                self._fail(asked.finding, asked.row, message.sentence, message.remedy)
        elif isinstance(message, MaskCounted) and edits.strokes[-1].seq == asked.row:
            if self._busy():
                self._timer.start()  # the stroke in the hand is going to change the mask anyway
                return
            self._desk.record(
                FindingCounted(
                    asked.finding,
                    asked.row,
                    message.centre_lps,
                    message.slice_index,
                    message.measurement,
                )
            )

    def _fail(self, finding: str, row: int, sentence: str, remedy: str) -> None:
        self._failed.add((finding, row))
        waited, self._then = self._then is not None, None
        name = self._desk.name_of(finding)
        text = tr("The figures of {0} could not be counted. {1}").format(name, sentence)
        if waited:
            text = f"{text} {tr('Nothing was exported.')}"
        self._desk.tell(Notice(text, remedy, WARN))


def _mask_of(reading: Reading, finding_id: str) -> BoxMask | None:
    finding = reading.finding(finding_id)
    return finding.mask if finding is not None else None


def _has(reading: Reading, target: str) -> bool:
    """Whether there is anything to count."""
    if target == LUNGS_MASK:
        return reading.lungs is not None
    mask = _mask_of(reading, target)
    return mask is not None and bool(mask.voxels.any())
