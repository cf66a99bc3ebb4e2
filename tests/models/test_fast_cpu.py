"""OpenVINO beside torch: the same labels, silent towards the world, never in the reader's way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ai.errors import Cancelled  # noqa: E402
from ai.models import fast_cpu  # noqa: E402
from ai.models.card import load_card  # noqa: E402
from ai.models.fast_cpu import CHOICE, OnCpu  # noqa: E402
from ai.models.networks import UNet3d, build  # noqa: E402
from ai.models.sliding import ask  # noqa: E402
from ai.models.weights import weights_of  # noqa: E402

CPU = torch.device("cpu")
RANGE = (-1024, 600)
SILENT = """
import os, sys
asked = []
sys.addaudithook(lambda name, args: asked.append(name) if name in ("os.fork", "os.posix_spawn",
    "subprocess.Popen") or name.startswith(("socket.", "urllib.")) else None)
import torch
from ai.models.fast_cpu import OnCpu
from ai.models.networks import UNet3d
before = list(asked)
network = OnCpu(UNet3d((8, 16), 3).eval(), (-1024, 600))
network(torch.zeros(1, 1, 16, 16, 16))
later = asked[len(before):]  # it would report from a process that it forks
print(network.runtime(torch.device("cpu")), later, "openvino_telemetry" in sys.modules)
"""


@pytest.fixture
def library() -> Iterator[object]:
    """OpenVINO, where it stands; the choice of the environment put aside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(CHOICE, raising=False)
        found = fast_cpu.openvino()
        if found is None:
            pytest.skip("OpenVINO is not installed here")
        yield found


@pytest.fixture
def network() -> UNet3d:
    torch.manual_seed(5)
    return UNet3d((8, 16, 24), 3).eval()


def image(shape: tuple[int, int, int] = (20, 24, 28)) -> np.ndarray:
    return np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)


def test_it_answers_with_the_numbers_of_torch(library: object, network: UNet3d) -> None:
    both = OnCpu(network, RANGE)
    assert both.runtime(CPU).startswith("OpenVINO ") and both.runtime(CPU).endswith(" f32")
    patch = torch.from_numpy(image((32, 48, 16)))[None, None]
    with torch.inference_mode():
        ours, theirs = network(patch), both(patch)
    assert float((ours - theirs).abs().max()) < 1e-3
    assert float(ours.abs().max()) > 0.1
    assert both.remark == ""


def test_it_stays_in_full_precision_for_the_shipped_network(library: object) -> None:
    card = load_card("lungs-unet")
    both = OnCpu(build(weights_of(card)), card.hu_range)
    patch = torch.from_numpy(image((48, 48, 64)))[None, None]
    with torch.inference_mode():
        ours, theirs = both.network(patch), both(patch)
    # bfloat16, the library's own choice on this kind of processor, is off by 0.05 and more
    assert float((ours - theirs).abs().max()) < 0.02
    assert float((ours.argmax(1) == theirs.argmax(1)).float().mean()) > 0.9995


def test_the_same_picture_gives_the_same_bits(library: object, network: UNet3d) -> None:
    both = OnCpu(network, RANGE)
    once, again = (ask(both, image(), multiple=4, window=(32,) * 3, device=CPU) for _ in range(2))
    assert np.array_equal(once.chance, again.chance)
    assert np.array_equal(once.labels, again.labels)


def test_torch_answers_for_a_network_of_slices(library: object) -> None:
    """The graph knows blocks only; the bottleneck is still heard whole."""
    torch.manual_seed(5)
    both = OnCpu(UNet3d((4, 8), 3, neighbours=2).eval(), RANGE)
    assert "PyTorch" in both.runtime(CPU) and both.remark == ""
    heard: list[np.ndarray] = []
    both.listen = heard.append
    ask(both, image((8, 16, 16)), multiple=both.multiple, window=(16, 16, 16), device=CPU)
    assert heard[0].shape == (16,) and heard[0][8:].min() > 0


