"""What the desk has done by other processes: lungs, nodules, export. Asked here, taken in here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QTimer

from ai.errors import HilumError, OutsideError
from ai.models.card import DEFAULTS
from ai.scan.labelmap import LUNGS, LabelMap
from ai.worker.messages import (
    Failed,
    FindNodules,
    Learnt,
    LungsDone,
    NodulesDone,
    SegmentLungs,
)
from ai.worker.shared import Block
from viewer.desk.candidates import arena_bytes, with_mask
from viewer.desk.elsewhere import Elsewhere, Say
from viewer.desk.exporting import export_message
from viewer.desk.exports import Exports
from viewer.desk.proven_words import doubt_words, saved_words
from viewer.desk.room import SMALL_BYTES, Room, Then, Want, give_back, want_lungs
from viewer.dicom.io_messages import ExportDone, LabelsRef
from viewer.jobs import Job
from viewer.language.counted import counted
from viewer.language.spoken import spoken
from viewer.notices import (
    BANNER,
    EXPORT,
    GOOD,
    INFO,
    LUNGS_ODD,
    STRIP,
    WARN,
    Notice,
    of_error,
)
from viewer.open_scan import NEXT_MS, OpenScan
from viewer.panels.figures import nothing_found
from viewer.reading.codec import encode_ahead
from viewer.reading.events import Exported, FindingsProposed, SegmentsAdded

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

LUNGS_CARD, NODULES_CARD = DEFAULTS["lungs"], DEFAULTS["nodules"]
RULES_CARD = "lungs-classical"
"""What is offered when a network fails: it needs no weights."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Work", text)


@dataclass(frozen=True, eq=False)
class Lent:
    """What a running job was given, and for which reading; freed when the job is over.

    folder: that an export goes to. made: it was made for it, and goes when nothing was saved.
    card: of the model that was asked for lungs.
    """

    kind: str
    reading: str
    blocks: tuple[Block, ...]
    folder: Path | None = None
    made: bool = False
    card: str = ""


