"""The second series beside the first: read into a block of its own, linked, let go of in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from ai.errors import OutsideError
from ai.scan.volume import Volume
from ai.worker.messages import Failed
from ai.worker.shared import Block
from viewer.dicom.io_messages import Load, Loaded, SlicesReady
from viewer.dicom.series import Series
from viewer.jobs import Job
from viewer.notices import BANNER, WARN, Notice, of_error
from viewer.open_scan import OpenScan
from viewer.views.layouts import SECONDS
from viewer.views.panes import Panes
from viewer.views.second import SecondScan

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

JOB = "second"
"""The kind of job that reads a second series."""


@dataclass(frozen=True, eq=False)
class Beside:
    """What stood beside the first, read to its last slice, and its block."""

    series: Series
    volume: Volume
    block: Block


class Comparing(QObject):
    """Of one window. asked_elsewhere: takes a series of another study; True where it has.

    dress: what is known of a second scan beyond its series. stays: whether one of another study
    stays beside another first series. family: the series of another study, to step through.
    """

    read = Signal(object)  # OpenScan: the second series, to its last slice

    def __init__(self, desk: Desk, panes: Panes) -> None:
        super().__init__(panes)
        self._desk, self._panes = desk, panes
        self._block: Block | None = None
        self._volume: Volume | None = None
        self._loaded: NDArray[np.bool_] | None = None
        self._job = ""
        self.series: Series | None = None
        self.asked_elsewhere: Callable[[Series], bool] = lambda series: False
        self.dress: Callable[[SecondScan], SecondScan] = lambda second: second
        self.stays: Callable[[Series], bool] = lambda series: False
        self.family: Callable[[Series], tuple[Series, ...]] = lambda series: ()
        panes.series_dropped.connect(self._dropped)
        panes.second_changed.connect(self._second_changed)
        desk.scan_opened.connect(self._scan_opened)
        desk.jobs.told.connect(self._told)
        desk.jobs.answered.connect(self._answered)

    @property
    def others(self) -> tuple[Series, ...]:
        """What can be shown beside the first: the study's other series that make volumes."""
        opened, scan = self._desk.opening.opened, self._desk.scan
        if opened is None or scan is None:
            return ()
        first = scan.series
        return tuple(
            series
            for series in opened.series
            if series.study_uid == first.study_uid
            and series.key != first.key
            and series.geometry is not None
        )

    @property
    def scan(self) -> OpenScan | None:
        """The second scan, once it is there to the last slice."""
        opened = self._desk.opening.opened
        if self._job or opened is None or self.series is None:
            return None
        if self._volume is None or self._block is None:
            return None
        return OpenScan(self.series, self._volume, self._block, opened.path, complete=True)

    def choose(self, series: Series) -> None:
        """Shows a series beside the first, from the block that it is being read into."""
        if self.series is not None and series.key == self.series.key:
            return
        if series.geometry is None:
            reason = series.refusal or self.tr("This series makes no volume.")
            self._desk.tell(Notice(reason, "", WARN, BANNER))
            return
        self.close()
        try:
            block = Block.create(series.geometry.shape_kji, "int16")
        except OutsideError as error:
            self._desk.tell(of_error(error))
            return
        self.series, self._block = series, block
        self._volume = Volume(series.geometry, block.array, series.key)
        self._loaded = np.zeros(series.geometry.shape_kji[0], dtype=bool)
        self._show()
        self._job = self._desk.jobs.new_id(JOB)
        self._desk.jobs.ask_io(JOB, Load(self._job, series, block.ref, self._first_k()))

    def step(self, places: int) -> None:
        """The study's next or previous series in the place of the second."""
        others = (self.family(self.series) if self.series is not None else ()) or self.others
        keys = [series.key for series in others]
        if self.series is None or len(others) < 2 or self.series.key not in keys:
            self._desk.tell(Notice(self.tr("There is no other series to compare with.")))
        else:
            self.choose(others[(keys.index(self.series.key) + places) % len(others)])

    def begin(self) -> None:
        """With the layout for it: where only one other series is there, it is that one."""
        others = self.others
        if self._panes.second is None and len(others) == 1:
            self.choose(others[0])

    def close(self) -> bool:
        """The second series goes, and its memory with it; False where there was none."""
        was = self.series is not None
        if self._job:
            self._desk.jobs.cancel(self._job)
        self._job = ""
        if was and self._panes.second is not None:
            self._panes.set_second(None)
        self._let_go()
        return was

    def hand_over(self) -> Beside | None:
        """What stands there to its last slice, and here no more; its panes are to go next."""
        if self._job or self.series is None or self._volume is None or self._block is None:
            return None
        lying = Beside(self.series, self._volume, self._block)
        self.series = self._volume = self._loaded = self._block = None
        return lying

    def take_over(self, lying: Beside) -> None:
        """Another window's second series is this one's: nothing is read again."""
        self.close()
        self.series, self._volume, self._block = lying.series, lying.volume, lying.block
        self._loaded = np.ones(len(lying.volume.hu), dtype=bool)
        self._show()

    def cancel(self) -> bool:
        """Esc while it is being read: it goes again; False where nothing was read."""
        return self.close() if self._job else False

    # Within

    def _show(self) -> None:
        assert self.series is not None and self._volume is not None
        second = SecondScan(self._volume, self.series, self._match(), loaded=self._loaded)
        self._panes.set_second(self.dress(second))

    def _match(self) -> NDArray[np.float64] | None:
        """Places are the same where the scanner says so by one frame of reference.

        Source: DICOM PS3.3 C.7.4.1.1.1.
        """
        scan, series = self._desk.scan, self.series
        assert scan is not None and series is not None
        one = series.frame_of_reference
        return np.eye(4) if one and one == scan.series.frame_of_reference else None

    def _first_k(self) -> int:
        """The slice that is read first: where the reader stands."""
        assert self.series is not None and self.series.geometry is not None
        geometry = self.series.geometry
        view = self._panes.views[SECONDS[0]]
        k = round(float(geometry.index_of(view.state.crosshair_lps)[0]))
        return min(max(k, 0), geometry.shape_kji[0] - 1)

    def _dropped(self, pane: str, key: str) -> None:
        """A series was dragged onto a pane: that pane shows it."""
        opened, scan = self._desk.opening.opened, self._desk.scan
        found = next((s for s in opened.series if s.key == key), None) if opened else None
        if found is None or scan is None:
            return
        if found.key == scan.series.key:
            self._panes.show_in(pane, second=False)
            return
        if found.study_uid != scan.series.study_uid and self.asked_elsewhere(found):
            return
        self.choose(found)
        if self.series is not None and self.series.key == key:
            self._panes.show_in(pane, second=True)

    def _scan_opened(self, scan: OpenScan) -> None:
        """Another first series: the second stays where it is still one of that study's others."""
        series = self.series
        if series is None:
            return
        if any(other.key == series.key for other in self.others) or self.stays(series):
            self._show()
            if not self._job:
                self._tell_read()
        else:
            self.close()

    def _second_changed(self, second: SecondScan | None) -> None:
        """Another room shows a scan of its own there: ours is let go of."""
        if second is not None and second.volume is not self._volume and self._block is not None:
            if self._job:
                self._desk.jobs.cancel(self._job)
            self._job = ""
            self._let_go()

    def _told(self, message: Any) -> None:
        if isinstance(message, SlicesReady) and message.job == self._job:
            if self._loaded is not None:
                self._loaded[list(message.ks)] = True
            self._panes.second_slices_ready(message.ks)

    def _answered(self, answer: tuple[Job, Any]) -> None:
        job, message = answer
        if job.id != self._job:
            return
        self._job = ""
        if isinstance(message, Loaded):
            if self._loaded is not None:
                self._loaded[:] = True
            if message.sentences:
                self._desk.tell(Notice(" ".join(message.sentences), "", WARN, BANNER))
            self._tell_read()
        elif isinstance(message, Failed):
            self.close()
            if not message.cancelled:
                self._desk.tell(Notice(message.sentence, message.remedy, WARN, BANNER))
            self._desk.jobs.clear(job.id)

    def _tell_read(self) -> None:
        scan = self.scan
        if scan is not None:
            self.read.emit(scan)

    def _let_go(self) -> None:
        block, self._block = self._block, None
        self.series = self._volume = self._loaded = None
        if block is not None:
            block.free()  # the name goes now, the voxels with the last pane
