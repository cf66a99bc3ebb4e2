"""Row of the network: lungs of 300 slices end to end, beside the rules and a usual U-Net."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench_measure import Figure, percentile
from bench_probe import OFFSCREEN, Watched, window
from bench_scans import Setting

NETWORK_LIMIT_S, RULES_LIMIT_S, CLICK_LIMIT_S = 8.0, 20.0, 12.0
GROWTH_LIMIT_MB = 2000.0
TIMES_FASTER = 15
WIDTH, DEPTH, SIDE = 64, 5, 256
"""Of the U-Net R231 as published: doi 10.1186/s41747-020-00173-2; random weights take as long."""
SLICES, TINY_SIDE = 6, 32
REST_MS = 1500
"""After the answer the lungs are packed for the log, then shown."""


def network(setting: Setting) -> list[Figure]:
    """Seconds, memory, and how long a reader waits for a first mask in a window just started."""
    volume = _volume(setting)
    times = setting.pairs(3)
    from ai.lungs.segment import segment_lungs
    from ai.models.card import load_card

    net, rules = load_card("lungs-unet"), load_card("lungs-classical")
    made_by = segment_lungs(volume, card=net).label_map.made_by  # libraries are loaded, it is warm
    by_net, by_rules, by_slice = [], [], []
    for number in range(times):
        turns: list[tuple[list[Any], Callable[[], object]]] = [
            (by_net, lambda: segment_lungs(volume, card=net)),
            (by_rules, lambda: segment_lungs(volume, card=rules)),
        ]
        for kept, work in turns if number % 2 == 0 else turns[::-1]:
            kept.append(_spent(work))
        by_slice.append(_of_usual_size(setting, volume.hu.shape[0]))
    what = f"phantom {' x '.join(map(str, volume.hu.shape))}"
    ours, theirs = _middle(by_net), _middle(by_slice)
    ratio = statistics.median(a[0] / b[0] for a, b in zip(by_net, by_slice, strict=True))
    sampled = 1 if setting.tiny else SLICES
    figures = [
        Figure(
            "network", f"lungs by the network, {what}", ours[0], "s", limit=NETWORK_LIMIT_S,
            limits_value=True, runs=times, note=f"{ours[1]:.1f} CPU s; {made_by.how}",
        ),
        Figure(
            "network", f"lungs by the rules, {what}", _middle(by_rules)[0], "s",
            limit=RULES_LIMIT_S, limits_value=True, runs=times,
            note=f"{_middle(by_rules)[1]:.1f} CPU s",
        ),
        Figure(
            "network", "lungs by the network, beside a U-Net by slices", ours[0], "s",
            f"2-D U-Net of {_millions():.1f} M weights in torch", theirs[0], ratio,
            1 / TIMES_FASTER, runs=times,
            note=f"its {volume.hu.shape[0]} slices scaled from {sampled}; {theirs[1]:.0f} CPU s",
        ),
    ]  # fmt: skip
    growth = _growth_mb(setting, volume)
    if growth is not None:
        figures.append(
            Figure("network", f"peak memory over the loaded program, {what}", growth, "MB",
                   limit=GROWTH_LIMIT_MB, limits_value=True)
        )  # fmt: skip
    return [*figures, _first_mask(setting)]


def _volume(setting: Setting) -> Any:
    from ai.phantom.chest import chest

    return chest("small" if setting.tiny else "full").volume


def _spent(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _middle(runs: list[tuple[float, float]]) -> tuple[float, float]:
    return percentile([wall for wall, _ in runs], 0.5), percentile([cpu for _, cpu in runs], 0.5)


def _of_usual_size(setting: Setting, slices: int) -> tuple[float, float]:
    """Wall and CPU seconds that a U-Net of R231's size would take for so many slices.

    A few are asked about, one by one, and the seconds scaled: all of them would take minutes.
    """
    import torch

    made = _usual_unet().eval()
    side, sampled = (TINY_SIDE, 1) if setting.tiny else (SIDE, SLICES)
    picture = torch.zeros(1, 1, side, side)
    with torch.inference_mode():
        made(picture)
        wall, cpu = _spent(lambda: [made(picture) for _ in range(sampled)])
    return wall * slices / sampled, cpu * slices / sampled


def _millions() -> float:
    return sum(one.numel() for one in _usual_unet().parameters()) / 1e6


def _usual_unet() -> Any:
    """A 2-D U-Net of five levels from 64 channels on, with batch norm, padded, three labels."""
    import torch
    from torch import Tensor, nn

    def pair(into: int, out: int) -> nn.Sequential:
        layers: list[nn.Module] = []
        for channels in (into, out):
            layers += [nn.Conv2d(channels, out, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(out)]
        return nn.Sequential(*layers)

    class Usual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            wide = [WIDTH * 2**level for level in range(DEPTH)]
            self.down = nn.ModuleList(pair(a, b) for a, b in zip([1, *wide], wide, strict=False))
            self.up = nn.ModuleList(
                nn.ConvTranspose2d(b, a, 2, stride=2)
                for a, b in zip(wide[-2::-1], wide[:0:-1], strict=True)
            )
            self.join = nn.ModuleList(pair(2 * a, a) for a in wide[-2::-1])
            self.head = nn.Conv2d(WIDTH, 3, 1)

        def forward(self, image: Tensor) -> Tensor:
            kept = []
            for level, block in enumerate(self.down):
                image = block(image if level == 0 else nn.functional.max_pool2d(image, 2))
                kept.append(image)
            kept.pop()
            for up, join in zip(self.up, self.join, strict=True):
                image = join(torch.cat((up(image), kept.pop()), dim=1))
            return self.head(image).argmax(1)

    return Usual()


def _growth_mb(setting: Setting, volume: Any) -> float | None:
    """Peak of a process that asks the network, over what it held before; None if nobody tells."""
    import numpy as np

    path = setting.work / "growth.npy"
    np.save(path, volume.hu)
    sides = ",".join(map(str, volume.geometry.spacing_kji_mm))
    command = [sys.executable, str(Path(__file__).with_name("probe_growth.py")), str(path), sides]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    path.unlink()
    return float(done.stdout) if done.stdout.strip() else None


def _first_mask(setting: Setting) -> Figure:
    """From the click in a window just started, its AI process still loading, to lungs on screen."""
    from viewer.dicom.demo import write_demo

    size = "small" if setting.tiny else "full"
    folder = write_demo(setting.work / f"demo-{size}", size)
    lives = [
        window(OFFSCREEN, study=str(folder), then=[["lungs"], ["rest", REST_MS]])
        for _ in range(setting.pairs(3))
    ]
    waits = [_wait_s(life) for life in lives]
    since = statistics.median(life.at("asked") for life in lives)
    return Figure(
        "network", "click to the first mask, window just started, default model",
        statistics.median(waits), "s", limit=CLICK_LIMIT_S, limits_value=True, runs=len(waits),
        note=f"worst {max(waits):.1f} s; clicked {since:.1f} s after the process's start",
    )  # fmt: skip


def _wait_s(life: Watched) -> float:
    failed = [m["sentence"] for m in life.moments if m["moment"] == "failed"]
    if failed:
        raise RuntimeError(failed[0])
    return life.at("mask") - life.at("asked")