class Work:
    """Jobs of one desk. An answer for a reading that is no longer open is dropped."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._room, self._elsewhere = Room(desk), Elsewhere(desk)
        self._lent: dict[str, Lent] = {}
        self._drawn: dict[str, OpenScan] = {}  # scans stay until their export is over
        self._coming: set[tuple[str, str]] = set()  # kind and reading of jobs whose room is made
        self._nodules_next = ""  # the reading whose nodules are to follow its lungs

    @property
    def nodules_wait(self) -> bool:
        """True while candidates will be looked for as soon as the lungs are there."""
        reading = self._desk.reading
        return reading is not None and self._nodules_next == reading.id

    def forget_nodules(self) -> None:
        """The lungs alone are wanted after all."""
        self._nodules_next = ""
        self._desk.jobs.changed.emit(self._desk.jobs.living)

    def segment_lungs(self, card: str = "") -> None:
        """Asks the worker for the lungs of the open scan, by the default model or a card's."""
        desk = self._desk
        if self._runs("lungs") or self.refused():
            return
        assert desk.scan is not None
        scan, fit = desk.scan, desk.reading.fit if desk.reading else None
        anyway = fit is not None and fit.by_reader

        def ask(blocks: tuple[Block, ...]) -> None:
            by = card or LUNGS_CARD
            job = self._lend("lungs", *blocks, card=by)
            request = SegmentLungs(job, by, scan.ref, blocks[0].ref, anyway)
            desk.jobs.ask_ai("lungs", request)

        self._with_room("lungs", [Want(scan.volume.hu.shape, "uint8")], ask)

    def find_nodules(self) -> None:
        """Asks the worker for candidates; the lungs come first where there are none."""
        desk = self._desk
        if self._runs("nodules") or self.refused():
            return
        assert desk.scan is not None and desk.reading is not None
        lungs = desk.reading.lungs
        if lungs is None or not lungs.geometry.same_grid(desk.scan.volume.geometry):
            self._nodules_next = desk.reading.id
            self.segment_lungs()
            desk.jobs.changed.emit(desk.jobs.living)  # it waits in sight
            return
        scan = desk.scan

        def ask(blocks: tuple[Block, ...]) -> None:
            job = self._lend("nodules", *blocks)
            request = FindNodules(job, NODULES_CARD, scan.ref, blocks[0].ref, blocks[1].ref)
            desk.jobs.ask_ai("nodules", request)

        arena = Want((arena_bytes(lungs.labels.size),), "uint8")
        self._with_room("nodules", [want_lungs(desk.reading), arena], ask)

    def export(self, folder: Path | None = None) -> None:
        """Asks an I/O process to write, re-read and name what goes out.

        folder: of the reader's choice; nothing in it is written over or taken away.
        """
        desk = self._desk
        if self._runs("export"):
            return
        assert desk.scan is not None and desk.reading is not None
        try:
            job = desk.jobs.new_id("export")
            earlier = desk.library.exports_of(desk.reading.id)
            desk.out.settle()
            message = export_message(
                job, desk.scan, desk.reading, desk.reader,
                earlier=earlier, folder=folder, content=desk.out.content(),
                signature=desk.out.signature,
                language=spoken().code, others=desk.measuring.others(),
            )  # fmt: skip
        except OutsideError as error:
            desk.tell(Notice(error.sentence, error.remedy, INFO))
            return
        place = message.request.folder
        lent = Lent("export", desk.reading.id, (), place, made=folder is None)
        desk.out.exports.note(job, folder)
        self._lent[job] = lent
        desk.leftovers.note(place)
        self._drawn[job] = desk.scan
        lungs = desk.reading.lungs
        if lungs is None:
            desk.jobs.ask_io("export", message)
            return

        def ask(blocks: tuple[Block, ...]) -> None:
            self._lent[job] = replace(lent, blocks=blocks)
            labels = LabelsRef(blocks[0].ref, lungs.geometry, lungs.segments, lungs.made_by)
            desk.jobs.ask_io("export", replace(message, labels=labels))

        def refuse(error: OutsideError) -> None:
            self._drawn.pop(job)
            self._drop(self._lent.pop(job))
            desk.tell(Notice(error.sentence, error.remedy, INFO))

        self._room.make([want_lungs(desk.reading)], ask, refuse)

    def leave(self) -> None:
        """The open reading is left: what the AI does for it is no longer wanted.

        An export goes on to its end.
        """
        self._nodules_next = ""
        for job, lent in self._lent.items():
            if lent.kind != "export":
                self._desk.jobs.cancel(job)

    def take(self, job: Job, message: Any) -> None:
        """The last word on a job."""
        lent = self._lent.pop(job.id, None)
        self._drawn.pop(job.id, None)
        try:
            if isinstance(message, Failed):
                self._failed(job, message, lent)
            elif isinstance(message, Learnt):
                self._desk.agent.learnt(job.id, message.policy)
                if self._desk.reading is not None:
                    self._desk.reading_changed.emit(self._desk.reading)
            elif lent is not None and (self._is_open(lent) or isinstance(message, ExportDone)):
                self._done(message, lent)
        except HilumError as error:
            self._desk.tell(of_error(error))
        finally:
            give_back(lent.blocks if lent else ())

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
        desk.checking.judged(message.fit)
        event = SegmentsAdded(label_map, message.figures, message.warnings)
        if label_map.labels.nbytes <= SMALL_BYTES:
            self._lungs_packed(event, lent)
            return
        self._coming.add(("lungs", lent.reading))

        def pack() -> Say:
            with contextlib.suppress(Exception):  # what is wrong with it is said when it is kept
                encode_ahead(event)
            return lambda: self._lungs_packed(event, lent)

        self._elsewhere.do(pack)

    def _lungs_packed(self, event: SegmentsAdded, lent: Lent) -> None:
        """The lungs are ready for the log."""
        desk = self._desk
        self._coming.discard(("lungs", lent.reading))
        if not self._is_open(lent) or not desk.record(event):
            return
        if event.warnings:
            told = " ".join(event.warnings)
            desk.tell(Notice(told, "", WARN, BANNER, about=LUNGS_ODD, reading=lent.reading))
        else:
            ml = {row.number: f"{row.volume_ml:,.0f}" for row in event.figures}
            text = tr("Right lung {0} ml, left lung {1} ml")
            desk.tell(Notice(text.format(ml.get(1, "0"), ml.get(2, "0")), "", GOOD))
        if self._nodules_next == lent.reading:
            self._nodules_next = ""
            self.find_nodules()

    def _nodules(self, message: NodulesDone, lent: Lent) -> None:
        desk = self._desk
        assert desk.scan is not None and desk.reading is not None
        findings = tuple(with_mask(found, lent.blocks[1].array) for found in message.found)
        proposals = desk.agent.decide(findings, desk.scan.series.uid)
        if not desk.record(FindingsProposed(findings, proposals, message.made_by)):
            return
        shown = sum(p.shown for p in proposals)
        if desk.own_pass.blind:
            text = tr("The search is done. Do your own pass first. Enter shows the marks.")
            desk.tell(Notice(text, action="own-pass"))
            return
        if not findings:
            text = nothing_found(desk.reading)
        else:
            text = counted(shown, tr("1 candidate shown"), tr("{0} candidates shown"))
            text += tr(", {0} held back").format(len(findings) - shown)

        was = desk.current

        def go_there() -> None:
            if self._is_open(lent):
                if desk.current == was:
                    desk.make_first_current()
                desk.tell(Notice(text, "", INFO))

        if desk.scan.is_big:
            QTimer.singleShot(NEXT_MS, desk, go_there)  # once the list shows what was found
        else:
            go_there()

    def _exported(self, message: ExportDone, lent: Lent) -> None:
        """Noted for the reading it came from, which may have been left meanwhile."""
        desk = self._desk
        files = tuple(Path(name) for name in message.files)
        proofs = tuple(f"{path.name} saved (" for path in files)  # the passport tells them
        sentences = " ".join(told for told in message.sentences if not told.startswith(proofs))
        is_open = self._is_open(lent)

        def told(exports: Exports) -> Notice:
            """Over another study or reading it says of which it is."""
            doubt = doubt_words(message.passport)
            saved = saved_words(len(message.objects)) if files else ""
            text = " ".join(f"{saved} {doubt} {sentences}".split())
            if other := exports.other(message.job):
                text = tr("{0}: {1}").format(other, text)
            level = GOOD if files and not doubt else WARN
            where = str(files[0].parent) if files else ""
            notice = Notice(text, where, level, BANNER, about=EXPORT)
            if not files or not is_open:
                return notice
            second = "passport" if message.passport is not None else ""
            return replace(notice, action="open-export-folder", second=second)

        if not files:
            self._drop(lent)
            desk.out.exported(message.passport, told)
            desk.out.tell_export()
            return
        if lent.folder is not None:
            desk.leftovers.ended(lent.folder, whole=True)
        desk.library.note_export(lent.reading, *files)
        desk.record_for(lent.reading, Exported(message.objects))
        desk.out.exported(message.passport, told)
        desk.out.tell_export()
        desk.exported.emit(files)

    def _failed(self, job: Job, message: Failed, lent: Lent | None) -> None:
        if lent is None:
            return  # opening and learning speak for themselves
        if lent.kind == "export":
            self._drop(lent)
        elif not self._is_open(lent):
            self._desk.jobs.clear(job.id)
            return
        else:
            self._nodules_next = ""
        if message.unfit:
            self._desk.jobs.clear(job.id)  # the banner says it, and what may be done
            self._desk.checking.refused(message.sentence, message.remedy)
        elif message.cancelled:
            self._desk.tell(Notice(tr("Cancelled. Nothing was changed."), "", INFO))
        elif lent.card not in ("", RULES_CARD):
            self._desk.jobs.clear(job.id)  # "Run again" would only ask the same model
            by_rules = Notice(message.sentence, message.remedy, WARN, BANNER, "segment-classical")
            self._desk.tell(replace(by_rules, reading=lent.reading))
        else:
            self._desk.tell(Notice(message.sentence, message.remedy, WARN, STRIP))

    def refused(self) -> bool:
        """True, and said, when the AI must not be asked about the open series."""
        scan = self._desk.scan
        refused = scan is not None and bool(scan.series.ai_refusal)
        if refused:
            self._desk.opening.tell_again()
        return refused

    def _lend(self, kind: str, *blocks: Block, card: str = "") -> str:
        job = self._desk.jobs.new_id(kind)
        assert self._desk.reading is not None
        self._lent[job] = Lent(kind, self._desk.reading.id, blocks, card=card)
        return job

    def _runs(self, kind: str) -> bool:
        """Whether such a job runs for the open reading already, or will once there is room."""
        reading = self._desk.reading
        if reading is not None and (kind, reading.id) in self._coming:
            return True
        return any(lent.kind == kind and self._is_open(lent) for lent in self._lent.values())

    def _with_room(self, kind: str, wants: Sequence[Want], ask: Then) -> None:
        """Asks for a job of the open reading once there is room, unless it was left meanwhile."""
        assert self._desk.reading is not None
        reading = self._desk.reading.id
        self._coming.add((kind, reading))

        def made(blocks: tuple[Block, ...]) -> None:
            self._coming.discard((kind, reading))
            if self._desk.reading is not None and self._desk.reading.id == reading:
                ask(blocks)
            else:
                give_back(blocks)

        def refused(error: OutsideError) -> None:
            self._coming.discard((kind, reading))
            told = Notice(error.sentence, error.remedy, WARN, BANNER, reading=reading)
            self._desk.tell(told)

        self._room.make(wants, made, refused)

    def _drop(self, lent: Lent) -> None:
        """Takes back what an export that saved nothing left; what is not its own stays."""
        if lent.folder is None:
            return
        if lent.made:
            with contextlib.suppress(OSError):
                lent.folder.rmdir()
        self._desk.leftovers.ended(lent.folder, whole=False)

    def _is_open(self, lent: Lent) -> bool:
        return self._desk.reading is not None and self._desk.reading.id == lent.reading
