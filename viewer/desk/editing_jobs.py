"""Operations on a whole mask, done by the process beside the window and taken as one stroke."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject

from ai.errors import OutsideError
from ai.nodules.measure import measure
from ai.nodules.zone import zone_of
from ai.scan.finding import BoxMask, Finding
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from ai.worker.messages import Failed
from ai.worker.shared import Block
from viewer.editing import operations
from viewer.editing.difference import Bools, Cut, Kji, Labels, cut_of, tight
from viewer.editing.hold import BETWEEN, ISLANDS, SMOOTH
from viewer.editing.messages import ChangeMask, MaskChanged
from viewer.editing.operations import SPLITTING, Operation
from viewer.jobs import Job
from viewer.language.counted import counted
from viewer.notices import INFO, WARN, Notice
from viewer.reading.events import FindingAdded

if TYPE_CHECKING:
    from viewer.desk.desk import Desk
    from viewer.desk.editing import EditingDesk

SMOOTH_MM, SMOOTH_VOXELS = 1.0, 0.8
"""Width of the blur: rough edges go, a nodule of 5 mm keeps its shape; never below what a grid of
coarse voxels needs to change at all."""
SMOOTH_REACH = 3
SMALL_MM3 = {False: 14.0, True: 1000.0}
"""Islands below this go: of findings a ball of 3 mm, of lungs 1 ml."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Editing", text)


@dataclass(frozen=True, eq=False)
class Running:
    """An operation that was asked for: on which part of the grid, in the block that was lent."""

    job: str
    box: Cut
    block: Block
    operation: Operation
    tool: str


class EditingJobs(QObject):
    """Of one edit at the desk; one operation at a time."""

    def __init__(self, desk: Desk, editing: EditingDesk) -> None:
        super().__init__(desk)
        self._desk, self._editing = desk, editing
        self._running: Running | None = None
        desk.jobs.answered.connect(self._answered)

    @property
    def busy(self) -> bool:
        return self._running is not None

    def refuses(self) -> bool:
        """True, and said, while an operation runs: its answer is for the mask as it was."""
        if self.busy:
            self._desk.tell(Notice(tr("The last step still runs. Esc stops it."), "", INFO))
        return self.busy

    def stop(self) -> bool:
        """Esc: the operation that runs is not wanted; False where none does."""
        running, self._running = self._running, None
        if running is None:
            return False
        self._desk.jobs.cancel(running.job)
        running.block.free()
        self._editing.changed.emit()
        return True

    # What can be asked for

    def smooth(self) -> None:
        field = self._editing.field
        if field is not None:
            width_mm = max(SMOOTH_MM, SMOOTH_VOXELS * min(field.geometry.spacing_kji_mm))
            self._ask(Operation(operations.SMOOTH, width_mm), SMOOTH, SMOOTH_REACH * width_mm)

    def fill_between(self, axis: int) -> None:
        """Slices left out along a voxel axis."""
        self._ask(Operation(operations.BETWEEN, axis=axis), BETWEEN)

    def keep_largest(self) -> None:
        self._ask(Operation(operations.LARGEST), ISLANDS)

    def drop_small(self) -> None:
        target = self._editing.target
        if target is not None:
            self._ask(Operation(operations.WITHOUT_SMALL, SMALL_MM3[target.is_lung]), ISLANDS)

    def split(self) -> None:
        """Each further island of a finding becomes a finding of its own."""
        target = self._editing.target
        if target is not None and target.is_lung:
            self._desk.tell(
                Notice(tr("Islands of a lung stay with it; split a finding."), "", INFO)
            )
        else:
            self._ask(Operation(operations.SPLIT), ISLANDS)

    def island_at(self, voxel: Kji, *, keep: bool) -> None:
        """The island under the hand alone, or all but it."""
        field = self._editing.field
        if field is None or field.reach is None or not field.voxels[voxel]:
            self._desk.tell(Notice(tr("There is no part of the mask."), "", INFO))
            return
        name = operations.KEEP_ONE if keep else operations.DROP_ONE
        k, j, i = (n - side.start for n, side in zip(voxel, field.reach, strict=True))
        self._ask(Operation(name, voxel=(k, j, i)), ISLANDS)

    # Inside

    def _ask(self, operation: Operation, tool: str, margin_mm: float = 0.0) -> None:
        field = self._editing.field
        if field is None or self.refuses():
            return
        if field.reach is None or field.empty:
            self._desk.tell(Notice(tr("The mask is empty: there is nothing to change."), "", INFO))
            return
        box = _wider(field.reach, field.geometry, margin_mm)
        part = field.voxels[box]
        try:
            block = Block.create(part.shape, "uint8")
        except OutsideError as error:
            self._desk.tell(Notice(error.sentence, error.remedy, WARN))
            return
        np.copyto(block.array, part)
        job = self._desk.jobs.new_id("edit")
        self._running = Running(job, box, block, operation, tool)
        geometry = field.geometry
        self._desk.jobs.ask_io(
            "edit",
            ChangeMask(job, block.ref, operation, geometry.spacing_kji_mm, geometry.voxel_mm3),
        )
        self._editing.changed.emit()

    def _answered(self, answer: tuple[Job, Any]) -> None:
        job, message = answer
        running = self._running
        if running is None or job.id != running.job:
            return
        self._running = None
        if isinstance(message, MaskChanged):
            inner = cut_of(message.start_kji, message.shape_kji)
            codes = running.block.array[inner].copy()
            start = tuple(a.start + b for a, b in zip(running.box, message.start_kji, strict=True))
            self._take(running, codes, (start[0], start[1], start[2]))
        elif isinstance(message, Failed):
            self._desk.jobs.clear(job.id)
            if not message.cancelled:
                self._desk.tell(Notice(message.sentence, message.remedy, WARN))
        running.block.free()
        self._editing.changed.emit()

    def _take(self, running: Running, codes: Labels, start: Kji) -> None:
        parted = running.operation.name == operations.SPLIT
        flips = codes > 1 if parted else codes > 0
        start, flips = self._editing.only_own((start, flips))
        if not flips.any():
            self._desk.tell(Notice(_unchanged(running.operation), "", INFO))
            return
        before = self._editing.finding
        self._editing.flip((start, flips), running.tool)
        if parted and before is not None:
            self._add_parts(codes, start, before)

    def _add_parts(self, codes: Labels, start: Kji, whole: Finding) -> None:
        """Findings of their own, measured on the scan."""
        scan, reading = self._desk.scan, self._desk.reading
        if scan is None or reading is None:
            return
        count = 0
        for number in range(2, int(codes.max()) + 1):
            mask = part_of(codes == number, start)
            part = finding_of(mask, scan.volume, reading.lungs, whole)
            count += self._desk.record(FindingAdded(part))
        text = counted(
            count,
            tr("1 island is a finding of its own now."),
            tr("{0} islands are findings of their own now."),
        )
        self._desk.tell(Notice(text, "", INFO, action="undo"))