def test_without_it_torch_answers(network: UNet3d, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CHOICE, raising=False)
    monkeypatch.setitem(sys.modules, "openvino", None)
    both = OnCpu(network, RANGE)
    assert both.runtime(CPU) == f"PyTorch {torch.__version__} f32"
    assert ask(both, image(), multiple=4, window=(32,) * 3, device=CPU).chance.any()


def test_the_reference_can_be_asked_for(
    library: object, network: UNet3d, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHOICE, "torch")
    assert OnCpu(network, RANGE).runtime(CPU).startswith("PyTorch")


def test_one_that_labels_otherwise_is_not_admitted(
    library: object, network: UNet3d, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = fast_cpu._compiled

    def other(library: object, network: UNet3d) -> object:
        torch.manual_seed(6)
        return plain(library, UNet3d((8, 16, 24), 3).eval())  # type: ignore[arg-type]

    monkeypatch.setattr(fast_cpu, "_compiled", other)
    both = OnCpu(network, RANGE)
    assert both.runtime(CPU).startswith("PyTorch")
    assert both.remark == fast_cpu.OTHERWISE


def test_one_that_fails_in_the_middle_leaves_the_work_to_torch(
    library: object, network: UNet3d
) -> None:
    both = OnCpu(network, RANGE)

    class Broken:
        def start_async(self, inputs: object) -> None:
            raise RuntimeError("Exception from src/inference: something broke")

    both._ask = Broken()
    answer = ask(both, image(), multiple=4, window=(32,) * 3, device=CPU)
    assert answer.chance.any()
    assert both.runtime(CPU).startswith("PyTorch")
    assert both.remark == fast_cpu.FAILED


def test_one_short_of_memory_is_asked_by_smaller_windows(library: object, network: UNet3d) -> None:
    both = OnCpu(network, RANGE)
    plain, sizes = both._by_openvino, []

    def short(image: torch.Tensor) -> torch.Tensor:
        sizes.append(image.numel())
        if image.numel() > 64**3:
            raise RuntimeError("Exception from src/plugins: std::bad_alloc")
        return plain(image)

    both._by_openvino = short  # type: ignore[method-assign]
    answer = ask(both, image((72, 72, 72)), multiple=4, window=(128,) * 3, device=CPU)
    assert sizes[0] > 64**3 and sizes[-1] <= 64**3
    assert answer.remark == "Memory was short: asked by windows of 64 x 64 x 64."
    assert both.runtime(CPU).startswith("OpenVINO")


def test_a_reader_can_cancel_while_it_works_and_ask_again(library: object) -> None:
    torch.manual_seed(5)
    both = OnCpu(UNet3d((16, 32), 3).eval(), RANGE)
    big = image((96, 96, 96))
    told: list[float] = []

    def stop(fraction: float, step: str) -> None:
        told.append(fraction)
        if len(told) > 3:  # two come before the first voxel is computed
            raise Cancelled

    with pytest.raises(Cancelled):
        ask(both, big, multiple=2, window=(96,) * 3, device=CPU, on_progress=stop)
    assert both.remark == ""
    small = image()
    again = ask(both, small, multiple=2, window=(32,) * 3, device=CPU)
    plain = ask(both.network, small, multiple=2, window=(32,) * 3, device=CPU)
    assert np.allclose(again.chance, plain.chance, atol=1e-3)


def denied() -> list[str]:
    """Before a command: a network of its own without any link, where that is permitted."""
    way = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    try:
        done = subprocess.run([*way, "true"], capture_output=True, check=False)
    except OSError:
        return []
    return way if done.returncode == 0 else []


def test_it_asks_no_host_and_writes_nothing_at_home(library: object, tmp_path: Path) -> None:
    """With CI taken out of the environment: where it is set, the library's telemetry is off."""
    quiet = ("CI", "HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", CHOICE)
    environment = {name: value for name, value in os.environ.items() if name not in quiet}
    done = subprocess.run(
        [*denied(), sys.executable, "-c", SILENT],
        env={**environment, "HOME": str(tmp_path)},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    runtime, told = done.stdout.strip().split(" f32 ")
    assert runtime.startswith("OpenVINO")
    assert told == "[] True"  # True: it is there as a name that cannot be imported
    assert list(tmp_path.rglob("*")) == []
