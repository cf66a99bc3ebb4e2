"""Row of the memory: what all processes of Hilum hold once a scan is open, against its voxels."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from bench_measure import Figure
from bench_probe import OFFSCREEN, Watched, window
from bench_scans import Setting, jpeg_ls_series, phantom_series, plain_series, real_scan

LIMIT = 2.0
CHILDREN = 4
"""Two I/O lanes, the AI worker, its spare."""
SETTLE_MS = 1500


def memory(setting: Setting) -> list[Figure]:
    """Growth by a scan over the idle window, every child started and its libraries loaded."""
    lidc = None if setting.tiny else real_scan("LIDC-IDRI-0001")
    folders = [("400 plain slices", plain_series(setting))]
    folders += [(f"{lidc.name}, JPEG-LS", lidc)] if lidc is not None else []
    return [figure for name, folder in folders for figure in _of_scan(name, folder, setting)]


def _of_scan(name: str, folder: Path, setting: Setting) -> list[Figure]:
    lives = [_life(folder, setting) for _ in range(setting.pairs(3))]
    raw_mb = lives[0][2]
    growths = [max(0.0, loaded["pss_mb"] - idle["pss_mb"]) for idle, loaded, _ in lives]
    withs = [g + loaded["blocks_mb"] for g, (_, loaded, _) in zip(growths, lives, strict=True)]
    idle, loaded, _ = lives[0]
    each = " + ".join(f"{b - a:.0f}" for a, b in zip(idle["each"], loaded["each"], strict=True))
    return [
        Figure(
            "memory", f"{name}: growth of all processes (PSS)", statistics.median(growths), "MB",
            "raw voxels", raw_mb, statistics.median(growths) / raw_mb, LIMIT, runs=len(lives),
            note=f"idle {idle['pss_mb']:.0f} MB in {len(idle['each'])} processes; {each}",
        ),
        Figure(
            "memory", f"{name}: with what no process has mapped", statistics.median(withs), "MB",
            "raw voxels", raw_mb, statistics.median(withs) / raw_mb, LIMIT, runs=len(lives),
        ),
    ]  # fmt: skip


def _life(folder: Path, setting: Setting) -> tuple[dict[str, Any], dict[str, Any], float]:
    """What was held idle, what with the scan, and the scan's raw voxels in MB."""
    tiny = Setting(setting.work, tiny=True)
    # small ones first: the libraries that come with the first picture are no voxels
    steps: list[list[Any]] = [["ready"]]
    steps += [["open", str(jpeg_ls_series(tiny))], ["open", str(phantom_series(tiny))]]
    children = 2 if setting.tiny else CHILDREN
    if not setting.tiny:  # a first job for each child; the spare comes after one
        steps += [["lungs"], ["export"]]
    steps += [["quiet", children], ["memory", "idle"], ["open", str(folder)]]
    steps += [["rest", SETTLE_MS], ["quiet", children], ["memory", "loaded"]]
    life = window(OFFSCREEN, then=steps)
    _must_be_whole(life)
    idle, loaded = (m for m in life.moments if m["moment"] == "memory")
    whole = [m for m in life.moments if m["moment"] == "whole"][-1]
    return idle, loaded, float(whole["raw_mb"])


def _must_be_whole(life: Watched) -> None:
    failed = [m["sentence"] for m in life.moments if m["moment"] == "failed"]
    if failed:
        raise RuntimeError(failed[0])
