"""Row of the loop: a verdict's key to its row on the disk, and the jump to the next finding."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_measure import Figure, percentile
from bench_scans import Setting, phantom, phantom_series

FINDINGS = 60
VERDICT_LIMIT_MS, JUMP_LIMIT_MS, DURABLE_LIMIT_MS = 50.0, 100.0, 1000.0


def verdict(setting: Setting) -> list[Figure]:
    """p50 and p95 of the store's append, of the key A in the real window, and of the key N."""
    with tempfile.TemporaryDirectory(prefix="hilum-bench-home-", dir=setting.work) as home:
        os.environ.update(HILUM_HOME=home, QT_QPA_PLATFORM="offscreen", QT_SCALE_FACTOR="1")
        figures = _appends(setting, Path(home))
        return figures + _keys(setting)


def _appends(setting: Setting, home: Path) -> list[Figure]:
    from viewer.reading.events import Answer, Begun, VerdictGiven
    from viewer.reading.store import Store

    store = Store(home / "bench.sqlite")
    store.append("bench", Begun("study", "series", "reader"))
    ours, theirs = [], []
    probe = (home / "probe").open("wb", buffering=0)
    for n in range(setting.pairs(100)):
        began = time.perf_counter()
        store.append("bench", VerdictGiven(f"finding-{n}", Answer.ACCEPT, seconds=1.0))
        ours.append(1000 * (time.perf_counter() - began))
        theirs.append(1000 * _synced(probe))
    probe.close()
    store.close()
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    return [
        Figure(
            "verdict", f"store.append, {name}", percentile(ours, share), "ms",
            "4 KiB written and fsynced (medians)", statistics.median(theirs), ratio,
            DURABLE_LIMIT_MS, limits_value=True, runs=len(ours),
        )
        for name, share in (("p50", 0.5), ("p95", 0.95))
    ]  # fmt: skip


def _synced(file: Any) -> float:
    began = time.perf_counter()
    file.seek(0)
    file.write(b"\0" * 4096)
    os.fsync(file.fileno())
    return time.perf_counter() - began


def _keys(setting: Setting) -> list[Figure]:
    """The keys A and N in the window, on a whole scan with lungs and findings."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from viewer.app import compose

    program = compose(mode="concurrent")
    desk, window = program.desk, program.window
    window.show()
    try:
        _open(desk, phantom_series(setting))
        _read(desk, setting)
        times = {"A": [], "disk": [], "N": []}
        busy = {"A": [], "disk": [], "N": []}
        for n in range(FINDINGS - 1):
            key = "N" if n % 2 else "A"
            QApplication.processEvents()
            began, worked = time.perf_counter(), time.thread_time()
            QTest.keyClick(window, Qt.Key.Key_N if n % 2 else Qt.Key.Key_A)
            if key == "A":
                times["disk"].append(1000 * (time.perf_counter() - began))
                busy["disk"].append(1000 * (time.thread_time() - worked))
            QApplication.processEvents()
            times[key].append(1000 * (time.perf_counter() - began))
            busy[key].append(1000 * (time.thread_time() - worked))
        answered = sum(state == "accepted" for state in desk.reading.states.values())
        if answered != len(times["A"]):
            raise RuntimeError(f"{len(times['A'])} keys gave {answered} verdicts")
    finally:
        window.close()
        program.close()
    rows = (
        ("key A to its row on the disk", "disk", DURABLE_LIMIT_MS),
        ("key A to the next finding on screen", "A", VERDICT_LIMIT_MS),
        ("key N to the next finding on screen", "N", JUMP_LIMIT_MS),
    )
    return [
        Figure(
            "verdict", f"{what}, p95", percentile(times[name], 0.95), "ms", limit=limit,
            limits_value=True, runs=len(times[name]),
            note=f"p50 {statistics.median(times[name]):.1f} ms; "
            f"p95 of the thread's CPU {percentile(busy[name], 0.95):.1f} ms",
        )
        for what, name, limit in rows
    ]  # fmt: skip


def _open(desk: Any, folder: Path) -> None:
    """Opens a study and waits for its last slice."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    desk.scan_completed.connect(lambda scan: loop.quit())
    QTimer.singleShot(60_000, loop.quit)
    desk.open(folder)
    loop.exec()
    if desk.scan is None or not desk.scan.complete:
        raise RuntimeError("the study did not open")


def _read(desk: Any, setting: Setting) -> None:
    """The phantom's true lungs, and as many findings as the AI would ever propose."""
    from viewer.reading.events import FindingsProposed, Proposal, SegmentsAdded

    lungs = phantom(setting).lungs
    desk.record(SegmentsAdded(lungs, ()))
    findings = tuple(_finding(n, desk.scan.volume) for n in range(FINDINGS))
    proposals = tuple(
        Proposal(f.id, True, rank, 1.0, desk.agent.policy.id, 7) for rank, f in enumerate(findings)
    )
    desk.record(FindingsProposed(findings, proposals))
    desk.make_first_current()


def _finding(n: int, volume: Any) -> Any:
    """A small ball somewhere in the scan, with the figures and features of a candidate."""
    import numpy as np

    from ai.scan.finding import SOLID, BoxMask, Finding, Measurement
    from ai.scan.labelmap import MadeBy

    shape = np.array(volume.hu.shape)
    place = (0.2 + 0.6 * np.random.default_rng(n).random(3)) * (shape - 1)
    x, y, z = (float(v) for v in volume.geometry.lps_of(place))
    start = tuple(int(v) for v in np.minimum(place, shape - 6))
    figures = Measurement(7.0, 5.0, 6.0, 113.0, -20.0, -100.0, 40.0, SOLID)
    features = (("vesselness", 0.4), ("pleura_mm", 6.0), ("height", 0.5))
    return Finding(
        f"bench{n:07d}", "nodule", (x, y, z), int(place[0]), "RUZ", 0.4, figures,
        MadeBy("nodules-log", "1"), features, BoxMask(start, np.ones((5, 5, 5), np.bool_)),
    )  # fmt: skip