def part_of(inside: Bools, start: Kji) -> BoxMask:
    """A mask in its smallest box. Something must be inside."""
    close = tight(inside)
    assert close is not None
    k, j, i = (a + side.start for a, side in zip(start, close, strict=True))
    return BoxMask((k, j, i), inside[close])


def finding_of(mask: BoxMask, volume: Volume, lungs: LabelMap | None, whole: Finding) -> Finding:
    """A part of a finding as one of its own."""
    middle = np.argwhere(mask.voxels).mean(axis=0) + mask.start_kji
    x, y, z = (float(mm) for mm in volume.geometry.lps_of(middle))
    return Finding(
        id=uuid.uuid4().hex[:12],
        kind=whole.kind,
        centre_lps=(x, y, z),
        slice_index=round(float(middle[0])),
        zone=zone_of(lungs, (x, y, z)) if lungs is not None else "",
        chance=1.0,
        measurement=measure(volume, mask),
        made_by=SPLITTING,
        mask=mask,
    )


def _wider(box: Cut, geometry: Geometry, margin_mm: float) -> Cut:
    """A box with room around it, cut to the grid."""
    k, j, i = (
        slice(max(0, side.start - more), min(size, side.stop + more))
        for side, size, more in zip(
            box,
            geometry.shape_kji,
            (int(np.ceil(margin_mm / step)) for step in geometry.spacing_kji_mm),
            strict=True,
        )
    )
    return k, j, i


def _unchanged(operation: Operation) -> str:
    texts = {
        operations.SMOOTH: tr("It is smooth already."),
        operations.BETWEEN: tr("No slice is left out between drawn ones on this plane."),
        operations.WITHOUT_SMALL: tr("There is no small island."),
    }
    return texts.get(operation.name, tr("The mask is one island."))
