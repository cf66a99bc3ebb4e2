"""Row of editing: how long a hand waits for the stroke that it paints, and for its undoing."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench_measure import Figure, percentile
from bench_scans import Setting, plain_series
from bench_verdict import _finding, _open
from probe_hand import STROKES, brush_stroke

MOVE_LIMIT_MS, UNDO_LIMIT_MS, STALL_LIMIT_MS = 33.0, 100.0, 100.0
FINDINGS = 20


def editing(setting: Setting) -> list[Figure]:
    """p95 in the real window on 400 x 512 x 512: each move of a stroke, its end, undo, redo, E."""
    with tempfile.TemporaryDirectory(prefix="hilum-bench-home-", dir=setting.work) as home:
        os.environ.update(HILUM_HOME=home, QT_QPA_PLATFORM="offscreen", QT_SCALE_FACTOR="1")
        from viewer.app import compose

        program = compose(mode="concurrent")
        window = program.window
        window.resize(1440, 900)
        window.show()
        try:
            _open(program.desk, plain_series(setting))
            _read(program.desk)
            figures = _of("finding, 6 mm", program, setting, _edit_finding)
            figures += _of("lung, 20 mm", program, setting, _edit_lung)
            return figures
        finally:
            window.close()
            program.close()


def _read(desk: Any) -> None:
    """Two lungs that fill the chest, and findings in the list."""
    import numpy as np

    from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
    from viewer.reading.events import FindingsProposed, Proposal, SegmentsAdded

    geometry = desk.scan.volume.geometry
    labels = np.zeros(geometry.shape_kji, np.uint8)
    slices, rows, columns = geometry.shape_kji
    k = np.linspace(-1, 1, slices)[:, None, None]
    j = np.linspace(-1, 1, rows)[None, :, None]
    for number, middle in ((1, -0.4), (2, 0.4)):
        i = (np.linspace(-1, 1, columns) - middle)[None, None, :]
        labels[(k / 0.8) ** 2 + (j / 0.6) ** 2 + (i / 0.32) ** 2 < 1] = number
    desk.record(SegmentsAdded(LabelMap(geometry, labels, LUNGS, MadeBy("bench", "1")), ()))
    findings = tuple(_finding(n, desk.scan.volume) for n in range(FINDINGS))
    proposals = tuple(
        Proposal(f.id, True, rank, 1.0, desk.agent.policy.id, 7) for rank, f in enumerate(findings)
    )
    desk.record(FindingsProposed(findings, proposals))
    desk.make_first_current()


def _edit_finding(window: Any) -> None:
    window.side.open(0)
    window.editing.toggle()


def _edit_lung(window: Any) -> None:
    window.side.open(1)
    window.editing.toggle()


def _of(what: str, program: Any, setting: Setting, begin: Callable[[Any], None]) -> list[Figure]:
    """The figures of one kind of mask."""
    window, desk = program.window, program.desk
    opened = _timed(lambda: begin(window))
    if desk.editing.field is None:
        raise RuntimeError("nothing is edited")
    strokes = 3 if setting.tiny else STROKES
    moves, ends = [], []
    for n in range(strokes):
        told = _stroke(window, n)
        moves += told[:-1]
        ends.append(told[-1])
    if desk.editing.strokes != strokes:
        raise RuntimeError(f"{strokes} strokes gave {desk.editing.strokes} steps")
    undone = [_timed(desk.undo) for _ in range(strokes)]
    redone = [_timed(desk.redo) for _ in range(strokes)]
    window.finish()
    return [
        _figure(f"{what}: a move of the brush, picture included", moves, MOVE_LIMIT_MS),
        _figure(f"{what}: end of the stroke, on the disk and everywhere", ends, STALL_LIMIT_MS),
        _figure(f"{what}: undo of one stroke", undone, UNDO_LIMIT_MS),
        _figure(f"{what}: redo of one stroke", redone, UNDO_LIMIT_MS),
        _figure(f"{what}: E opens it", [opened], None),
    ]


def _figure(what: str, took: list[Took], limit: float | None) -> Figure:
    times_ms, busy_ms = [one.wall for one in took], [one.busy for one in took]
    return Figure(
        "editing", f"{what}, p95", percentile(times_ms, 0.95), "ms",
        limit=limit if limit is not None else 2 * STALL_LIMIT_MS, limits_value=True,
        runs=len(times_ms),
        note=f"p50 {statistics.median(times_ms):.1f} ms; "
        f"p95 of the thread's CPU {percentile(busy_ms, 0.95):.1f} ms",
    )  # fmt: skip


def _stroke(window: Any, number: int) -> list[Took]:
    """One stroke around the middle of the axial pane: each move, the end last."""
    near, press, *moves = brush_stroke(window.panes.views["axial"], number)
    near()
    press()
    _settle()
    return [_timed(move) for move in moves]


@dataclass(frozen=True)
class Took:
    """How long something took, and how much of it this thread computed; ms."""

    wall: float
    busy: float


def _timed(work: Callable[[], object]) -> Took:
    """Until the work is done and every pane and panel has painted."""
    began, worked = time.perf_counter(), time.thread_time()
    work()
    _settle()
    return Took(1000 * (time.perf_counter() - began), 1000 * (time.thread_time() - worked))


def _settle() -> None:
    from PySide6.QtWidgets import QApplication

    QApplication.processEvents()
