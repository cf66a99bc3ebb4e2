"""The same network by OpenVINO where it stands beside torch: same numbers, less time on a CPU.

Torch in float32 is the reference. OpenVINO is asked in float32 too (its own default is bfloat16
where a CPU has it, and would label a few voxels otherwise), and only when on a small made-up chest
it labels as torch does; else, and whenever it fails, torch answers and the provenance says so.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ai.models.device import is_out_of_memory
from ai.models.networks import UNet3d, scaled

log = logging.getLogger(__name__)

CHOICE = "HILUM_RUNTIME"
"""Environment: "torch" keeps to the reference."""
LEAST_DICE = 0.999
POLL_MS = 20
FAILED = "OpenVINO failed, so PyTorch was asked."
OTHERWISE = "OpenVINO labelled a test chest otherwise, so PyTorch was asked."
_EPSILON, _SLOPE = 1e-5, 0.01
"""Of torch's instance norm, and of Block's leaky rectifier."""

Floats = NDArray[np.float32]


def openvino() -> ModuleType | None:
    """The library, with its telemetry off, or None where it is not or is not wanted.

    It would look a host up and write an id into the home folder at the first inference, unless its
    telemetry cannot be imported (seen in OpenVINO 2026; tests/models/test_fast_cpu.py looks again).
    """
    if os.environ.get(CHOICE, "") == "torch":
        return None
    if "openvino" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    try:
        import openvino
        import openvino.opset13
    except (ImportError, OSError) as error:  # OSError: a library of its own does not load
        log.info("OpenVINO is not used: %s", type(error).__name__)
        return None
    return openvino


class OnCpu(nn.Module):
    """A network that OpenVINO answers for on a CPU, and torch everywhere else.

    tick is called while it works and may raise, which stops the work. listen is told the means and
    the spreads of the bottleneck's channels, (2 C,), after each answer. remark: why torch answered
    where OpenVINO was to, empty else.
    """

    def __init__(self, network: UNet3d, hu_range: tuple[int, int]) -> None:
        super().__init__()
        self.network, self.multiple = network, network.multiple
        self.tick: Callable[[], None] = lambda: None
        self.listen: Callable[[Floats], None] = deaf
        network.encoder[-1].register_forward_hook(self._heard)
        self.remark = ""
        self._ask: Any = None
        self._version = ""
        library = openvino()
        if library is not None and not network.neighbours:  # the graph draws blocks only
            self._admit(library, hu_range)

    def runtime(self, device: torch.device) -> str:
        """What answers on that device: library, version, precision."""
        if device.type == "cpu" and self._ask is not None:
            return f"OpenVINO {self._version} f32"
        return f"PyTorch {torch.__version__} f32"

    def forward(self, image: Tensor) -> Tensor:
        """Logits, as UNet3d gives them."""
        if self._ask is None or image.device.type != "cpu":
            return self.network(image)
        try:
            return self._by_openvino(image)
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise
            self._refuse(FAILED, error)
            return self.network(image)

    def _admit(self, library: ModuleType, hu_range: tuple[int, int]) -> None:
        try:
            self._version = str(library.__version__).split("-")[0]
            self._ask = _compiled(library, self.network)
            small = scaled(_small_chest(), hu_range)
            with torch.inference_mode():
                theirs, ours = (ask(small).argmax(1) for ask in (self._by_openvino, self.network))
            if not _agree(theirs, ours):
                self._refuse(OTHERWISE, None)
        except RuntimeError as error:
            self._refuse(FAILED, error)

    def _refuse(self, why: str, error: Exception | None) -> None:
        log.warning("%s", why, exc_info=error)
        self._ask, self.remark = None, why

    def _by_openvino(self, image: Tensor) -> Tensor:
        self._ask.start_async({0: image.contiguous().numpy()})
        try:
            while not self._ask.wait_for(POLL_MS):
                self.tick()
        except BaseException:
            self._ask.cancel()
            while not self._is_over():
                pass
            raise
        self.listen(self._ask.get_output_tensor(1).data.flatten())
        return torch.from_numpy(self._ask.get_output_tensor(0).data.copy())

    def _heard(self, block: nn.Module, given: Any, found: Tensor) -> None:
        """The bottleneck by torch; by OpenVINO it is the graph's second result."""
        if self.listen is not deaf:
            self.listen(_pooled(found.detach()).cpu().numpy())

    def _is_over(self) -> bool:
        try:
            return bool(self._ask.wait_for(POLL_MS))
        except RuntimeError:  # how a cancelled request ends
            return True


