"""Segmentations that lie beside a CT, or are opened on it: read elsewhere, laid onto the reading.

Lungs become the reading's lungs, abnormal structures become findings that somebody else added.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QCoreApplication

from ai.errors import HilumError, OutsideError
from ai.nodules.measure import measure
from ai.nodules.zone import zone_of
from ai.scan.finding import Finding
from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from ai.worker.messages import Failed
from ai.worker.shared import Block
from viewer.desk.room import Room, Want
from viewer.dicom.io_messages import LabelsRef, ReadSeg, SegRead
from viewer.dicom.masks.content import NamedMask
from viewer.dicom.masks.drawn_by import by_program, drawn_words, from_contours
from viewer.jobs import Job
from viewer.language.spoken import listed, say
from viewer.notices import BANNER, GOOD, INFO, WARN, Notice
from viewer.open_scan import OpenScan
from viewer.reading.events import Event, FindingAdded, LabelGiven, SegmentsAdded
from viewer.reading.labels import OTHER
from viewer.reading.laid import laid_together
from viewer.reading.out.called import called_again
from viewer.reading.out.request import finding_uid
from viewer.reading.reading import Reading

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("Segs", text)


@dataclass(eq=False)
class _Batch:
    """Files opened together, what was read in them so far, and the block their lungs lie in."""

    paths: deque[Path]
    asked: bool
    then: Callable[[], None]
    reads: str = ""
    block: Block | None = None
    lungs: LabelsRef | None = None
    lungs_from: str = ""
    found: list[NamedMask] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    remedy: str = ""

    @property
    def unread(self) -> list[str]:
        """The names of the files that were not read to their end."""
        return [name for name in (self.reads, *(path.name for path in self.paths)) if name]


class Segs:
    """Reads files one after the other; lays on all that were opened together, the lungs first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._room = Room(desk)
        self._job, self._reading = "", ""
        self._batches: deque[_Batch] = deque()
        self._layings: list[tuple[int, ...]] = []
        self._lying: list[NamedMask] = []  # a program's, in the study's own folder
        self._lying_on = ""  # which series
        self._lost: list[str] = []  # names of files that were not laid on, not yet told
        desk.scan_opened.connect(self.tell_lost)
        desk.reader_changed.connect(self.tell_lost)

    def read(self, paths: Sequence[Path], *, asked: bool, then: Callable[[], None]) -> None:
        """Reads the files onto the open scan, after those that still are; then `then` is called.

        asked: the reader opened them, so their lungs take the place of the reading's; else they
        only lay in the study's folder, and a reading that has lungs keeps them.
        """
        reading, scan = self._desk.reading, self._desk.scan
        assert reading is not None and scan is not None
        if paths and scan.series.ai_refusal:  # no figure can be measured there
            self._desk.opening.tell_again(tr("Segmentations are not laid on it."))
            paths, asked = (), False
        self._reading = reading.id
        self._batches.append(_Batch(deque(paths), asked, then))
        if len(self._batches) == 1:
            self._next()

    def leave(self) -> None:
        """The open reading is left: nothing more is laid on it; what was not is told later."""
        lost = [name for batch in self._batches if batch.asked for name in batch.unread]
        if self._job:
            self._desk.jobs.cancel(self._job)
        self._job = ""
        self._batches.clear()
        self.lose(lost)

    def lose(self, names: Iterable[str]) -> None:
        """Files are not laid on, for their reading was left; `tell_lost` says so."""
        self._lost += names

    def tell_lost(self, *_: object) -> None:
        """Over the reading that is open now, and over no later one."""
        lost, self._lost = self._lost, []
        if lost:
            text = tr("Not laid on, because the reading was left before: {0}.")
            told = text.format(listed(dict.fromkeys(lost)))
            here = self._desk.reading.id if self._desk.reading is not None else ""
            self._desk.tell(Notice(told, tr("Open it again."), WARN, BANNER, reading=here))

    def take(self, job: Job, message: Any) -> None:
        """The last word on a file."""
        if job.id != self._job or not self._batches:
            return
        batch, self._job = self._batches[0], ""
        if isinstance(message, SegRead):
            batch.sentences += message.sentences
            batch.found += message.findings
            if message.labels is not None:
                _take_lungs(batch, message)
        elif isinstance(message, Failed):
            self._desk.jobs.clear(job.id)
            if not message.cancelled:
                batch.sentences.append(message.sentence)
                batch.remedy = message.remedy
        batch.reads = ""
        self._next()

    def _next(self) -> None:
        """The next file of the first batch; after its last one all of it is laid on."""
        scan, batch = self._desk.scan, self._batches[0]
        if batch.paths and scan is not None:
            self._read(batch, batch.paths.popleft(), scan)
            return
        self._batches.popleft()
        self._lay(batch)
        batch.then()
        if self._batches and not self._job:
            self._next()

    def _read(self, batch: _Batch, path: Path, scan: OpenScan) -> None:
        batch.reads = path.name
        self._job = job = self._desk.jobs.new_id("seg")

        def ask(blocks: tuple[Block, ...]) -> None:
            if job == self._job:  # else the reading was left meanwhile
                (batch.block,) = blocks
                holds = batch.lungs.made_by if batch.lungs is not None else None
                request = ReadSeg(job, str(path), scan.series, batch.block.ref, holds)
                self._desk.jobs.ask_io("seg", request)

        def refused(error: OutsideError) -> None:
            if job == self._job:
                self._job = ""
                batch.sentences.append(error.sentence)
                batch.reads = ""
                self._next()

        if batch.block is not None:
            ask((batch.block,))
        else:
            self._room.make([Want(scan.volume.hu.shape, "uint8")], ask, refused)

    def _lay(self, batch: _Batch) -> None:
        desk, reading, scan = self._desk, self._desk.reading, self._desk.scan
        if reading is None or scan is None or reading.id != self._reading:
            return
        laid, rows = [], []
        lungs = _lungs_of(batch)
        if lungs is not None and not batch.asked and had_lungs(reading):
            lungs = None
        if lungs is not None:
            rows.append(self._record(lungs_event(scan.volume, lungs)))
            laid.append(tr("lungs"))
        abnormal = _each_once(f for f in batch.found if f.abnormal)
        fresh = [f for f in abnormal if not is_known(reading, f)]
        if not batch.asked:
            self._lying = [f for f in abnormal if by_program(f.made_by, f.origin)]
            self._lying_on = scan.series.key
            if desk.own_pass.blind:
                self._tell_lying([f for f in fresh if f in self._lying])
                fresh = [f for f in fresh if f not in self._lying]
        rows += [row for found in fresh for row in self._add(found, scan)]
        self._layings.append(tuple(row for row in rows if row))
        if fresh:
            one = len(fresh) == 1
            laid.append(tr("1 finding") if one else tr("{0} findings").format(len(fresh)))
        others = [_typed(f) for f in batch.found if not f.abnormal]
        if others:
            text = tr("Typed as no finding, so not shown: {0}.")
            batch.sentences.append(text.format(listed(dict.fromkeys(others))))
            batch.remedy = batch.remedy or tr(
                "If one is a finding, give it such a type in the program that drew it, and save it "
                "anew."
            )
        if laid:
            text = tr("Taken over from the segmentation: {0}.").format(listed(laid))
            told = [text, *_whose(lungs, batch.found)]
            if lungs is not None and reading.lungs is not None:
                told.append(tr("They took the place of the lungs that were there."))
            desk.tell(Notice(" ".join(told), "", GOOD, action="undo"))
        if batch.asked and desk.own_pass.blind:
            self._tell_lying(self.lying)
        if batch.sentences:
            said = " ".join(batch.sentences)
            desk.tell(Notice(said, batch.remedy, WARN, BANNER, reading=reading.id))
        elif batch.asked and not laid:
            desk.tell(Notice(tr("The reading holds all of this segmentation already.")))

    def settle(self) -> int:
        """The own pass is done, or another reader sits down: what lay there waits on, or comes.

        How many marks came.
        """
        desk, reading, scan = self._desk, self._desk.reading, self._desk.scan
        if reading is None or scan is None or scan.series.key != self._lying_on:
            return 0
        fresh = self.lying
        if desk.own_pass.blind:
            self._tell_lying(fresh)
            return 0
        rows = [self._add(found, scan) for found in fresh]
        self._layings.append(tuple(row for made in rows for row in made if row))
        return len(rows)

    @property
    def lying(self) -> list[NamedMask]:
        """What a program drew beside the open scan, and the reading neither has nor had."""
        reading, scan = self._desk.reading, self._desk.scan
        if reading is None or scan is None or scan.series.key != self._lying_on:
            return []
        return [found for found in self._lying if not is_known(reading, found)]

    def take_over(self, other: Segs) -> None:
        """What waits beside the scan, and what was laid on it together, as another desk had it."""
        self._lying, self._lying_on = other._lying, other._lying_on
        self._layings = other._layings

    def tell_again(self) -> None:
        """That marks wait, in the words of now."""
        self._tell_lying(self.lying)

    def _tell_lying(self, found: Sequence[NamedMask]) -> None:
        """Before the own pass nothing of a program's is shown unasked, whoever brought it."""
        if not found:
            return
        one, many = (
            tr("1 mark out of a segmentation waits for your own pass, by {1}."),
            tr("{0} marks out of a segmentation wait for your own pass, by {1}."),
        )
        by = listed(dict.fromkeys(mask.made_by.name for mask in found))
        text = (one if len(found) == 1 else many).format(len(found), by)
        self._desk.tell(Notice(text, "", INFO, BANNER, action="show-marks-now"))

    def together(self, row: int) -> tuple[int, ...]:
        """The rows that one laying-on made, in their order, where `row` is one of them; of an
        earlier sitting as far as the log itself tells."""
        known = next((rows for rows in self._layings if row in rows), ())
        if known or self._desk.reading is None:
            return known or (row,)
        here = {seq for rows in self._layings for seq in rows}
        rows = laid_together(self._desk.reading.history, row)
        return tuple(seq for seq in rows if seq not in here)

    def _add(self, found: NamedMask, scan: OpenScan) -> tuple[int, ...]:
        """The row that a finding became, with its zone by the reading's lungs, and the row of what
        its reader called it in words of their own."""
        lungs = self._desk.reading.lungs if self._desk.reading is not None else None
        _, words = called_again(found.code, found.origin, found.description)
        row = self._record(FindingAdded(finding_of(found, scan.volume, lungs)))
        if not row or not words:
            return (row,)
        with suppress(HilumError):  # the mark is there; that no words can be kept is told elsewhere
            key = self._desk.library.keep_words(words)
            return row, self._record(LabelGiven(id_of(found), OTHER, key))
        return (row,)

    def _record(self, event: Event) -> int:
        """The row that an event became; 0 where the disk refused it."""
        desk = self._desk
        kept = desk.record(event) and desk.reading is not None
        row = desk.reading.undo_target if kept and desk.reading else None
        return row.seq if row is not None else 0


