"""The process beside the window carries operations out and counts, on blocks that it is lent."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from ai.nodules.measure import measure
from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from ai.worker.messages import Failed, Hello, Progress, VolumeRef
from ai.worker.shared import Block
from viewer.dicom.process import IoClient
from viewer.editing.messages import ChangeMask, CountMask, MaskChanged, MaskCounted
from viewer.editing.operations import Operation

GRID = Geometry.axial((20, 30, 30), spacing_kji_mm=(2.0, 0.8, 0.8), origin_lps=(5, -7, 9))
Ask = Callable[[Any], Any]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """A real I/O process: a request in, its answer out."""
    answers: queue.Queue[Any] = queue.Queue()
    client = IoClient(answers.put)

    def asked(request: Any) -> Any:
        client.submit(request)
        while True:
            answer = answers.get(timeout=60)
            if not isinstance(answer, Hello | Progress):
                return answer

    yield asked
    client.close()


def ball(r: float, centre: tuple[float, float, float]) -> np.ndarray:
    away = [(np.arange(n) - c) for n, c in zip(GRID.shape_kji, centre, strict=True)]
    k, j, i = (a * s for a, s in zip(away, GRID.spacing_kji_mm, strict=True))
    return k[:, None, None] ** 2 + j[:, None] ** 2 + i**2 <= r * r


def test_an_island_goes_and_only_what_flips_comes_back(ask: Ask) -> None:
    mask = ball(6.0, (8, 12, 12)).astype(np.uint8)
    island = np.zeros_like(mask)
    island[17:19, 25:28, 25:28] = 1
    with Block.create(mask.shape, "uint8") as block:
        block.array[...] = mask | island
        answer = ask(ChangeMask("e-1", block.ref, Operation("largest"), (2.0, 0.8, 0.8), 1.28))
        assert answer == MaskChanged("e-1", (17, 25, 25), (2, 3, 3))
        assert np.array_equal(block.array, island)


def test_split_gives_each_part_its_number(ask: Ask) -> None:
    with Block.create((4, 4, 9), "uint8") as block:
        block.array[:, :, :3], block.array[:2, :2, 5:7] = 1, 1
        answer = ask(ChangeMask("e-2", block.ref, Operation("split"), (1.0, 1.0, 1.0), 1.0))
        assert answer.shape_kji == (4, 4, 7)
        assert np.bincount(block.array.ravel())[1:].tolist() == [48, 8]


def test_what_changes_nothing_says_so(ask: Ask) -> None:
    with Block.create((4, 4, 4), "uint8") as block:
        block.array[1:3, 1:3, 1:3] = 1
        answer = ask(ChangeMask("e-3", block.ref, Operation("largest"), (1.0, 1.0, 1.0), 1.0))
        assert answer.shape_kji == (0, 0, 0) and not block.array.any()


def test_a_mask_is_measured_as_the_window_would_measure_it(ask: Ask) -> None:
    hu = np.where(ball(5.0, (9, 15, 14)), 20, -850).astype(np.int16)
    mask = ball(5.5, (9, 15, 14))
    volume = Volume(GRID, hu, "s")
    start, box = (5, 6, 5), np.s_[5:14, 6:24, 5:23]
    expected = measure(volume, BoxMask(start, mask[box]))
    affine = tuple(float(x) for x in GRID.affine.ravel())
    with Block.create(hu.shape, "int16") as voxels, Block.create(mask[box].shape, "uint8") as block:
        voxels.array[...], block.array[...] = hu, mask[box]
        ref = VolumeRef(voxels.ref, affine, "", "s")
        answer = ask(CountMask("c-1", ref, block.ref, start))
    assert isinstance(answer, MaskCounted) and answer.measurement == expected
    assert answer.slice_index == 9
    assert np.allclose(answer.centre_lps, GRID.lps_of((9, 15, 14)), atol=0.01)


def test_an_empty_mask_cannot_be_counted_and_says_so(ask: Ask) -> None:
    with Block.create((20, 30, 30), "int16") as voxels, Block.create((2, 2, 2), "uint8") as block:
        ref = VolumeRef(voxels.ref, tuple(float(x) for x in GRID.affine.ravel()), "", "s")
        answer = ask(CountMask("c-2", ref, block.ref, (0, 0, 0)))
    assert isinstance(answer, Failed) and not answer.cancelled
