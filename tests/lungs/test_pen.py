"""The pen of a GPU draws what the reference draws, and gives way to it where it fails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ai.lungs import network as room  # noqa: E402
from ai.lungs.border import own_box  # noqa: E402
from ai.lungs.network import lungs_by_network  # noqa: E402
from ai.lungs.pen import SHORT, CpuPen, Drawing, Pen, TorchPen, pen_for  # noqa: E402
from ai.lungs.upright import Upright  # noqa: E402
from ai.models.card import load_card  # noqa: E402
from ai.phantom.chest import Phantom  # noqa: E402
from ai.scan.volume import Volume  # noqa: E402
from tests.lungs.turned import flipped  # noqa: E402

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def asked(phantom: Phantom) -> tuple[Upright, Drawing]:
    """What a pen is given on a chest that is stored feet first."""
    return given(flipped(phantom.volume, (0, 2)))


def given(volume: Volume) -> tuple[Upright, Drawing]:
    heard: list[tuple[Upright, Drawing]] = []

    def listens(device: Any, upright: Upright, drawing: Drawing, held: Any) -> Pen:
        heard.append((upright, drawing))
        return pen_for(device, upright, drawing, held)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "pen_for", listens)
        lungs_by_network(volume, card=load_card("lungs-unet"))
    return heard[0]


def test_torch_draws_the_border_of_the_reference(asked: tuple[Upright, Drawing]) -> None:
    upright, drawing = asked
    box = own_box(upright, drawing.depth > 0, reach_mm=3.0)
    ours, theirs = TorchPen(upright, drawing, CPU)(box), CpuPen(upright, drawing)(box)
    assert theirs.any() and ours.dtype == theirs.dtype == np.uint8
    assert np.array_equal(ours, theirs)


def test_slab_by_slab_it_draws_what_it_draws_at_once(asked: tuple[Upright, Drawing]) -> None:
    upright, drawing = asked
    pen, (z, y, x) = (
        TorchPen(upright, drawing, CPU),
        own_box(upright, drawing.depth > 0, reach_mm=3),
    )
    half = (z.start + z.stop) // 2
    parts = [pen((slice(a, b), y, x)) for a, b in ((z.start, half), (half, z.stop))]
    assert np.array_equal(np.concatenate(parts), pen((z, y, x)))


def test_beyond_the_working_grid_the_last_plane_goes_on(asked: tuple[Upright, Drawing]) -> None:
    upright, drawing = asked
    end = upright.own_hu.shape[0]
    box = (slice(end - 2, end), slice(0, upright.own_hu.shape[1]), slice(0, 40))
    ours, theirs = TorchPen(upright, drawing, CPU)(box), CpuPen(upright, drawing)(box)
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("kind", ["cuda", "mps"])
@pytest.mark.parametrize("step", ["__init__", "__call__"], ids=["full", "runs full"])
def test_a_gpu_without_memory_gives_way_to_the_cpu_once_and_for_all(
    asked: tuple[Upright, Drawing], monkeypatch: pytest.MonkeyPatch, kind: str, step: str
) -> None:
    upright, drawing = asked
    box = own_box(upright, drawing.depth > 0, reach_mm=3.0)
    tries: list[str] = []

    def fails(*_: object) -> None:
        tries.append("GPU")
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(TorchPen, "__init__", lambda *_: None)
    monkeypatch.setattr(TorchPen, step, fails)
    pen = pen_for(torch.device(kind), upright, drawing)
    for _ in range(2):
        assert np.array_equal(pen(box), CpuPen(upright, drawing)(box))
    assert tries == ["GPU"] and pen.remark == SHORT


def test_the_cpu_has_nothing_to_remark(asked: tuple[Upright, Drawing]) -> None:
    assert pen_for(CPU, *asked).remark == ""
