"""Segmentations that lie beside a CT, or are opened on it: read elsewhere, laid onto the reading.

Lungs become the reading's lungs, abnormal structures become findings that somebody else added.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QCoreApplication

from ai.errors import OutsideError
from ai.nodules.measure import measure
from ai.nodules.zone import zone_of
from ai.scan.finding import Finding
from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from ai.worker.messages import Failed
from ai.worker.shared import Block
from viewer.desk.room import Room, Want
from viewer.dicom.io_messages import ReadSeg, SegRead
from viewer.dicom.masks.content import NamedMask
from viewer.dicom.masks.drawn_by import drawn_words, from_contours
from viewer.jobs import Job
from viewer.language.spoken import say
from viewer.notices import BANNER, GOOD, WARN, Notice
from viewer.reading.events import Event, FindingAdded, SegmentsAdded
from viewer.reading.laid import laid_together
from viewer.reading.out.export import tracking_uid
from viewer.reading.reading import Reading

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("Segs", text)


class Segs:
    """Reads files one after the other, then lays all of them on, the lungs first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._paths: deque[Path] = deque()
        self._room = Room(desk)
        self._job, self._reading = "", ""
        self._block: Block | None = None
        self._asked = False
        self._then: Callable[[], None] = lambda: None
        self._lungs: LabelMap | None = None
        self._found: list[NamedMask] = []
        self._sentences: list[str] = []
        self._remedy = ""
        self._layings: list[tuple[int, ...]] = []

    def read(self, paths: Sequence[Path], *, asked: bool, then: Callable[[], None]) -> None:
        """Reads the files onto the open scan; `then` is called when all of them were.

        asked: the reader opened them, so their lungs take the place of the reading's; else they
        only lay in the study's folder, and a reading that has lungs keeps them.
        """
        reading, scan = self._desk.reading, self._desk.scan
        assert reading is not None and scan is not None
        self.leave()
        if paths and scan.series.ai_refusal:  # no figure can be measured there
            self._desk.opening.tell_again(tr("Segmentations are not laid on it."))
            paths = ()
        self._reading, self._asked, self._then = reading.id, asked, then
        self._paths.extend(paths)
        self._next()

    def leave(self) -> None:
        """The open reading is left: nothing more is laid on it."""
        if self._job:
            self._desk.jobs.cancel(self._job)
        self._job, self._block, self._lungs = "", None, None
        self._paths.clear()
        self._found, self._sentences, self._remedy = [], [], ""

    def take(self, job: Job, message: Any) -> None:
        """The last word on a file."""
        if job.id != self._job:
            return
        block, self._job, self._block = self._block, "", None
        if isinstance(message, SegRead):
            self._sentences += message.sentences
            self._found += message.findings
            if message.labels is not None and block is not None:
                told = message.labels
                # a freed block's memory stays for as long as this array does
                self._lungs = LabelMap(told.geometry, block.array, told.segments, told.made_by)
        elif isinstance(message, Failed):
            self._desk.jobs.clear(job.id)
            if not message.cancelled:
                self._sentences.append(message.sentence)
                self._remedy = message.remedy
        if block is not None:
            block.free()
        self._next()

    def _next(self) -> None:
        scan = self._desk.scan
        if not self._paths or scan is None:
            self._lay()
            self._then()
            return
        path = self._paths.popleft()
        self._job = job = self._desk.jobs.new_id("seg")

        def ask(blocks: tuple[Block, ...]) -> None:
            if job == self._job:  # else the reading was left meanwhile
                self._block = blocks[0]
                self._desk.jobs.ask_io("seg", ReadSeg(job, str(path), scan.series, blocks[0].ref))

        def refused(error: OutsideError) -> None:
            if job == self._job:
                self._job = ""
                self._sentences.append(error.sentence)
                self._next()

        self._room.make([Want(scan.volume.hu.shape, "uint8")], ask, refused)

    def _lay(self) -> None:
        desk, reading, scan = self._desk, self._desk.reading, self._desk.scan
        if reading is None or scan is None or reading.id != self._reading:
            return
        laid, rows = [], []
        lungs_laid = self._lungs is not None and (self._asked or not had_lungs(reading))
        if self._lungs is not None and lungs_laid:
            rows.append(self._record(lungs_event(scan.volume, self._lungs)))
            laid.append(tr("lungs"))
        fresh = [f for f in self._found if f.abnormal and not is_known(reading, f)]
        for found in fresh:
            lungs = desk.reading.lungs if desk.reading else None
            rows.append(self._record(FindingAdded(finding_of(found, scan.volume, lungs))))
        self._layings.append(tuple(row for row in rows if row))
        if fresh:
            one = len(fresh) == 1
            laid.append(tr("1 finding") if one else tr("{0} findings").format(len(fresh)))
        others = [f.label for f in self._found if not f.abnormal]
        if others:
            text = tr("No finding, and not shown: {0}.")
            self._sentences.append(text.format(", ".join(dict.fromkeys(others))))
        if laid:
            text = tr("Taken over from the segmentation: {0}.").format(", ".join(laid))
            told = [text, *self._whose(lungs_laid), *self._replaced(reading, lungs_laid)]
            desk.tell(Notice(" ".join(told), "", GOOD, action="undo"))
        if self._sentences:
            desk.tell(Notice(" ".join(self._sentences), self._remedy, WARN, BANNER))
        elif self._asked and not laid:
            desk.tell(Notice(tr("The reading holds all of this segmentation already.")))

    def together(self, row: int) -> tuple[int, ...]:
        """The rows that one laying-on made, in their order, where `row` is one of them; of an
        earlier sitting as far as the log itself tells."""
        known = next((rows for rows in self._layings if row in rows), ())
        if known or self._desk.reading is None:
            return known or (row,)
        here = {seq for rows in self._layings for seq in rows}
        rows = laid_together(self._desk.reading.history, row)
        return tuple(seq for seq in rows if seq not in here)

    def _record(self, event: Event) -> int:
        """The row that an event became; 0 where the disk refused it."""
        desk = self._desk
        kept = desk.record(event) and desk.reading is not None
        row = desk.reading.undo_target if kept and desk.reading else None
        return row.seq if row is not None else 0

    def _whose(self, lungs_laid: bool) -> list[str]:
        """A sentence where what was laid on came out of contours."""
        made = [self._lungs.made_by] if self._lungs is not None and lungs_laid else []
        made += [found.made_by for found in self._found if found.abnormal]
        words = dict.fromkeys(drawn_words(one) for one in made if from_contours(one))
        return [tr("{0}.").format(say(one)) for one in words]

    def _replaced(self, before: Reading, lungs_laid: bool) -> list[str]:
        if not lungs_laid or before.lungs is None:
            return []
        return [tr("They took the place of the lungs that were there.")]


def had_lungs(reading: Reading) -> bool:
    """Whether it has lungs, or had some that were taken back."""
    return any(isinstance(row.event, SegmentsAdded) for row in reading.history)


def is_known(reading: Reading, found: NamedMask) -> bool:
    """Whether the reading has this finding, had it, or is where it came from."""
    added = {r.event.finding.id for r in reading.history if isinstance(r.event, FindingAdded)}
    return id_of(found) in added or found.tracking_uid in {
        tracking_uid(reading.id, finding.id) for finding in reading.findings
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
        kind="nodule",
        centre_lps=(x, y, z),
        slice_index=round(float(middle[0])),
        zone=zone_of(lungs, (x, y, z)) if lungs is not None else "",
        chance=1.0,
        measurement=measure(volume, mask),
        made_by=found.made_by,
        mask=mask,
    )


def lungs_event(volume: Volume, lungs: LabelMap) -> SegmentsAdded:
    """The lungs on the scan's own grid, with their figures."""
    from ai.lungs.quantify import quantify  # loads scipy, which few readings need here

    here = replace(lungs, geometry=volume.geometry)
    return SegmentsAdded(here, quantify(volume, here))