def _typed(found: NamedMask) -> str:
    """'Segment_1 (Tissue)': its name, and what it is typed as where that does not say it."""
    named = not found.kind or found.kind.lower() in found.label.lower()
    return found.label if named else f"{found.label} ({found.kind})"


def _each_once(found: Iterable[NamedMask]) -> list[NamedMask]:
    return list({id_of(one): one for one in found}.values())


def _take_lungs(batch: _Batch, message: SegRead) -> None:
    """The lungs of the file just read, with those of an earlier one or in their place."""
    if batch.lungs is not None and not message.joined:
        text = tr("The lungs of {0} are shown, not those of {1}.")
        batch.sentences.append(text.format(batch.reads, batch.lungs_from))
    batch.lungs, batch.lungs_from = message.labels, batch.reads


def _lungs_of(batch: _Batch) -> LabelMap | None:
    """The lungs that its files hold; its block goes."""
    told, block, batch.block = batch.lungs, batch.block, None
    if block is None:
        return None
    # a freed block's memory stays for as long as this array does
    lungs = LabelMap(told.geometry, block.array, told.segments, told.made_by) if told else None
    block.free()
    return lungs


def _whose(lungs: LabelMap | None, found: Sequence[NamedMask]) -> list[str]:
    """A sentence where what was laid on came out of contours."""
    made = [lungs.made_by] if lungs is not None else []
    made += [one.made_by for one in found if one.abnormal]
    words = dict.fromkeys(drawn_words(one) for one in made if from_contours(one))
    return [tr("{0}.").format(say(one)) for one in words]


