"""On a GPU lungs come out as on the CPU, bit for bit; where it fails the CPU goes on and says so.

There is no GPU in most test runs: torch's CPU device plays it, by the very same code.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from ai.errors import Cancelled  # noqa: E402
from ai.lungs import border as border_room  # noqa: E402
from ai.lungs import held as held_room  # noqa: E402
from ai.lungs import network as room  # noqa: E402
from ai.lungs import pen as pen_room  # noqa: E402
from ai.lungs.border import calm  # noqa: E402
from ai.lungs.held import Held, stood_up  # noqa: E402
from ai.lungs.network import lungs_by_network  # noqa: E402
from ai.lungs.pen import TorchPen  # noqa: E402
from ai.lungs.upright import stand_up  # noqa: E402
from ai.models import sliding  # noqa: E402
from ai.models.card import ModelCard, load_card  # noqa: E402
from ai.phantom.chest import Phantom  # noqa: E402
from ai.scan.geometry import Geometry  # noqa: E402
from ai.scan.volume import Volume  # noqa: E402
from tests.lungs.turned import flipped  # noqa: E402

CPU = torch.device("cpu")
SPACING = (3.0, 3.0, 3.0)


@pytest.fixture(scope="module")
def unet() -> ModelCard:
    return load_card("lungs-unet")


@pytest.fixture(scope="module")
def volume(tiny: Phantom) -> Volume:
    """Stored feet first, as many scanners do."""
    return flipped(tiny.volume, (0, 2))


@pytest.fixture(scope="module")
def reference(volume: Volume, unet: ModelCard) -> np.ndarray:
    return lungs_by_network(volume, card=unet)[0]


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """torch's CPU device passes for a GPU; what is done on it is noted."""
    done: list[str] = []
    for one in (held_room, pen_room):
        monkeypatch.setattr(one, "is_gpu", lambda device: True)
    stand, draw = Held.stand_up, TorchPen.__call__

    def stands(self: Held, spacing: Any) -> Any:
        done.append("upright")
        return stand(self, spacing)

    def draws(self: TorchPen, box: Any) -> Any:
        done.append("border")
        return draw(self, box)

    monkeypatch.setattr(Held, "stand_up", stands)
    monkeypatch.setattr(TorchPen, "__call__", draws)
    return done


def no_memory(*_: object, **__: object) -> Any:
    raise torch.OutOfMemoryError("injected: out of memory")


def breaks(*_: object, **__: object) -> Any:
    raise RuntimeError("injected: unspecified launch failure")


def test_a_gpu_gives_the_labels_of_the_cpu_bit_for_bit_each_time(
    phantom: Phantom, unet: ModelCard, monkeypatch: pytest.MonkeyPatch, gpu: list[str]
) -> None:
    once, again = (lungs_by_network(phantom.volume, card=unet) for _ in range(2))
    assert gpu.count("upright") == 2 and gpu.count("border") > 2
    gpu.clear()
    for one in (held_room, pen_room):
        monkeypatch.setattr(one, "is_gpu", lambda device: False)
    labels, made_by = lungs_by_network(phantom.volume, card=unet)
    assert not gpu and labels.any()
    for theirs, made_there in (once, again):
        assert np.array_equal(theirs, labels) and made_there == made_by
    assert made_by.remark == ""


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0)], ids=str)
@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, -1), (-1, -1, -1)], ids=str)
def test_however_a_scan_is_stored_it_stands_and_is_read_as_on_the_cpu(
    order: tuple[int, int, int], signs: tuple[int, int, int]
) -> None:
    rng = np.random.default_rng(4)
    fine = (1.0, 0.71, 0.9)
    affine = np.eye(4)
    affine[:3, :3] = 0
    for stored, upward in enumerate(order):
        affine[2 - upward, stored] = signs[stored] * fine[upward]
    hu = rng.integers(-2000, 3000, (37, 41, 52)).astype(np.int16)
    one = Volume(Geometry(hu.shape, affine), hu)
    theirs, held = stand_up(one, spacing_mm=SPACING), Held(one, CPU)
    ours = held.stand_up(SPACING)
    assert np.array_equal(ours.hu, theirs.hu) and ours.turn == theirs.turn
    n, m, k = theirs.own_hu.shape
    box = (slice(3, n - 2), slice(0, m), slice(5, k - 1))
    assert np.array_equal(held.box(box).numpy(), theirs.own_hu[box])
    calmed = held_room.calm(held.box(box), theirs.own_spacing_mm).numpy()
    assert np.array_equal(calmed, calm(theirs.own_hu[box], theirs.own_spacing_mm))


@pytest.mark.parametrize(("fails", "word"), [(no_memory, "Memory"), (breaks, "GPU failed")])
@pytest.mark.parametrize("step", ["__init__", "stand_up"])
def test_a_gpu_that_cannot_hold_the_scan_gives_way_and_it_is_said(
    volume: Volume,
    unet: ModelCard,
    reference: np.ndarray,
    gpu: list[str],
    monkeypatch: pytest.MonkeyPatch,
    fails: Any,
    word: str,
    step: str,
) -> None:
    """The border is still drawn there: slab by slab it needs little."""
    monkeypatch.setattr(Held, step, fails)
    labels, made_by = lungs_by_network(volume, card=unet)
    assert np.array_equal(labels, reference)
    assert word in made_by.remark and "upright on the CPU" in made_by.remark
    assert set(gpu) == {"border"}


@pytest.mark.parametrize(("fails", "word"), [(no_memory, "Memory"), (breaks, "GPU failed")])
@pytest.mark.parametrize("first", [0, 3], ids=["at once", "midway"])
def test_a_border_that_a_gpu_cannot_finish_is_finished_by_the_cpu_and_it_is_said(
    volume: Volume,
    unet: ModelCard,
    reference: np.ndarray,
    gpu: list[str],
    monkeypatch: pytest.MonkeyPatch,
    fails: Any,
    word: str,
    first: int,
) -> None:
    draw = TorchPen.__call__
    monkeypatch.setattr(border_room, "SLAB", 8)  # several slabs even here
    monkeypatch.setattr(
        TorchPen,
        "__call__",
        lambda self, box: fails() if gpu.count("border") >= first else draw(self, box),
    )
    labels, made_by = lungs_by_network(volume, card=unet)
    assert np.array_equal(labels, reference)
    assert word in made_by.remark and "border" in made_by.remark
    assert gpu.count("border") == first, "once it failed it is not asked again"


def test_a_gpu_that_draws_another_border_is_not_believed(
    volume: Volume,
    unet: ModelCard,
    reference: np.ndarray,
    gpu: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = TorchPen.__call__
    monkeypatch.setattr(TorchPen, "__call__", lambda self, box: np.roll(draw(self, box), 2, axis=2))
    labels, made_by = lungs_by_network(volume, card=unet)
    assert np.array_equal(labels, reference)
    assert made_by.remark == pen_room.OTHERWISE


def test_where_the_network_had_no_room_the_scan_is_let_go(
    volume: Volume, unet: ModelCard, gpu: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = sliding._by_windows

    def short(network: nn.Module, image: Any, rung: sliding._Rung, *rest: Any) -> sliding.Answer:
        return plain(network, image, rung, *rest) if rung.remark else no_memory()

    monkeypatch.setattr(sliding, "_by_windows", short)
    asked = room.ask_network(volume, card=unet)
    assert asked.held is None and asked.made_by.remark.startswith("Memory was short: asked")


def test_two_remarks_are_both_told(
    volume: Volume, unet: ModelCard, gpu: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Held, "__init__", no_memory)
    monkeypatch.setattr(TorchPen, "__init__", no_memory)
    made_by = lungs_by_network(volume, card=unet)[1]
    assert made_by.remark == f"{held_room.SHORT} {pen_room.SHORT}"


def test_without_a_gpu_nothing_is_held(volume: Volume) -> None:
    upright, held, remark = stood_up(volume, spacing_mm=SPACING, device=CPU)
    assert held is None and remark == "" and upright.hu.any()


def test_chances_are_added_up_on_the_device_until_memory_is_short() -> None:
    cuda = torch.device("cuda")
    for rung in sliding._ladder((128, 128, 128), 16, cuda):
        assert sliding._gathered(rung) == (CPU if rung.remark else cuda)


@pytest.mark.parametrize("wanted", ["Turning the scan upright", "Drawing the border"])
def test_a_reader_can_cancel_what_a_gpu_does(
    volume: Volume, unet: ModelCard, gpu: list[str], wanted: str
) -> None:
    told: list[str] = []

    def cancel(_: float, step: str) -> None:
        told.append(step)
        if step == wanted and len(gpu) == {"T": 0, "D": 2}[wanted[0]]:
            raise Cancelled

    with pytest.raises(Cancelled):
        lungs_by_network(volume, card=unet, on_progress=cancel)
    assert told[-1] == wanted
