"""Row of the cuts: how long a hand waits for slabs, for planes that turn, for two linked series."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from bench_measure import Figure
from bench_panes import ALL_LIMIT_MS, FRAME_LIMIT_MS, SIDE_PX, _Base, _every_pane, _p95, _panes
from bench_scans import Setting

if TYPE_CHECKING:
    from viewer.views.panes import Panes

TURN_LIMIT_MS = 33.0
THICK_MM = (8.0, 50.0)


def cuts(setting: Setting) -> list[Figure]:
    """p95 of a picture at 600 x 600, lungs outlined and filled: slabs, turning, four panes."""
    import os

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_SCALE_FACTOR"] = "1"
    from PySide6.QtWidgets import QApplication

    from viewer import theme
    from viewer.views.slab import NO_SLAB

    app = QApplication.instance() or QApplication([])
    theme.apply_theme(app)
    shown = _panes(setting)
    base, times = _Base(shown), 12 if setting.tiny else 120
    figures = [*_slabs(shown, base, times)]
    shown.set_slab(NO_SLAB)
    figures += _turned(shown, base, times)
    shown.straighten()
    figures.append(_compare(shown, base, times))
    shown.close()
    return [replace(figure, row="cuts") for figure in figures]


def _slabs(shown: Panes, base: _Base, times: int) -> list[Figure]:
    """Scrolling through a slab along the voxels, each plane alone."""
    from viewer.views.slab import AVERAGE, MIP, Slab

    figures = []
    for plane in ("axial", "coronal", "sagittal"):
        shown.maximise(plane)
        for mode, mm in ((MIP, THICK_MM[0]), (AVERAGE, THICK_MM[0]), (MIP, THICK_MM[1])):
            shown.set_slab(Slab(mode, mm))
            limit = FRAME_LIMIT_MS if mm == THICK_MM[0] else TURN_LIMIT_MS
            step = _scroll(shown, plane)
            figures.append(_p95(f"{plane}: wheel, {mode} {mm:g} mm", step, base, times, limit))
    shown.maximise("")
    return figures


def _turned(shown: Panes, base: _Base, times: int) -> list[Figure]:
    """An arm that goes round, all three panes in sight; then scrolling turned cuts and slabs."""
    from viewer.views.slab import MIP, Slab

    shown.resize(2 * SIDE_PX, 2 * SIDE_PX)
    figures = [_p95("three panes: arm drag", _turn(shown), base, times, TURN_LIMIT_MS)]
    shown.resize(SIDE_PX, SIDE_PX)
    shown.set_planes(shown.state.planes.turned("axial", 0.4).turned("sagittal", 0.3))
    for plane in ("axial", "coronal"):
        shown.maximise(plane)
        what = f"{plane}, oblique: wheel"
        figures.append(_p95(what, _scroll(shown, plane), base, times, TURN_LIMIT_MS))
    shown.set_slab(Slab(MIP, THICK_MM[0]))
    what = f"coronal, oblique: wheel, mip {THICK_MM[0]:g} mm (coarse while it moves)"
    figures.append(_p95(what, _scroll(shown, "coronal"), base, times, TURN_LIMIT_MS))
    shown.set_slab(Slab())
    shown.maximise("")
    return figures


def _compare(shown: Panes, base: _Base, times: int) -> Figure:
    """A crosshair dragged through one of two linked series, four panes in sight."""
    import numpy as np

    from viewer.views.layouts import COMPARE
    from viewer.views.second import SecondScan

    assert shown.volume is not None
    shown.resize(2 * SIDE_PX, 2 * SIDE_PX)
    shown.set_layout(COMPARE)
    shown.set_second(SecondScan(shown.volume, to_first=np.eye(4)))
    return _p95("four panes: crosshair drag", _every_pane(shown), base, times, ALL_LIMIT_MS)


def _scroll(shown: Panes, plane: str) -> Callable[[int], None]:
    """Image by image, to and fro about the middle."""

    def step(n: int) -> None:
        shown.scroll(1 if n % 40 < 20 else -1, plane)

    return step


def _turn(shown: Panes) -> Callable[[int], None]:
    """The two other planes go round the axial pane's crosshair."""
    axial = shown.views["axial"]
    began = shown.state.planes

    def step(n: int) -> None:
        axial.planes_turned.emit(began.turned("axial", math.radians(3 + 1.5 * (n % 50))))

    return step