def had_lungs(reading: Reading) -> bool:
    """Whether it has lungs, or had some that were taken back."""
    return any(isinstance(row.event, SegmentsAdded) for row in reading.history)


def is_known(reading: Reading, found: NamedMask) -> bool:
    """Whether the reading has this finding, had it, or is where it came from."""
    added = {r.event.finding.id for r in reading.history if isinstance(r.event, FindingAdded)}
    return id_of(found) in added or found.tracking_uid in {
        finding_uid(reading.id, finding) for finding in reading.findings
    }


def id_of(found: NamedMask) -> str:
    """The same for the same finding, however often it is read."""
    mask = found.mask
    told = found.tracking_uid.encode() or (
        repr((found.label, mask.start_kji, mask.voxels.shape)).encode() + mask.voxels.tobytes()
    )
    return sha256(told).hexdigest()[:12]


def finding_of(found: NamedMask, volume: Volume, lungs: LabelMap | None) -> Finding:
    """A finding measured on this scan, at the middle of its voxels."""
    mask = found.mask
    middle = np.argwhere(mask.voxels).mean(axis=0) + mask.start_kji
    x, y, z = (float(mm) for mm in volume.geometry.lps_of(middle))
    return Finding(
        id=id_of(found),
        kind=called_again(found.code, found.origin, found.description)[0],
        centre_lps=(x, y, z),
        slice_index=round(float(middle[0])),
        zone=zone_of(lungs, (x, y, z)) if lungs is not None else "",
        chance=1.0,
        measurement=measure(volume, mask),
        made_by=found.made_by,
        mask=mask,
        origin=found.origin,
    )


def lungs_event(volume: Volume, lungs: LabelMap) -> SegmentsAdded:
    """The lungs on the scan's own grid, with their figures."""
    from ai.lungs.quantify import quantify  # loads scipy, which few readings need here

    here = replace(lungs, geometry=volume.geometry)
    return SegmentsAdded(here, quantify(volume, here))
