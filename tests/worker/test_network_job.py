"""The network in the AI's process: stopped at once while it answers, the same bits each time."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from ai.models.card import load_card
from ai.phantom.chest import chest
from ai.scan.chance import map_grid
from ai.scan.volume import Volume
from ai.worker.client import WorkerClient
from ai.worker.messages import (
    ChanceMapped,
    Failed,
    Hello,
    LungsDone,
    MapChance,
    Progress,
    SegmentLungs,
    VolumeRef,
)
from ai.worker.shared import Block

pytest.importorskip("torch")

LIMIT_S = 0.3
PATIENCE = 5
"""So many times the limit on a machine that others use at the same time."""


class Ear:
    """The real AI worker, and all that it says."""

    def __init__(self) -> None:
        self._heard: queue.Queue[Any] = queue.Queue()
        self.client = WorkerClient(self._heard.put, spare=False)
        self.births = 0

    def until(self, wanted: Callable[[Any], bool]) -> Any:
        while True:
            message = self._heard.get(timeout=120)
            self.births += isinstance(message, Hello)
            if wanted(message):
                return message


@pytest.fixture(scope="module")
def scan() -> Volume:
    return chest("small").volume


@pytest.fixture
def ear() -> Iterator[Ear]:
    it = Ear()
    yield it
    it.client.close()


@pytest.fixture
def blocks(scan: Volume) -> Iterator[tuple[Block, Block]]:
    with (
        Block.create(scan.hu.shape, "int16") as hu,
        Block.create(scan.hu.shape, "uint8") as out,
    ):
        hu.array[...] = scan.hu
        yield hu, out


def asked(job: str, scan: Volume, blocks: tuple[Block, Block]) -> SegmentLungs:
    affine = tuple(float(n) for n in scan.geometry.affine.ravel())
    ref = VolumeRef(blocks[0].ref, affine, scan.geometry.frame_of_reference, scan.series)
    return SegmentLungs(job, "lungs-unet", ref, blocks[1].ref)


def test_a_cancel_stops_it_while_it_answers_and_the_next_job_runs_and_repeats_to_the_bit(
    ear: Ear, scan: Volume, blocks: tuple[Block, Block]
) -> None:
    ear.client.submit(asked("first", scan, blocks))
    for _ in range(3):  # told at most every 0.1 s: by the third the network is at work
        ear.until(lambda m: isinstance(m, Progress) and m.step == "Asking the network")
    began = time.monotonic()
    ear.client.cancel("first")
    stopped = ear.until(lambda m: isinstance(m, Failed))
    took_s = time.monotonic() - began
    assert stopped.cancelled and took_s < PATIENCE * LIMIT_S
    assert not blocks[1].array.any(), "nothing was written"

    drawn = []
    for job in ("second", "third"):
        blocks[1].array[...] = 0
        ear.client.submit(asked(job, scan, blocks))
        done = ear.until(lambda m, job=job: isinstance(m, LungsDone | Failed) and m.job == job)
        assert isinstance(done, LungsDone), done
        assert done.made_by.weights_sha256 == load_card("lungs-unet").weights_sha256
        assert done.made_by.runtime and done.made_by.device
        drawn.append(blocks[1].array.copy())
    assert set(np.unique(drawn[0])) == {0, 1, 2}
    np.testing.assert_array_equal(drawn[0], drawn[1])
    print(f"cancel answered in {1000 * took_s:.0f} ms, {ear.births} process(es)")


def test_a_map_of_chances_is_stopped_at_once_too_and_comes_when_it_is_let(
    ear: Ear, scan: Volume
) -> None:
    shape = map_grid(scan.geometry).shape_kji
    with Block.create(scan.hu.shape, "int16") as hu, Block.create(shape, "uint8") as out:
        hu.array[...] = scan.hu
        request = asked("x", scan, (hu, out))
        maps = [MapChance(job, "lungs-unet", request.volume, out.ref) for job in ("one", "two")]
        ear.client.submit(maps[0])
        ear.until(lambda m: isinstance(m, Progress) and m.step == "Asking the network")
        began = time.monotonic()
        ear.client.cancel("one")
        assert ear.until(lambda m: isinstance(m, Failed)).cancelled
        assert time.monotonic() - began < PATIENCE * LIMIT_S and not out.array.any()
        ear.client.submit(maps[1])
        done = ear.until(lambda m: isinstance(m, ChanceMapped | Failed) and m.job == "two")
        assert isinstance(done, ChanceMapped), done
        assert done.made_by.weights_sha256 == load_card("lungs-unet").weights_sha256
        assert out.array.max() > 250 and out.array.min() == 0
