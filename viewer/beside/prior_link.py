"""How a prior lies to the scan that is read: by table height, then by the lungs, or by hand.

The lungs of both are outlined in the worker for the alignment alone, into blocks that go with it;
nothing of them enters the reading. The match does, so that it is there when the reading is opened
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject

from ai.errors import OutsideError
from ai.scan.geometry import Geometry
from ai.worker.messages import (
    AlignLungs,
    Failed,
    LabelsRef,
    LungsAligned,
    LungsDone,
    SegmentLungs,
)
from ai.worker.shared import Block
from viewer.desk.room import Room, Want, want_lungs
from viewer.desk.work import LUNGS_CARD
from viewer.dicom.series import Series
from viewer.jobs import Job
from viewer.keymaps import cap
from viewer.notices import WARN, Notice
from viewer.open_scan import OpenScan
from viewer.reading.events import BY_HAND, BY_LUNGS, PriorLinked
from viewer.reading.library import series_key
from viewer.reading.same_patient import days_before, same_patient
from viewer.views.panes import Panes
from viewer.views.second import SecondScan

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

Matrix = NDArray[np.float64]

JOB = "prior"
"""The kind of job that outlines a prior's lungs and aligns them."""
LEAST_OVERLAP = 0.5
"""Of the shorter scan, for the table's height to say anything about where the other lies."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Prior", text)


def tags_of(first: Series, second: Series) -> tuple[str, str]:
    """Corner lines of the second scan and of the first: 'PRIOR · 400 days', 'CURRENT'."""
    if not same_patient(first.patient, second.patient):
        return tr("OTHER STUDY"), tr("CURRENT")
    days = days_before(second.study_date, first.study_date)
    if days is None:
        return tr("OTHER STUDY · date unknown"), tr("CURRENT")
    if days == 0:
        return tr("OTHER STUDY · same day"), tr("CURRENT")
    pattern = tr("PRIOR · {0} days") if days > 0 else tr("LATER · {0} days")
    if abs(days) == 1:
        pattern = tr("PRIOR · {0} day") if days > 0 else tr("LATER · {0} day")
    return pattern.format(abs(days)), tr("CURRENT")


def short_tags(first: Series, second: Series) -> tuple[str, str]:
    """The same in one word each, for a thumbnail: of the second scan, and of the first."""
    if first.study_uid == second.study_uid:
        return tr("BESIDE"), tr("CURRENT")
    days = days_before(second.study_date, first.study_date) or 0
    if not days or not same_patient(first.patient, second.patient):
        return tr("OTHER"), tr("CURRENT")
    return (tr("PRIOR") if days > 0 else tr("LATER")), tr("CURRENT")


def by_table(first: Geometry, second: Geometry) -> Matrix:
    """LPS mm of the second to LPS mm of the first, by where the table stood.

    Where the two scans then hardly overlap, the middle of the one on the middle of the other.
    """
    made = np.eye(4)
    one, other = _box(first), _box(second)
    shared = np.minimum(one[1], other[1]) - np.maximum(one[0], other[0])
    shorter = np.minimum(one[1] - one[0], other[1] - other[0])
    apart = shared < LEAST_OVERLAP * shorter
    made[:3, 3] = np.where(apart, one.mean(axis=0) - other.mean(axis=0), 0.0)
    return made


def _box(geometry: Geometry) -> Matrix:
    """(2, 3) LPS mm: the lowest and the highest of the grid's corners."""
    ends = np.array(geometry.shape_kji) - 1
    corners = geometry.lps_of(np.array(np.meshgrid(*[(0, end) for end in ends])).T.reshape(-1, 3))
    return np.array([corners.min(axis=0), corners.max(axis=0)])


def by_lungs_words(median_mm: float) -> str:
    """Short enough for the corner of a pane of two beside each other."""
    return tr("By lungs, approximate · {0} mm").format(f"{median_mm:.1f}")


@dataclass(eq=False)
class Run:
    """An alignment on its way. blocks: lungs of the prior, then of the scan that is read."""

    first: OpenScan
    prior: OpenScan
    blocks: tuple[Block, ...] = ()
    steps: tuple[str, ...] = ()
    job: str = ""


