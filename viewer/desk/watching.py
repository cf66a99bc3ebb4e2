"""Watches what the panes really show, and keeps in the log which lung the reader has had on screen.

Each painting of a pane ends the time of what it showed before. The counting comes a little later,
so that no painting waits for it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QPainter

from ai.scan.labelmap import LEFT_LUNG, RIGHT_LUNG, LabelMap
from viewer.coverage.kept import SeenSince
from viewer.coverage.lungs import Place, share, unseen
from viewer.coverage.rules import rules
from viewer.coverage.seen import Seen, Sight
from viewer.reading.events import CoverageNoted
from viewer.views.planes import stack_of

if TYPE_CHECKING:
    from viewer.desk.desk import Desk
    from viewer.reading.reading import Reading
    from viewer.views.panes import Panes
    from viewer.views.slice_view import SliceView

COUNT_MS = 200
LONGEST_S = 10.0
"""What a pane shows longer than this without a hand on it may show to an empty chair."""

NOTE_EVERY_S = 30.0
KEEP_EVERY_S = 4.0
"""A kill costs no more than this of what was seen, and the time of one count."""

SMALLEST_SHARE = 0.002
"""Unseen parts under this share of the lungs are not offered one by one."""


@dataclass
class Watch:
    """One pane: what it shows since when."""

    sight: Sight
    since: float


class Watching(QObject):
    """Of one window; an overlay of its panes that paints nothing."""

    counted = Signal()  # more was seen, or other lungs are there

    def __init__(
        self, desk: Desk, panes: Panes, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(desk)
        self._desk, self._panes, self._clock = desk, panes, clock
        self._seen: Seen | None = None
        self._watches: dict[SliceView, Watch] = {}
        self._shown: dict[Sight, float] = {}
        self._noted_at = self._kept_at = clock()
        self._since: SeenSince | None = None
        self._unkept = False  # more was seen than log and file hold
        panes.add_overlay(self)
        self._timer = QTimer(self, interval=COUNT_MS)
        self._timer.timeout.connect(self.count)
        desk.scan_opened.connect(self._begin)
        desk.reader_changed.connect(self._begin)
        desk.out.settling.connect(self._settle)

    # What was seen

    @property
    def lungs(self) -> LabelMap | None:
        return self._desk.reading.lungs if self._desk.reading is not None else None

    @property
    def seen(self) -> Seen | None:
        """The count of the open scan."""
        return self._seen

    def shares(self) -> tuple[float, float] | None:
        """Share of the right and the left lung seen, 0 to 1; None where no such lungs are known."""
        known = self._known()
        if known is None or not known[1].sided:
            return None
        return (share(*known, RIGHT_LUNG.number), share(*known, LEFT_LUNG.number))

    def whole(self) -> float | None:
        """Share of both lungs seen, 0 to 1; None where there are no lungs yet."""
        known = self._known()
        return None if known is None else share(*known)

    def unseen(self) -> tuple[Place, ...]:
        """Parts of the lungs that were not seen, the largest first."""
        known = self._known()
        return () if known is None else unseen(*known, least_share=SMALLEST_SHARE)

    def go_to_unseen(self) -> bool:
        """The crosshair to the largest part not seen; False where there is none."""
        self.count()
        places = self.unseen()
        if places:
            self._panes.go_to(places[0].lps)
        return bool(places)

    # Watching

    def paint(self, painter: QPainter, view: SliceView) -> None:
        """A pane is painted: what it showed until now is over."""
        sight = self._sight(view)
        watch = self._watches.get(view)
        if watch is not None and watch.sight == sight:
            return
        now = self._clock()
        if watch is not None:
            self._credit(watch, now)
        if sight is None:
            self._watches.pop(view, None)
        else:
            self._watches[view] = Watch(sight, now)

    def count(self) -> None:
        """Adds up what was shown since the last time; every half minute the log hears of it,
        every few seconds a file."""
        now = self._clock()
        for view, watch in tuple(self._watches.items()):
            if view.isVisible() and view.window().isActiveWindow():
                self._credit(watch, now)
                watch.since = now
            else:
                self._credit(watch, min(now, watch.since + COUNT_MS / 1000))
                del self._watches[view]
        shown, self._shown = self._shown, {}
        if self._seen is None or not shown:
            self._keep(now)
            return
        for sight, seconds in shown.items():
            self._seen.add(sight, seconds)
        self._unkept = True
        self.counted.emit()
        if now - self._noted_at >= NOTE_EVERY_S and self._desk.reading is not None:
            self._noted_at = now
            if self._desk.reading.history:
                self.note()
        self._keep(now)

    def note(self) -> None:
        """The log hears what was seen so far; nothing where that is no more than it knows."""
        reading = self._desk.reading
        if self._seen is None or reading is None or not reading.history:
            return
        right, left = self.shares() or (-1.0, -1.0)
        now = CoverageNoted(round(right, 4), round(left, 4), self._seen.text())
        if now == reading.coverage or self._desk.record(now):
            self._unkept = False
            self._since_of(reading).drop()

    def _keep(self, now: float) -> None:
        """Between two notes a file has it."""
        reading = self._desk.reading
        if not self._unkept or now - self._kept_at < KEEP_EVERY_S or self._seen is None:
            return
        if reading is None or not reading.history or self._desk.unsaved is not None:
            return
        if self._since_of(reading).keep(self._seen.packed()):
            self._kept_at, self._unkept = now, False

    def _since_of(self, reading: Reading) -> SeenSince:
        if self._since is None or self._since.reading != reading.id:
            self._since = SeenSince(reading.id)
        return self._since

    def _known(self) -> tuple[Seen, LabelMap] | None:
        """The count and the lungs that lie on its grid, once both are there."""
        seen, lungs = self._seen, self.lungs
        if seen is None or lungs is None or not fits(seen, lungs):
            return None
        return seen, lungs

    def _settle(self) -> None:
        """Before the reading is left, signed or exported."""
        self.count()
        self.note()

    def _begin(self, *_: object) -> None:
        """A scan was opened, or another reader's reading of it: what that reader saw counts."""
        scan, reading = self._desk.scan, self._desk.reading
        self._watches.clear()
        self._shown.clear()
        self._seen = None
        if scan is None:
            return
        self._seen = Seen(scan.volume.geometry, rules())
        self._noted_at = self._kept_at = self._clock()
        self._unkept = False
        if reading is not None:
            noted = reading.coverage.places if reading.coverage is not None else ""
            for known in filter(None, (noted, self._since_of(reading).read())):
                with contextlib.suppress(ValueError):  # of another grid: what it saw is not known
                    self._seen.take_back(known)
        self._timer.start()
        self.counted.emit()

    def _sight(self, view: SliceView) -> Sight | None:
        scan, volume = self._desk.scan, view.volume
        if scan is None or not scan.complete or volume is None:
            return None
        if volume.geometry is not scan.volume.geometry:
            return None  # another series beside this one
        look, window = view.view(), view.state.window
        plane = look.plane
        slab = view.state.slab
        thick = slab.thickness_mm if slab.on else stack_of(volume.geometry, plane).step_mm
        return Sight(
            (plane.right, plane.down, plane.onward),
            look.centre_lps,
            look.width_px * look.mm_per_px,
            look.height_px * look.mm_per_px,
            thick,
            look.mm_per_px,
            window.width,
            window.level,
        )

    def _credit(self, watch: Watch, now: float) -> None:
        seconds = min(now - watch.since, LONGEST_S)
        if seconds > 0:
            self._shown[watch.sight] = self._shown.get(watch.sight, 0.0) + seconds


def fits(seen: Seen, lungs: LabelMap) -> bool:
    """Whether the lungs lie on the grid that was counted on."""
    k, j, i = lungs.geometry.shape_kji
    a, b, c = seen.steps_kji
    return seen.places.shape == (-(-k // a), -(-j // b), -(-i // c))