def deaf(pooled: Floats) -> None:
    """Nobody listens at the bottleneck."""


def _pooled(bottleneck: Tensor) -> Tensor:
    """Means, then spreads, of the channels of (1, C, K, J, I), or of slices (K, C, 1, J, I)."""
    each = bottleneck.float().transpose(0, 1).flatten(1)
    return torch.cat((each.mean(1), each.std(1, correction=0)))


def _agree(theirs: Tensor, ours: Tensor) -> bool:
    """Whether every label covers the same voxels, Dice 0.999 or more."""
    for label in torch.unique(torch.cat((theirs.flatten(), ours.flatten()))):
        a, b = theirs == label, ours == label
        if 2 * int((a & b).sum()) < LEAST_DICE * int(a.sum() + b.sum()):
            return False
    return True


def _small_chest() -> Tensor:
    """HU (1, 1, 48, 48, 48) of two lungs in a body, with a little texture."""
    z, y, x = np.meshgrid(*(np.linspace(-1, 1, 48),) * 3, indexing="ij")
    hu = np.where(x**2 + y**2 < 0.85, 40.0, -1000.0)
    for side in (-1, 1):
        hu[((x - 0.42 * side) / 0.33) ** 2 + (y / 0.6) ** 2 + (z / 0.8) ** 2 < 1] = -850
    hu += 20 * np.sin(37 * x + 23 * y + 31 * z)
    return torch.from_numpy(hu.astype(np.float32))[None, None]


def _compiled(library: ModuleType, network: UNet3d) -> Any:
    """The network as a request that OpenVINO answers on as many threads as torch has."""
    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "NUM_STREAMS": 1,
    }
    model = library.Core().compile_model(_graph(library, network), "CPU", settings)
    return model.create_infer_request()


def _graph(library: ModuleType, network: UNet3d) -> Any:
    """UNet3d.forward in OpenVINO's own words, so that nothing has to be traced or exported."""
    op = library.opset13
    held = {name: one.detach().cpu().numpy() for name, one in network.state_dict().items()}
    levels = len(network.channels)
    entry = op.parameter([1, 1, -1, -1, -1], np.float32)
    image, kept = entry, []
    for level in range(levels):
        image = _block(op, image, held, f"encoder.{level}", stride=2 if level else 1)
        kept.append(image)
    image = kept.pop()
    pooled = _pooled_graph(op, image)
    for level in reversed(range(levels - 1)):
        wide = op.constant(held[f"widen.{level}.weight"])
        none, one, two = [0] * 3, [1] * 3, [2] * 3
        image = op.convolution_backprop_data(
            image, wide, two, pads_begin=none, pads_end=none, dilations=one
        )
        image = op.add(image, _by_channel(held[f"widen.{level}.bias"]))
        image = op.concat([image, kept.pop()], 1)
        image = _block(op, image, held, f"decoder.{level}")
    none, one = [0] * 3, [1] * 3
    image = op.convolution(image, held["head.weight"], one, none, none, one)
    image = op.add(image, _by_channel(held["head.bias"]))
    return library.Model([image, pooled], [entry], "unet3d")


def _pooled_graph(op: Any, bottleneck: Any) -> Any:
    """_pooled in OpenVINO's own words."""
    axes = np.array([2, 3, 4])
    mean = op.reduce_mean(bottleneck, axes, True)
    off = op.subtract(bottleneck, mean)
    spread = op.sqrt(op.reduce_mean(op.multiply(off, off), axes, True))
    return op.concat([mean, spread], 1)


def _block(op: Any, image: Any, held: dict[str, Floats], name: str, *, stride: int = 1) -> Any:
    one = [1] * 3
    for at, step in ((0, stride), (3, 1)):
        image = op.convolution(image, held[f"{name}.{at}.weight"], [step] * 3, one, one, one)
        image = op.mvn(image, np.array([2, 3, 4]), True, _EPSILON, "inside_sqrt")
        image = op.multiply(image, _by_channel(held[f"{name}.{at + 1}.weight"]))
        image = op.add(image, _by_channel(held[f"{name}.{at + 1}.bias"]))
        image = op.prelu(image, np.array([_SLOPE], np.float32))
    return image


def _by_channel(values: Floats) -> Floats:
    return np.ascontiguousarray(values.reshape(1, -1, 1, 1, 1))
