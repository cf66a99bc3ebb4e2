"""The AI's process: recipes on lent blocks, the same answers as without the process."""

from __future__ import annotations

import queue
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from ai.errors import Cancelled, OutOfMemory
from ai.phantom.chest import chest
from ai.scan.finding import BoxMask, Finding, Measurement
from ai.scan.labelmap import MadeBy
from ai.scan.volume import Volume
from ai.worker import process
from ai.worker.client import WorkerClient
from ai.worker.messages import BlockRef, Failed, Hello, LungsDone, SegmentLungs, VolumeRef
from ai.worker.serve import Task
from ai.worker.shared import Block

MADE_BY = MadeBy("nodules-log", "1")
MEASURED = Measurement(9.0, 7.4, 8.2, 290.0, 31.5, -20.0, 60.0, "solid")


class Recorder:
    """A line that keeps what is sent, and can be told that the job is cancelled."""

    def __init__(self, *, cancelled: bool = False) -> None:
        self.sent: list[Any] = []
        self.cancelled = cancelled

    def send(self, message: Any) -> None:
        self.sent.append(message)

    def is_cancelled(self, job: str) -> bool:
        return self.cancelled


def candidate(name: str, shape: tuple[int, int, int]) -> Finding:
    voxels = np.zeros(shape, bool)
    voxels[0, :, 0] = True
    return Finding(
        name, "nodule", (1, 2, 3), 4, "RUZ", 0.5, MEASURED, MADE_BY, (), BoxMask((4, 5, 6), voxels)
    )


def test_masks_lie_in_the_arena_one_after_the_other_and_come_back_whole() -> None:
    found = [candidate("a", (2, 3, 4)), candidate("b", (5, 6, 7))]
    arena = np.full(1000, 255, np.uint8)
    put = process.put_masks(found, arena)
    assert [p.finding.mask for p in put] == [None, None]
    for before, after in zip(found, put, strict=True):
        assert before.mask is not None
        k, j, i = after.mask.shape
        back = arena[after.mask.offset :][: k * j * i].reshape(k, j, i)
        np.testing.assert_array_equal(back, before.mask.voxels)
        assert after.mask.start_kji == (4, 5, 6)
    assert arena[24 + 210] == 255  # nothing beyond


def test_an_arena_too_small_is_said_in_a_sentence() -> None:
    with pytest.raises(OutOfMemory) as raised:
        process.put_masks([candidate("a", (2, 3, 4))] * 3, np.zeros(50, np.uint8))
    assert "3 candidates" in raised.value.sentence


def test_without_torch_the_worker_says_so_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    versions = dict(process._load_torch(1))
    assert versions["torch"].startswith("missing") and versions["numpy"]


def test_progress_of_a_cancelled_job_raises() -> None:
    line = Recorder(cancelled=True)
    with pytest.raises(Cancelled):
        Task(line, "job").progress(0.5, "airway")  # type: ignore[arg-type]
    assert line.sent == []


@pytest.fixture(scope="module")
def tiny() -> Iterator[tuple[Volume, Block]]:
    volume = chest("tiny").volume
    with Block.create(volume.hu.shape, "int16") as block:
        block.array[...] = volume.hu
        yield volume, block


def ref_of(volume: Volume, block: Block) -> VolumeRef:
    affine = tuple(float(x) for x in volume.geometry.affine.ravel())
    return VolumeRef(block.ref, affine, volume.geometry.frame_of_reference, volume.series)


def test_the_worker_segments_the_same_lungs_as_the_recipe_itself(
    tiny: tuple[Volume, Block],
) -> None:
    from ai.lungs.segment import segment_lungs
    from ai.models.card import load_card

    volume, block = tiny
    here = segment_lungs(volume, card=load_card("lungs-classical"))
    heard: queue.Queue[Any] = queue.Queue()
    client = WorkerClient(heard.put, spare=False)
    with Block.create(volume.hu.shape, "uint8") as out:
        client.submit(SegmentLungs("lungs-1", "lungs-classical", ref_of(volume, block), out.ref))
        hello = heard.get(timeout=60)
        answer = until_answer(heard)
        client.submit(SegmentLungs("lungs-2", "no-such-card", ref_of(volume, block), out.ref))
        refused = until_answer(heard)
        client.submit(
            SegmentLungs(
                "lungs-3",
                "lungs-classical",
                ref_of(volume, block),
                BlockRef("hilum-1-1", out.ref.shape, "uint8"),
            )
        )
        gone = until_answer(heard)
        client.close()
        assert isinstance(hello, Hello) and dict(hello.versions)["torch"]
        assert isinstance(answer, LungsDone), answer
        np.testing.assert_array_equal(out.array, here.label_map.labels)
        assert answer.figures == here.figures and answer.warnings == here.warnings
        assert isinstance(refused, Failed) and "no-such-card" in refused.sentence
        assert isinstance(gone, Failed) and "hilum-1-1" in gone.sentence
    assert "torch" not in sys.modules


def until_answer(heard: queue.Queue[Any]) -> Any:
    while True:
        message = heard.get(timeout=60)
        if isinstance(message, (LungsDone, Failed)):
            return message
