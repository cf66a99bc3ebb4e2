"""What the desk has done by other processes: lungs, nodules, export. Asked here, taken in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from ai.errors import OutsideError
from ai.scan.finding import BoxMask, Finding
from ai.scan.labelmap import LUNGS, LabelMap
from ai.worker.messages import (
    Failed,
    FindNodules,
    FoundNodule,
    Learnt,
    LungsDone,
    NodulesDone,
    SegmentLungs,
)
from ai.worker.shared import Block
from viewer.dicom.io_messages import ExportDone
from viewer.exporting import export_message
from viewer.jobs import Job
from viewer.notices import BANNER, GOOD, INFO, REFUSED, WARN, Notice
from viewer.reading.reading import Exported, FindingsProposed, SegmentsAdded

if TYPE_CHECKING:
    from viewer.desk import Desk

LUNGS_CARD = "lungs-classical"
NODULES_CARD = "nodules-log"
ARENA_BYTES = 64 * 2**20
"""Room for the masks of 60 candidates on the scan's own grid."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Work", text)


@dataclass(frozen=True, eq=False)
class Lent:
    """What a running job was given, and for which reading; freed when the job is over."""

    reading: str
    blocks: tuple[Block, ...]


class Work:
    """Jobs of one desk. An answer for a reading that is no longer open is dropped."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lent: dict[str, Lent] = {}
        self._nodules_next = False

    def segment_lungs(self) -> None:
        """Asks the worker for the lungs of the open scan."""
        desk = self._desk
        if desk.jobs.running("lungs") is not None or self._refused():
            return
        assert desk.scan is not None
        blocks = self._blocks((desk.scan.volume.hu.shape, "uint8"))
        if blocks:
            job = self._lend("lungs", *blocks)
            request = SegmentLungs(job, LUNGS_CARD, desk.scan.ref, blocks[0].ref)
            desk.jobs.ask_ai("lungs", request)

    def find_nodules(self) -> None:
        """Asks the worker for candidates; the lungs come first where there are none."""
        desk = self._desk
        if desk.jobs.running("nodules") is not None or self._refused():
            return
        assert desk.scan is not None and desk.reading is not None
        lungs = desk.reading.lungs
        if lungs is None or not lungs.geometry.same_grid(desk.scan.volume.geometry):
            self._nodules_next = True
            self.segment_lungs()
            return
        blocks = self._blocks((lungs.labels.shape, "uint8"), ((ARENA_BYTES,), "uint8"))
        if blocks:
            np.copyto(blocks[0].array, lungs.labels)
            job = self._lend("nodules", *blocks)
            request = FindNodules(job, NODULES_CARD, desk.scan.ref, blocks[0].ref, blocks[1].ref)
            desk.jobs.ask_ai("nodules", request)

    def export(self) -> None:
        """Asks an I/O process to write, re-read and rename the SEGs."""
        desk = self._desk
        if desk.jobs.running("export") is not None:
            return
        assert desk.scan is not None and desk.reading is not None
        try:
            job = desk.jobs.new_id("export")
            message, blocks = export_message(job, desk.scan, desk.reading, desk.reader)
        except OutsideError as error:
            desk.tell(Notice(error.sentence, error.remedy, INFO))
            return
        self._lent[job] = Lent(desk.reading.id, blocks)
        desk.jobs.ask_io("export", message)

    def take(self, job: Job, message: Any) -> None:
        """The last word on a job."""
        lent = self._lent.pop(job.id, None)
        try:
            if isinstance(message, Failed):
                self._failed(job, message)
            elif isinstance(message, Learnt):
                self._desk.agent.learnt(message.policy)
                if self._desk.reading is not None:
                    self._desk.reading_changed.emit(self._desk.reading)
            elif lent is not None and self._is_open(lent):
                self._done(message, lent)
        finally:
            for block in lent.blocks if lent else ():
                block.free()

    def _done(self, message: Any, lent: Lent) -> None:
        takers: dict[type, Callable[[Any, Lent], None]] = {
            LungsDone: self._lungs,
            NodulesDone: self._nodules,
            ExportDone: self._exported,
        }
        takers[type(message)](message, lent)

    def _lungs(self, message: LungsDone, lent: Lent) -> None:
        desk = self._desk
        assert desk.scan is not None
        label_map = LabelMap(
            desk.scan.volume.geometry, lent.blocks[0].array, LUNGS, message.made_by
        )
        if not desk.record(SegmentsAdded(label_map, message.figures, message.warnings)):
            return
        if message.warnings:
            desk.tell(Notice(" ".join(message.warnings), "", WARN, BANNER))
        else:
            ml = {row.number: f"{row.volume_ml:,.0f}" for row in message.figures}
            text = tr("Right lung {0} ml, left lung {1} ml")
            desk.tell(Notice(text.format(ml.get(1, "0"), ml.get(2, "0")), "", GOOD))
        if self._nodules_next:
            self._nodules_next = False
            self.find_nodules()

    def _nodules(self, message: NodulesDone, lent: Lent) -> None:
        desk = self._desk
        assert desk.scan is not None and desk.reading is not None
        findings = tuple(with_mask(found, lent.blocks[1].array) for found in message.found)
        proposals = desk.agent.decide(findings, desk.scan.series.uid)
        if not desk.record(FindingsProposed(findings, proposals)):
            return
        shown = sum(p.shown for p in proposals)
        if not findings:
            text = tr("0 candidates. Small nodules can be missed.")
        else:
            text = tr("{0} candidates shown, {1} held back").format(shown, len(findings) - shown)
        desk.make_first_current()
        desk.tell(Notice(text, "", INFO))

    def _exported(self, message: ExportDone, lent: Lent) -> None:
        desk = self._desk
        objects = []
        files = tuple(Path(name) for name in message.files)
        for path in files:
            desk.library.note_export(lent.reading, path)
            objects.append((path.stem.split("-")[0], digest_of(path)))
        desk.record(Exported(tuple(objects)))
        text = tr("{0} objects saved, re-read and equal").format(len(files))
        sentence = " ".join([text, *message.sentences])
        folder = str(files[0].parent) if files else ""
        desk.tell(Notice(sentence, folder, GOOD, BANNER, action="open-export-folder"))
        desk.exported.emit(files)

    def _failed(self, job: Job, message: Failed) -> None:
        if job.kind in ("lungs", "nodules"):
            self._nodules_next = False
        if message.cancelled:
            self._desk.tell(Notice(tr("Cancelled. Nothing was changed."), "", INFO))
        elif job.kind in ("lungs", "nodules", "export"):
            self._desk.tell(Notice(message.sentence, message.remedy, WARN, "strip"))

    def _refused(self) -> bool:
        """True, and said, when the AI must not be asked about the open series."""
        scan = self._desk.scan
        reason = scan.series.ai_refusal if scan else ""
        if reason:
            text = tr("{0} Viewing works, AI is off.").format(reason)
            self._desk.tell(Notice(text, "", REFUSED, BANNER))
        return bool(reason)

    def _lend(self, kind: str, *blocks: Block) -> str:
        job = self._desk.jobs.new_id(kind)
        assert self._desk.reading is not None
        self._lent[job] = Lent(self._desk.reading.id, blocks)
        return job

    def _blocks(self, *wanted: tuple[tuple[int, ...], str]) -> tuple[Block, ...]:
        made: list[Block] = []
        try:
            for shape, dtype in wanted:
                made.append(Block.create(shape, dtype))
        except OutsideError as error:
            for block in made:
                block.free()
            self._desk.tell(Notice(error.sentence, error.remedy, WARN, BANNER))
            return ()
        return tuple(made)

    def _is_open(self, lent: Lent) -> bool:
        return self._desk.reading is not None and self._desk.reading.id == lent.reading


def with_mask(found: FoundNodule, arena: NDArray[np.uint8]) -> Finding:
    """The finding with its voxels, copied out of the arena."""
    ref = found.mask
    size = int(np.prod(ref.shape))
    voxels = arena[ref.offset : ref.offset + size].reshape(ref.shape).astype(np.bool_)
    return replace(found.finding, mask=BoxMask(ref.start_kji, voxels))


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
