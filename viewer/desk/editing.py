"""The edit of a mask at the desk: what is edited, each stroke into the log, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Signal

from ai.scan.finding import Finding
from ai.scan.volume import Volume
from viewer.desk.apart import Apart, nothing_cut
from viewer.desk.counting import Counting
from viewer.desk.edit_ending import EditEnding
from viewer.desk.editing_jobs import EditingJobs
from viewer.desk.elsewhere import Elsewhere
from viewer.desk.room import prepare_edit
from viewer.editing.brush import Point, Slab
from viewer.editing.difference import Bools, Cut, Kji, cut_of
from viewer.editing.field import Field, Target
from viewer.editing.flips import by_growing, by_scissors
from viewer.editing.hold import (
    BETWEEN,
    ERASE,
    REGROW,
    SCISSORS,
    SMOOTH,
    THRESHOLD,
    TOOLS,
    Hold,
)
from viewer.editing.scissors import axis_through
from viewer.editing.stroke import Stroke
from viewer.editing.threshold import WithinHu, range_for
from viewer.keymaps import cap
from viewer.notices import INFO, WARN, Notice
from viewer.reading.edits import LUNGS_MASK
from viewer.reading.events import EditGivenUp, SegmentEdited
from viewer.reading.reading import Reading

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

LUNG_BRUSH_MM = 20.0


def tr(text: str) -> str:
    return QCoreApplication.translate("Editing", text)


class EditingDesk(QObject):
    """Of one desk. While a mask is edited, `field` is what the hand paints on.

    A stroke is in the log when `end` returns. What is told of the mask (figures, export) is told of
    the reading, never of the field.
    """

    changed = Signal()  # what is edited, with what, and whether an operation runs
    field_changed = Signal(object)  # Cut: where the mask is another one; None: anywhere

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self.field: Field | None = None
        self._holds = {False: Hold(), True: Hold(diameter_mm=LUNG_BRUSH_MM)}
        self.since = 0  # the first row that belongs to this edit
        self.stroke: Stroke | None = None  # the one that the hand is making
        self._elsewhere = Elsewhere(self)
        self._apart = Apart(self)
        self.ending = EditEnding(desk)
        self.jobs = EditingJobs(desk, self)
        self.counting = Counting(desk, lambda: self.stroke is not None)
        self.normal: Point = (0.0, 0.0, -1.0)  # of the pane that keys mean
        desk.reading_changed.connect(self._reading_changed)
        desk.current_changed.connect(self._current_changed)
        desk.scan_opened.connect(self._leave)

    # What there is

    @property
    def volume(self) -> Volume | None:
        """The scan that the mask lies on."""
        return self._desk.scan.volume if self._desk.scan is not None else None

    def tell(self, notice: Notice) -> None:
        self._desk.tell(notice)

    @property
    def target(self) -> Target | None:
        return self.field.target if self.field is not None else None

    @property
    def hold(self) -> Hold:
        """Tool, size and the like; lungs and findings have their own."""
        return self._holds[self.target is not None and self.target.is_lung]

    @property
    def name(self) -> str:
        """What is edited, as readers call it."""
        target = self.target
        if target is None:
            return ""
        if target.is_lung:
            return tr("Right lung") if target.number == 1 else tr("Left lung")
        return self._desk.name_of(target.id)

    @property
    def finding(self) -> Finding | None:
        """The finding that is edited, as the reading has it."""
        reading, target = self._desk.reading, self.target
        if reading is None or target is None or target.is_lung:
            return None
        return reading.finding(target.id)

    @property
    def strokes(self) -> int:
        """How many steps of this edit count."""
        reading, target = self._desk.reading, self.target
        edits = reading.edits.get(target.id) if reading is not None and target else None
        return sum(row.seq >= self.since for row in edits.strokes) if edits is not None else 0

    def why_not(self, tool: str) -> str:
        """Why a tool cannot be used on what is edited, or nothing."""
        if tool == REGROW and self.target is not None and self.target.is_lung:
            text = tr("Re-grow is for findings. {0} segments the lungs again.")
            return text.format(cap("segment-lungs"))
        return ""

    # Beginning and ending

    def edit_finding(self) -> bool:
        """E: the current finding's mask, or the end of the edit that runs."""
        desk = self._desk
        if self.field is not None:
            return self.finish()
        if desk.current is None:
            text = tr("No finding is current. {0} goes to the next one.").format(cap("next"))
            desk.tell(Notice(text, "", INFO))
            return False
        return self.begin(Target(desk.current))

    def edit_lung(self, number: int) -> bool:
        """E on the Segments tab: one lung's mask, or the end of the edit that runs."""
        reading = self._desk.reading
        if self.field is not None:
            return self.finish()
        if reading is None or reading.lungs is None:
            text = tr("There are no lungs yet. {0} segments them.").format(cap("segment-lungs"))
            self._desk.tell(Notice(text, "", INFO))
            return False
        return self.begin(Target(LUNGS_MASK, number))

    def switch_lung(self, number: int) -> None:
        """While a lung is edited: the other one, or the same as before."""
        target = self.target
        if target is not None and target.is_lung and target.number != number:
            self.begin(Target(LUNGS_MASK, number))

    def begin(self, target: Target) -> bool:
        """The mask can be painted from now on; False, and said, where it cannot."""
        desk = self._desk
        if not desk.waiting.scan_stands(lambda: self._begin_later(target)):
            return False
        assert desk.scan is not None and desk.reading is not None
        self._leave()
        geometry = desk.scan.volume.geometry
        try:
            self.field = Field(geometry, target, desk.reading)
        except ValueError:
            text = tr("This mask does not lie on the slices of this series.")
            remedy = tr("Segment the lungs again with {0}.").format(cap("segment-lungs"))
            desk.tell(Notice(text, remedy, WARN))
            return False
        last = desk.reading.last_row
        self.since = last.seq + 1 if last is not None else 0
        mean_hu = self.finding.measurement.mean_hu if self.finding is not None else None
        self.set_hold(self.hold.between(*range_for(mean_hu)))
        if self.why_not(self.hold.tool):
            self.choose(TOOLS[0])
        if target.is_lung and desk.reading.lungs is not None:
            prepare_edit(desk.reading.lungs, self._elsewhere)
        self.changed.emit()
        self.field_changed.emit(None)
        return True

    def _begin_later(self, target: Target) -> None:
        self.begin(target)

    def finish(self) -> bool:
        """Enter: the mask stands as it is. False where nothing was edited."""
        if self.field is None:
            return False
        if self.field.empty:
            text = tr("The mask is empty. {0} brings it back, {1} gives the edit up.")
            self._desk.tell(Notice(text.format(cap("undo"), cap("cancel")), "", WARN))
            return True
        name, count, target = self.name, self.strokes, self.target
        self._leave()
        if count and target is not None:
            self.ending.done(name, target.id)
        return True

    def cancel(self) -> bool:
        """Esc: what was done since E does not count. False where nothing was edited."""
        target = self.target
        if target is None:
            return False
        if self.stroke is not None:
            self._give_up_stroke()
            return True
        if self.jobs.stop():
            return True
        name, count = self.name, self.strokes
        if count and not self._desk.record(EditGivenUp(target.id, self.since)):
            return True
        self._leave()
        if count:
            text = tr("{0} is as it was before the edit.").format(name)
            self._desk.tell(Notice(text, "", INFO, action="undo"))
        return True

    def _leave(self, *_: object) -> None:
        if self.field is not None:
            self._give_up_stroke()
            self.jobs.stop()
            self.field = None
            self.changed.emit()
            self.field_changed.emit(None)

    # Tools

    def set_hold(self, hold: Hold) -> None:
        """Another tool, size or range."""
        if hold != self.hold:
            self._holds[self.target is not None and self.target.is_lung] = hold
            self.changed.emit()

    def resize(self, steps: int) -> None:
        """[ and ]: the brush smaller or larger."""
        if self._edits():
            self.set_hold(self.hold.resized(steps))

    def choose(self, tool: str) -> None:
        """Shift+1 to 8: a tool, or an operation that is done at once."""
        if not self._edits():
            return
        assert self.field is not None
        reason = self.why_not(tool)
        if reason:
            self._desk.tell(Notice(reason, "", INFO))
        elif tool == SMOOTH:
            self.jobs.smooth()
        elif tool == BETWEEN:
            self.jobs.fill_between(axis_through(self.field.geometry, self.normal))
        else:
            self.set_hold(replace(self.hold, tool=tool))

    def _edits(self) -> bool:
        if self.field is None:
            text = tr("No mask is being edited. {0} edits the current finding.")
            self._desk.tell(Notice(text.format(cap("edit")), "", INFO))
        return self.field is not None

    # What the hand does

    def begin_stroke(self, *, turned: bool) -> Stroke | None:
        """A stroke with the tool in the hand; turned: Ctrl is down, so that painting erases.

        None, and said, while an operation runs on the same mask.
        """
        volume = self.volume
        if self.field is None or volume is None or self.jobs.refuses():
            return None
        hold = self.hold
        inside = (hold.tool == ERASE) == turned
        allowed = None
        if hold.tool == THRESHOLD:
            allowed = WithinHu(volume.hu, hold.low_hu, hold.high_hu)
        self.stroke = Stroke(self.field.voxels, inside=inside, allowed=allowed)
        return self.stroke

    def painted(self, box: Cut | None) -> None:
        """The stroke has covered a box more."""
        if self.field is not None and box is not None:
            self.field.widen(box)
            self.field_changed.emit(box)

    def end_stroke(self) -> None:
        """The hand is up: the stroke is a step of the reading."""
        stroke, self.stroke = self.stroke, None
        if stroke is None or self.field is None:
            return
        flipped = stroke.flipped()
        if flipped is None:
            return
        if self.keep(flipped, self.hold.tool):
            self._apart.tell(flipped)
        else:
            self.painted(stroke.give_up())

    def keep(self, flipped: tuple[Kji, Bools], tool: str) -> bool:
        """Flipped voxels of the field into the log; False where the disk refused."""
        reading, field = self._desk.reading, self.field
        if reading is None or field is None:
            return False
        difference, segments = field.difference(flipped, reading)
        if difference is None:
            return True
        return self._desk.record(SegmentEdited(field.target.id, difference, tool, segments))

    def only_own(self, flipped: tuple[Kji, Bools]) -> tuple[Kji, Bools]:
        """Without the voxels that another lung has: only a hand takes them from it."""
        reading, target = self._desk.reading, self.target
        if reading is None or reading.lungs is None or target is None or not target.is_lung:
            return flipped
        start, flips = flipped
        there = reading.lungs.labels[cut_of(start, flips.shape)][flips]
        others = (there != 0) & (there != target.number)
        if others.any():
            flips = flips.copy()
            flips[flips] = ~others
        return start, flips

    def flip(self, flipped: tuple[Kji, Bools], tool: str) -> None:
        """The same for voxels that the field has not flipped yet."""
        if self.field is None or not flipped[1].any():
            return
        box = cut_of(flipped[0], flipped[1].shape)
        part = self.field.voxels[box]
        np.bitwise_xor(part, flipped[1].view(np.uint8), out=part)
        if not self.keep(flipped, tool):
            np.bitwise_xor(part, flipped[1].view(np.uint8), out=part)
        self.painted(box)

    def cut(self, corners_lps: NDArray[np.float64], normal: Point, slab: Slab) -> None:
        """Scissors: erases inside or outside of a closed line, or fills it in."""
        if self.field is None or self.jobs.refuses():
            return
        found = by_scissors(self.field, self.hold, corners_lps, normal, slab)
        if found is None or not found[1].any():
            self._desk.tell(Notice(nothing_cut(self.hold.cut), "", INFO))
        else:
            self.flip(found, SCISSORS)
            self._apart.tell(found)

    def regrow(self, lps: Point) -> None:
        """The mask anew, grown at half contrast around a point of the finding."""
        field, volume, reading = self.field, self.volume, self._desk.reading
        if field is None or volume is None or reading is None or self.jobs.refuses():
            return
        if volume.geometry.nearest_voxel(lps) is None:
            return
        flips, grew = by_growing(field, volume, reading.lungs, lps)
        if not grew:
            text = tr("Nothing stands out there; a ball of 4 mm was set.")
            self._desk.tell(Notice(text, "", INFO, action="undo"))
        self.flip(flips, REGROW)

    # Figures

    def when_counted(self, then: Callable[[], None], told: str = "") -> None:
        """Calls `then` once all figures are of the masks as they are; told: said meanwhile."""
        self.counting.when_counted(
            then, told or tr("Figures are being counted again; export waits.")
        )

    # Inside

    def _give_up_stroke(self) -> None:
        stroke, self.stroke = self.stroke, None
        if stroke is not None:
            self.painted(stroke.give_up())

    def _reading_changed(self, reading: Reading) -> None:
        if self.field is None:
            return
        if self.field.behind(reading):
            self._give_up_stroke()  # undo in the middle of a stroke, which is no step yet
        same, box = self.field.follow(reading)
        if not same:
            self._leave()
        elif box is not None:
            self.field_changed.emit(box)

    def _current_changed(self, finding: str | None) -> None:
        target = self.target
        if target is not None and not target.is_lung and finding != target.id:
            self._leave()
