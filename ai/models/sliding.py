"""A network asked about a whole grid: at once where it fits, else window by window.

When memory runs out the windows are halved, then the CPU takes over, then every second voxel is
asked about: the CPU costs only time, a coarser grid costs some of the answer. Each step is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ai.errors import OutOfMemory
from ai.models.device import is_out_of_memory
from ai.progress import OnProgress, ignore
from ai.scan.labelmap import Labels

LEAST_WINDOW = 64
OVERLAP = 0.25
CPU = torch.device("cpu")

Shape = tuple[int, int, int]


class NoAnswer(ArithmeticError):
    """The network returned something that is no number."""


@dataclass(frozen=True, eq=False)
class Answer:
    """labels: uint8, 0 where nothing is likelier than something. chance: float32, of something.

    device: what answered. remark: the step taken when memory ran out, empty where none was.
    """

    labels: Labels
    chance: NDArray[np.float32]
    device: torch.device = CPU
    remark: str = ""


@dataclass(frozen=True)
class _Rung:
    """One rung of the ladder that is climbed down when memory runs out."""

    window: Shape
    device: torch.device
    step: str
    remark: str = ""
    halved: bool = False


def ask(
    network: nn.Module,
    image: NDArray[np.float32],
    *,
    multiple: int,
    window: Shape,
    device: torch.device,
    fill: float = 0.0,
    on_progress: OnProgress = ignore,
) -> Answer:
    """The most likely label of every voxel, on the image's grid.

    image: (K, J, I), already scaled. multiple: of what a window's sides must be. window: sides
    above which the grid is asked about in pieces. fill: the value beyond the image.
    Raises NoAnswer for logits that are no numbers, OutOfMemory when not even a small window fits,
    and whatever on_progress raises.
    """
    whole = _rounded(image.shape, multiple)
    first = tuple(min(n, m) for n, m in zip(whole, _rounded(window, multiple), strict=True))
    for rung in _ladder((first[0], first[1], first[2]), multiple, device):
        try:
            on_progress(0.0, rung.step)
            found = _answer(network.to(rung.device), image, rung, fill, on_progress)
            return replace(found, device=rung.device, remark=rung.remark)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if rung.device.type == "cuda":
                torch.cuda.empty_cache()
    raise OutOfMemory(
        "There is not enough memory to ask the network about this scan.",
        "Close other programs, or choose Lungs (classical).",
    )


def _ladder(first: Shape, multiple: int, device: torch.device) -> Iterator[_Rung]:
    yield _Rung(first, device, "Asking the network")
    window = first
    for kind in dict.fromkeys((device.type, "cpu")):
        window = first
        if kind != device.type:
            yield _Rung(window, CPU, *_on_cpu(window))
        while max(window) > LEAST_WINDOW:
            window = _halved(window, multiple)
            told = _by_size(window) if kind == device.type else _on_cpu(window)
            yield _Rung(window, torch.device(kind), *told)
    yield _Rung(window, CPU, *_at_half(window), halved=True)


def _by_size(window: Shape) -> tuple[str, str]:
    """What is said while it is done, and what is remarked afterwards."""
    k, j, i = window
    return (
        f"Memory is short: asking by windows of {k} x {j} x {i}.",
        f"Memory was short: asked by windows of {k} x {j} x {i}.",
    )


def _on_cpu(window: Shape) -> tuple[str, str]:
    k, j, i = window
    return (
        f"Memory is short: asking on the CPU by windows of {k} x {j} x {i}.",
        f"Memory was short: asked on the CPU by windows of {k} x {j} x {i}.",
    )


def _at_half(window: Shape) -> tuple[str, str]:
    k, j, i = window
    return (
        f"Memory is short: asking at half resolution by windows of {k} x {j} x {i}.",
        f"Memory was short: asked at half resolution by windows of {k} x {j} x {i}.",
    )


def _rounded(shape: tuple[int, ...], multiple: int) -> Shape:
    k, j, i = (max(2 * multiple, -(-n // multiple) * multiple) for n in shape)
    return k, j, i


def _halved(window: Shape, multiple: int) -> Shape:
    """The window with its longest side halved."""
    sides = list(window)
    axis = int(np.argmax(sides))
    sides[axis] = max(LEAST_WINDOW, -(-sides[axis] // (2 * multiple)) * multiple)
    return sides[0], sides[1], sides[2]


def _answer(
    network: nn.Module,
    image: NDArray[np.float32],
    rung: _Rung,
    fill: float,
    on_progress: OnProgress,
) -> Answer:
    """By windows, on every voxel or on every second one; labels come back on the image's grid."""
    if not rung.halved:
        return _by_windows(network, image, rung, fill, on_progress)
    odd = [(0, n % 2) for n in image.shape]
    even = np.pad(image, odd, constant_values=fill)
    k, j, i = (n // 2 for n in even.shape)
    small = even.reshape(k, 2, j, 2, i, 2).mean(axis=(1, 3, 5), dtype=np.float32)
    found = _by_windows(network, small, rung, fill, on_progress)
    return Answer(_doubled(found.labels, image.shape), _doubled(found.chance, image.shape))


def _doubled(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Each voxel twice along each axis, cut to the shape."""
    for axis in range(3):
        array = array.repeat(2, axis=axis)
    return np.ascontiguousarray(array[tuple(slice(0, n) for n in shape)])


@contextmanager
def _interruptible(network: nn.Module, tick: Callable[[], None]) -> Iterator[None]:
    """tick is called before every convolution, and by a runtime of its own as often as it likes."""
    hooks = [
        layer.register_forward_pre_hook(lambda *_: tick())
        for layer in network.modules()
        if isinstance(layer, nn.Conv3d | nn.ConvTranspose3d)
    ]
    if hasattr(network, "tick"):
        network.tick = tick
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _by_windows(
    network: nn.Module,
    image: NDArray[np.float32],
    rung: _Rung,
    fill: float,
    on_progress: OnProgress,
) -> Answer:
    padded_shape = [max(n, w) for n, w in zip(image.shape, rung.window, strict=True)]
    padded = np.full(padded_shape, fill, dtype=np.float32)
    padded[tuple(slice(0, n) for n in image.shape)] = image
    starts = [_starts(n, w) for n, w in zip(padded_shape, rung.window, strict=True)]
    places = list(product(*starts))
    total: torch.Tensor | None = None
    gathered = _gathered(rung)
    weight = _weight(rung.window).to(gathered)
    with torch.inference_mode():
        for done, place in enumerate(places):
            on_progress(done / len(places), rung.step)
            box = tuple(slice(s, s + w) for s, w in zip(place, rung.window, strict=True))
            patch = torch.from_numpy(padded[box].copy())[None, None].to(rung.device)
            with _interruptible(network, partial(on_progress, done / len(places), rung.step)):
                logits = network(patch)[0].float()
            if not bool(torch.isfinite(logits).all()):
                raise NoAnswer("logits are no numbers")
            chances = logits.softmax(0)
            if len(places) == 1:
                total = chances
                break
            if total is None:
                total = torch.zeros((logits.shape[0], *padded_shape), device=gathered)
            total[(slice(None), *box)] += chances.to(gathered) * weight
        assert total is not None
        total = total / total.sum(0)
        something = 1 - total[0]
        labels = _likeliest(total) * (something > 0.5)
    own = tuple(slice(0, n) for n in image.shape)
    return Answer(
        np.ascontiguousarray(labels.cpu().numpy()[own]),
        np.ascontiguousarray(something.cpu().numpy()[own]),
    )


def _likeliest(chances: torch.Tensor) -> torch.Tensor:
    """The likeliest label above 0, the lower one of equals, uint8: torch's argmax takes ten times
    as long on a CPU."""
    best = chances[1]
    labels = torch.ones_like(best, dtype=torch.uint8)
    for n in range(2, len(chances)):
        labels.masked_fill_(chances[n] > best, n)
        best = torch.maximum(best, chances[n])
    return labels


def _gathered(rung: _Rung) -> torch.device:
    """Where the windows' chances are added up: where memory was short, beside the device."""
    return CPU if rung.remark else rung.device


def _starts(length: int, window: int) -> list[int]:
    """Where windows begin so that they overlap by a quarter and end with the grid."""
    if length <= window:
        return [0]
    count = int(np.ceil((length - window) / (window * (1 - OVERLAP)))) + 1
    return [int(s) for s in np.linspace(0, length - window, count).round()]


def _weight(window: Shape) -> torch.Tensor:
    """A window's middle counts for more than its rim, where it sees less."""
    axes = [1 - (torch.linspace(-1, 1, n).abs() * 0.95) ** 2 for n in window]
    return axes[0][:, None, None] * axes[1][None, :, None] * axes[2][None, None, :]
