"""Row of the GPU: lungs of 300 slices end to end where there is one, step by step."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench_measure import Figure
from bench_scans import Setting

if TYPE_CHECKING:
    import torch

LIMIT_S, MOST_OTHER = 1.0, 100.0
"""A Dice of 0.9999 lets a hundred voxels of a million be another's."""
NAMES = {
    "Checking the scan": "gate",
    "Waking the network": "waking",
    "Turning the scan upright": "upright",
    "Finding the body": "body",
    "Asking the network": "asking",
    "Following the airway": "airway",
    "Closing over vessels and nodules": "closing",
    "Drawing the border": "border",
    "Turning the labels back": "back",
    "Measuring": "measuring",
    "Done": "doubts",
}
"""What is said before each step, and what the step is called here."""


def gpu(setting: Setting) -> list[Figure]:
    """Seconds and their steps, and how many voxels come out otherwise than on the CPU."""
    from ai.models.device import choose_device, is_gpu

    device = choose_device()
    if not is_gpu(device):
        print("gpu       no GPU here: nothing was measured", flush=True)
        return []
    return on(device, setting)


def on(device: torch.device, setting: Setting) -> list[Figure]:
    """The row's figures on that device, beside the CPU's labels of the same run."""
    import torch

    from ai.models.device import named
    from ai.phantom.chest import chest

    volume = chest("small" if setting.tiny else "full").volume
    what = f"phantom {' x '.join(map(str, volume.hu.shape))}"
    times = setting.pairs(5)
    _lungs(volume, device, Steps(device))  # libraries are loaded, kernels chosen, all is warm
    runs = []
    for _ in range(times):
        steps = Steps(device)
        runs.append((_lungs(volume, device, steps), steps))
    (first, made_by), _ = runs[0]
    cpu = torch.device("cpu")
    theirs = _lungs(volume, cpu, Steps(cpu))[0]
    other = sum(not (labels == first).all() for (labels, _), _ in runs)
    per_million = 1e6 * float((first != theirs).sum()) / max(1, int((theirs > 0).sum()))
    middle = statistics.median(steps.whole_s for _, steps in runs)
    worst = max(steps.whole_s for _, steps in runs)
    remark = f"; {made_by.remark}" if made_by.remark else ""
    return [
        Figure(
            "gpu", f"lungs by the network, {what}", middle, "s", limit=LIMIT_S,
            limits_value=True, runs=times,
            note=f"{named(device)}; {_told([steps for _, steps in runs])}; worst {worst:.2f} s"
            f"{_memory(device)}{remark}",
        ),
        Figure(
            "gpu", "labels that are not the CPU's, of a million", per_million, "voxels",
            limit=MOST_OTHER, limits_value=True,
        ),
        Figure(
            "gpu", "runs whose labels are not the first one's", other, "runs", limit=0.0,
            limits_value=True, runs=times,
        ),
    ]  # fmt: skip


class Steps:
    """Seconds by step: told before each, it waits until the device has done what it was given."""

    def __init__(self, device: torch.device) -> None:
        import torch

        waits = {"cuda": torch.cuda.synchronize, "mps": torch.mps.synchronize}
        self._wait: Callable[[], object] = waits.get(device.type, lambda: None)
        self.seconds = dict.fromkeys(NAMES.values(), 0.0)
        self._step, self._began = "", time.perf_counter()

    def __call__(self, fraction: float, step: str) -> None:
        self._wait()
        now = time.perf_counter()
        if self._step:
            self.seconds[self._step] += now - self._began
        # The ladder's own words, where memory is short, are part of asking.
        self._step, self._began = NAMES.get(step, "asking"), now

    @property
    def whole_s(self) -> float:
        return sum(self.seconds.values())


def _lungs(volume: Any, device: torch.device, steps: Steps) -> tuple[Any, Any]:
    """Labels, and what made them."""
    from ai.lungs import network
    from ai.lungs.segment import segment_lungs
    from ai.models.card import load_card

    usual, network.choose_device = network.choose_device, lambda: device
    try:
        found = segment_lungs(volume, card=load_card("lungs-unet"), on_progress=steps)
    finally:
        network.choose_device = usual
    steps(1.0, "Done")
    return found.label_map.labels, found.label_map.made_by


def _told(runs: list[Steps]) -> str:
    """The median of each step, in milliseconds."""
    middle = {
        name: statistics.median(steps.seconds[name] for steps in runs) for name in runs[0].seconds
    }
    return "ms: " + ", ".join(f"{name} {1000 * s:.0f}" for name, s in middle.items())


def _memory(device: torch.device) -> str:
    import torch

    if device.type != "cuda":
        return ""
    return f"; at most {torch.cuda.max_memory_allocated(device) / 1e6:.0f} MB of the card"
