"""Row of the AI: lungs and nodules of real scans and of the phantom, in wall and CPU seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench_measure import Figure
from bench_scans import REAL, Setting, phantom, real_scan


def ai(setting: Setting) -> list[Figure]:
    """Seconds a scan for lungs and for nodules; beside each, one Gaussian of the same scan."""
    if not setting.tiny:
        _of_scan("", phantom(Setting(setting.work, tiny=True)).volume, 1)  # libraries are loaded
    figures = []
    for name, volume in _volumes(setting):
        figures += _of_scan(name, volume, setting.pairs(1))
    return figures


def _volumes(setting: Setting) -> list[tuple[str, Any]]:
    from viewer.dicom.find import open_path
    from viewer.dicom.pixels import read_volume

    made = phantom(setting)
    volumes = [(f"phantom {'x'.join(map(str, made.volume.hu.shape))}", made.volume)]
    for name in () if setting.tiny else REAL:
        folder = real_scan(name)
        if folder is not None:
            series = open_path(folder).series[0]
            volumes.append((f"{name}, {len(series.slices)} slices", read_volume(series)))
    return volumes


def _of_scan(name: str, volume: Any, times: int) -> list[Figure]:
    from scipy.ndimage import gaussian_filter

    from ai.lungs.segment import segment_lungs
    from ai.models.card import load_card
    from ai.nodules.detect import find_nodules

    lungs_card, nodules_card = load_card("lungs-classical"), load_card("nodules-log")
    kept: dict[str, Any] = {}

    def lungs() -> None:
        kept["lungs"] = segment_lungs(volume, card=lungs_card).label_map

    def nodules() -> None:
        kept["nodules"] = find_nodules(volume, kept["lungs"], card=nodules_card)

    def base() -> None:
        gaussian_filter(volume.hu, 1.5)

    figures = []
    for what, work in (("lungs", lungs), ("nodules", nodules)):
        before = _spent(base)
        runs = [_spent(work) for _ in range(times)]
        after = _spent(base)
        wall, cpu = sorted(runs)[len(runs) // 2]
        peer = (before[0] + after[0]) / 2
        figures.append(
            Figure(
                "ai", f"{what}, {name}", wall, "s", "scipy Gaussian of the scan", peer,
                wall / peer, runs=times, note=f"{cpu:.1f} CPU s",
            )
        )  # fmt: skip
    return figures


def _spent(work: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU seconds of one run."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu
