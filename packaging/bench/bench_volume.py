"""Row of the 3-D pane: first picture, pictures while it turns, full at rest, cost to the cuts."""

from __future__ import annotations

import itertools
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench_measure import Figure, percentile
from bench_scans import REAL, Setting, phantom, real_scan

if TYPE_CHECKING:
    from viewer.views.panes import Panes
    from viewer.volume.session import Arrived
    from viewer.volume.view import VolumeView

WIDE_PX, HIGH_PX = 727, 830
"""The pane of a window of 1440 x 900."""

PANE_PX = 600
FIRST_LIMIT_S, REST_LIMIT_S, PICTURE_LIMIT_MS, SCROLL_LIMIT = 3.0, 2.0, 200.0, 1.15
TURN_S, LONGEST_S, PACE_MS = 2.0, 120.0, 16
BLOCK = 40
"""Steps in a row with 3-D turning, then as many with it still."""


@dataclass
class Seen:
    """The pictures that came, each with its moment on the monotonic clock."""

    came: list[tuple[float, Arrived]] = field(default_factory=list)

    def take(self, arrived: Arrived) -> None:
        self.came.append((time.perf_counter(), arrived))

    @property
    def is_full(self) -> bool:
        return bool(self.came) and self.came[-1][1].told.full


def volume(setting: Setting) -> list[Figure]:
    """Seconds to a first and a full picture, milliseconds a picture, and the scroll's p95."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_SCALE_FACTOR"] = "1"
    from PySide6.QtWidgets import QApplication

    from ai.worker.shared import Block
    from viewer import theme

    app = QApplication.instance() or QApplication([])
    theme.apply_theme(app)
    name, scan, lungs = _scan(setting)
    with Block.create(scan.hu.shape, "int16") as block:
        block.array[...] = scan.hu
        times = setting.pairs(3)
        taken = []
        for left in reversed(range(times)):
            cold, _ = _opens(*_pane(block, scan, lungs), cold=True)
            pane, seen = _pane(block, scan, lungs)
            warm, full = _opens(pane, seen, cold=False)
            taken.append((warm, cold, full))
            if left:
                pane.close()
        warm, cold, full = (statistics.median(column) for column in zip(*taken, strict=True))
        note = f"{name}; full after {full:.2f} s"
        told = [
            _figure("Show 3-D to the first picture", warm, "s", FIRST_LIMIT_S, times, note),
            _figure("the same, its process not yet started", cold, "s", FIRST_LIMIT_S, times, ""),
            *_turns(pane, seen, setting),
            _scrolls(pane, scan, lungs, setting),
        ]
        pane.close()
    return told


def _scan(setting: Setting) -> tuple[str, Any, Any]:
    """A real scan with its classical lungs where there is one, else the phantom."""
    folder = None if setting.tiny else real_scan(REAL[0])
    if folder is None:
        made = phantom(setting)
        return "phantom", made.volume, made.lungs
    from ai.lungs.segment import segment_lungs
    from ai.models.card import load_card
    from viewer.dicom.find import open_path
    from viewer.dicom.pixels import read_volume

    scan = read_volume(open_path(folder).series[0])
    return REAL[0], scan, segment_lungs(scan, card=load_card("lungs-classical")).label_map


def _pane(block: Any, scan: Any, lungs: Any) -> tuple[VolumeView, Seen]:
    from viewer.volume.view import VolumeView

    pane, seen = VolumeView(), Seen()
    pane.session.arrived.connect(seen.take)
    pane.resize(WIDE_PX, HIGH_PX)
    pane.set_scan(block.ref, scan.geometry)
    pane.set_labels(lungs)
    return pane, seen


def _opens(pane: VolumeView, seen: Seen, *, cold: bool) -> tuple[float, float]:
    """Seconds from "Show 3-D" to the first and to the full picture.

    cold: its process is started by the button, too; else it has tried the driver by then, as it
    does once the pane is in sight. A cold pane is closed again.
    """
    if not cold:
        pane.show()
        _until(lambda: pane.session.about is not None)
    began = time.perf_counter()
    pane.show_3d()
    pane.show()
    _until(lambda: bool(seen.came))
    first = seen.came[0][0] - began
    if cold:
        pane.close()
        return first, 0.0
    _until(lambda: seen.is_full)
    return first, seen.came[-1][0] - began


def _turns(pane: VolumeView, seen: Seen, setting: Setting) -> list[Figure]:
    """Milliseconds from picture to picture under a hand that turns, and the seconds to a full one
    once it lets go."""
    gaps: list[float] = []
    rests: list[float] = []
    widths: set[int] = set()
    for _ in range(setting.pairs(4)):
        seen.came.clear()
        end = time.perf_counter() + (0.5 if setting.tiny else TURN_S)
        _hand(pane, end)
        let_go = time.perf_counter()
        moments = [moment for moment, _ in seen.came]
        gaps += [1000 * (b - a) for a, b in itertools.pairwise(moments)] or [1000 * TURN_S]
        widths |= {came.told.width for _, came in seen.came}
        _until(lambda: seen.is_full)
        rests.append(seen.came[-1][0] - let_go)
    note = f"p95 {percentile(gaps, 0.95):.0f} ms, {'/'.join(map(str, sorted(widths)))} px wide"
    turning, rest = statistics.median(gaps), statistics.median(rests)
    return [
        _figure("a picture while turning", turning, "ms", PICTURE_LIMIT_MS, len(gaps), note),
        _figure("rest to the full picture", rest, "s", REST_LIMIT_S, len(rests), ""),
    ]


def _hand(pane: VolumeView, end: float) -> None:
    """Turns the picture as a mouse does, until that moment."""
    from PySide6.QtTest import QTest

    while time.perf_counter() < end:
        pane.canvas.move_to(pane.canvas.camera.turned(4, 0))
        QTest.qWait(PACE_MS)


def _scrolls(pane: VolumeView, scan: Any, lungs: Any, setting: Setting) -> Figure:
    """The p95 of a scrolled cut while 3-D turns by itself, beside the same with 3-D still."""
    from viewer.views.panes import Panes

    shown = Panes()
    shown.resize(PANE_PX, PANE_PX)
    shown.maximise("axial")
    shown.show()
    shown.set_scan(scan)
    shown.set_labels(lungs)
    still: list[float] = []
    turning: list[float] = []
    for number in range(2 if setting.tiny else 12):
        turns = number % 2 == 1
        pane.spin.set_on(turns)
        _settle(0.3)
        _scroll(shown, turning if turns else still)
    pane.spin.set_on(False)
    shown.close()
    ours, theirs = percentile(turning, 0.95), percentile(still, 0.95)
    return Figure(
        "volume", "scroll of a cut while 3-D turns, p95", ours, "ms", "3-D still", theirs,
        ours / theirs, SCROLL_LIMIT, runs=len(turning),
        note=f"p50 {statistics.median(turning):.1f} and {statistics.median(still):.1f} ms",
    )  # fmt: skip


def _scroll(shown: Panes, taken: list[float]) -> None:
    """Milliseconds of each step, to its paint; between steps the window does what else came."""
    from PySide6.QtWidgets import QApplication

    view = shown.views["axial"]
    for n in range(BLOCK):
        began = time.perf_counter()
        shown.scroll(1 if n < BLOCK // 2 else -1)
        view.repaint()
        taken.append(1000 * (time.perf_counter() - began))
        QApplication.processEvents()


def _figure(what: str, value: float, unit: str, limit: float, runs: int, note: str) -> Figure:
    return Figure("volume", what, value, unit, limit=limit, limits_value=True, runs=runs, note=note)


def _until(there: Callable[[], bool]) -> None:
    from PySide6.QtTest import QTest

    end = time.perf_counter() + LONGEST_S
    while not there():
        QTest.qWait(2)
        if time.perf_counter() > end:
            raise RuntimeError("the 3-D pane did not answer")


def _settle(seconds: float) -> None:
    from PySide6.QtTest import QTest

    QTest.qWait(round(1000 * seconds))