class PriorLink(QObject):
    """Of one window: tags, match and alignment of a second scan from another study."""

    def __init__(self, desk: Desk, panes: Panes) -> None:
        super().__init__(panes)
        self._desk, self._panes = desk, panes
        self._room = Room(self)
        self._run: Run | None = None
        self._waits: OpenScan | None = None
        self._of_study = ""
        panes.second_changed.connect(self._second_changed)
        panes.second_anchored.connect(self._anchored)
        desk.scan_completed.connect(self._scan_completed)
        desk.jobs.answered.connect(self._answered)

    @property
    def running(self) -> bool:
        """Whether the two are being aligned."""
        return self._run is not None or self._waits is not None

    @property
    def can_align(self) -> bool:
        """Whether a scan of another study stands beside the one that is read."""
        scan, second = self._desk.scan, self._panes.second
        if scan is None or second is None or second.series is None:
            return False
        return second.series.study_uid != scan.series.study_uid

    def dress(self, second: SecondScan) -> SecondScan:
        """A second scan of another study with its tags, and the best match that is known yet."""
        scan, series = self._desk.scan, second.series
        if scan is None or series is None or series.study_uid == scan.series.study_uid:
            return second
        self._of_study = scan.series.study_uid
        tag, first_tag = tags_of(scan.series, series)
        known = self._known(series)
        if known is None:
            matrix = by_table(scan.volume.geometry, second.volume.geometry)
            link = tr("Linked by table height")
        else:
            matrix = np.array(known.matrix, dtype=np.float64).reshape(4, 4)
            by_hand = known.by == BY_HAND
            link = tr("Linked by hand") if by_hand else by_lungs_words(known.median_mm)
        made = replace(second, tag=tag, first_tag=first_tag, to_first=matrix, link=link)
        return replace(made, approximate=True)

    def stays(self, series: Series) -> bool:
        """Whether a prior stays when the scan that is read is another one of the same study."""
        scan = self._desk.scan
        return scan is not None and scan.series.study_uid == self._of_study != series.study_uid

    def take_read(self, prior: OpenScan) -> None:
        """A second scan is there to its last slice: one of another study is aligned now."""
        scan = self._desk.scan
        if scan is None or prior.series.study_uid == scan.series.study_uid:
            return
        if self._known(prior.series) is not None:
            return
        self._waits = prior
        if scan.complete:
            self._scan_completed(scan)

    def again(self, prior: OpenScan | None) -> bool:
        """Aligns by the lungs whatever is known; False where the two need none.

        prior: the second scan, None while it is still being read: it is aligned then by itself.
        """
        scan = self._desk.scan
        if scan is None or not self.can_align:
            return False
        if self.running or prior is None:
            self._desk.tell(Notice(tr("The two scans are being aligned. Esc stops it.")))
            return True
        self._waits = prior
        self._desk.tell(Notice(tr("The lungs of both are being aligned; you can go on.")))
        if scan.complete:
            self._scan_completed(scan)
        return True

    def stop(self) -> bool:
        """The alignment is given up and its memory goes; False where none was on its way."""
        run, self._run = self._run, None
        waited, self._waits = self._waits is not None, None
        if run is not None:
            self._desk.jobs.cancel(run.job)
            for block in run.blocks:
                block.free()
        return run is not None or waited

    def cancel(self) -> bool:
        """Esc: the alignment is given up, and that is said; False where none was on its way."""
        stopped = self.stop()
        if stopped:
            self._fell_back(tr("The alignment was stopped."))
        return stopped

    # Within

    def _known(self, series: Series) -> PriorLinked | None:
        reading = self._desk.reading
        return None if reading is None else reading.priors.get(series_key(series.key))

    def _second_changed(self, second: SecondScan | None) -> None:
        self.stop()

    def _scan_completed(self, scan: OpenScan) -> None:
        """Both are there: room for their lungs, then one step after the other."""
        prior, self._waits = self._waits, None
        reading = self._desk.reading
        if prior is None or reading is None:
            return
        refusal = prior.series.ai_refusal or scan.series.ai_refusal
        if refusal:
            self._fell_back(refusal)
            return
        run = self._run = Run(scan, prior, steps=("prior", "first", "align"))
        wants = [Want(prior.volume.hu.shape, "uint8"), Want(scan.volume.hu.shape, "uint8")]
        if reading.lungs is not None and reading.lungs.geometry.same_grid(scan.volume.geometry):
            wants[1], run.steps = want_lungs(reading), ("prior", "align")

        def made(blocks: tuple[Block, ...]) -> None:
            if self._run is not run:
                for block in blocks:
                    block.free()
                return
            run.blocks = blocks
            self._go_on(run)

        def refused(error: OutsideError) -> None:
            if self._run is run:
                self._run = None
                self._fell_back(error.sentence)

        self._room.make(wants, made, refused)

    def _go_on(self, run: Run) -> None:
        """Asks the worker for the next step."""
        step, run.steps = run.steps[0], run.steps[1:]
        if step == "first" and self._copy_lungs(run):
            step, run.steps = run.steps[0], run.steps[1:]
        run.job = self._desk.jobs.new_id(JOB)
        of_prior, of_first = (block.ref for block in run.blocks)
        request: SegmentLungs | AlignLungs
        if step == "prior":
            request = SegmentLungs(run.job, LUNGS_CARD, run.prior.ref, of_prior)
        elif step == "first":
            request = SegmentLungs(run.job, LUNGS_CARD, run.first.ref, of_first)
        else:
            fixed = LabelsRef(of_first, run.first.ref.affine)
            request = AlignLungs(run.job, fixed, LabelsRef(of_prior, run.prior.ref.affine))
        self._desk.jobs.ask_ai(JOB, request, yields=True)  # F5 and F6 come first

    def _copy_lungs(self, run: Run) -> bool:
        """Lungs that the reading has got meanwhile are not outlined once more."""
        reading = self._desk.reading
        if reading is None or reading.lungs is None:
            return False
        if not reading.lungs.geometry.same_grid(run.first.volume.geometry):
            return False
        np.copyto(run.blocks[1].array, reading.lungs.labels)
        return True

    def _answered(self, answer: tuple[Job, Any]) -> None:
        job, message = answer
        run = self._run
        if run is None or job.id != run.job:
            return
        if isinstance(message, LungsDone):
            self._go_on(run)
            return
        self.stop()
        if isinstance(message, LungsAligned):
            self._aligned(run.prior.series, message)
        elif isinstance(message, Failed):
            self._desk.jobs.clear(job.id)
            self._fell_back(message.sentence)

    def _aligned(self, prior: Series, found: LungsAligned) -> None:
        matrix = np.array(found.matrix, dtype=np.float64).reshape(4, 4)
        self._panes.match_second(matrix, by_lungs_words(found.median_mm))
        self._keep(prior, found.matrix, BY_LUNGS, round(found.median_mm, 2))
        text = tr(
            "Both scroll together by the lungs. Approximate: their surfaces lie {0} mm apart."
        )
        self._desk.tell(Notice(text.format(f"{found.median_mm:.1f}")))

    def _fell_back(self, reason: str) -> None:
        """Why, and that the two go on as they were: by hand, by the lungs, or by table height."""
        remedy = tr("{0} unlinks them, {1} links them at the same place by hand.").format(
            cap("link"), cap("anchor")
        )
        second = self._panes.second
        known = self._known(second.series) if second is not None and second.series else None
        text = tr("{0} The two scans scroll by table height.")
        if known is not None:
            text = tr("{0} The two scans stay linked as they were.")
        self._desk.tell(Notice(text.format(reason), remedy, WARN))

    def _anchored(self, matrix: Matrix) -> None:
        """The reader linked the two as they stand: that comes before any estimate."""
        second = self._panes.second
        if self.can_align and second is not None and second.series is not None:
            self.stop()
            self._keep(second.series, np.asarray(matrix).ravel().tolist(), BY_HAND)

    def _keep(
        self, prior: Series, matrix: Sequence[float], by: str, median_mm: float = 0.0
    ) -> None:
        numbers = tuple(round(float(n), 9) for n in matrix)
        self._desk.record(PriorLinked(series_key(prior.key), numbers, by, median_mm))
