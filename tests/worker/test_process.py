"""The AI's process: recipes on lent blocks, the same answers as without the process."""

from __future__ import annotations

import queue
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ai.agent.learning import learn_json
from ai.agent.policy import prior, to_json
from ai.errors import Cancelled, OutOfMemory
from ai.lungs.segment import LungsResult, segment_lungs
from ai.models.card import load_card
from ai.phantom.chest import Phantom, chest
from ai.scan.finding import BoxMask, Finding, Measurement
from ai.scan.labelmap import MadeBy
from ai.scan.volume import Volume
from ai.worker import process
from ai.worker.client import WorkerClient
from ai.worker.messages import (
    AlignLungs,
    BlockRef,
    ComparedLungs,
    CompareLungs,
    Failed,
    FindNodules,
    Hello,
    LabelsRef,
    Learn,
    Learnt,
    LungsAligned,
    LungsDone,
    NodulesDone,
    Progress,
    SegmentLungs,
    VolumeRef,
)
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
def phantom() -> Phantom:
    """A synthetic chest fine enough for nodules."""
    return chest("small")


@pytest.fixture(scope="module")
def scan(phantom: Phantom) -> Volume:
    return phantom.volume


@pytest.fixture(scope="module")
def lent(scan: Volume) -> Iterator[Block]:
    with Block.create(scan.hu.shape, "int16") as block:
        block.array[...] = scan.hu
        yield block


class Worker:
    """The real AI worker, asked and waited for."""

    def __init__(self) -> None:
        self._heard: queue.Queue[Any] = queue.Queue()
        self.client = WorkerClient(self._heard.put, spare=False)
        self.hello: Hello | None = None

    def answer(self, request: Any) -> Any:
        self.client.submit(request)
        while True:
            message = self._heard.get(timeout=120)
            if isinstance(message, Hello):
                self.hello = message
            elif not isinstance(message, Progress) and message.job == request.job:
                return message


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    it = Worker()
    yield it
    it.client.close()


@pytest.fixture(scope="module")
def lungs(scan: Volume) -> LungsResult:
    return segment_lungs(scan, card=load_card("lungs-classical"))


def ref_of(volume: Volume, block: Block) -> VolumeRef:
    affine = tuple(float(x) for x in volume.geometry.affine.ravel())
    return VolumeRef(block.ref, affine, volume.geometry.frame_of_reference, volume.series)


def test_the_worker_segments_the_same_lungs_as_the_recipe_itself(
    worker: Worker, scan: Volume, lent: Block, lungs: LungsResult
) -> None:
    with Block.create(scan.hu.shape, "uint8") as out:
        had_torch = "torch" in sys.modules  # another test of this process may have loaded it
        request = SegmentLungs("lungs-1", "lungs-classical", ref_of(scan, lent), out.ref)
        answer = worker.answer(request)
        assert isinstance(answer, LungsDone), answer
        np.testing.assert_array_equal(out.array, lungs.label_map.labels)
        assert (answer.figures, answer.warnings) == (lungs.figures, lungs.warnings)
    assert worker.hello is not None and dict(worker.hello.versions)["torch"]
    assert ("torch" in sys.modules) == had_torch


def test_the_worker_finds_the_nodule_with_its_voxels_in_the_arena(
    worker: Worker, phantom: Phantom
) -> None:
    nodule = phantom.nodules[0]
    box, volume = around(phantom.volume, nodule.centre_lps, (24, 64, 64))
    shape = volume.hu.shape
    with (
        Block.create(shape, "int16") as hu,
        Block.create(shape, "uint8") as labels,
        Block.create((1 << 20,), "uint8") as arena,
    ):
        hu.array[...], labels.array[...] = volume.hu, phantom.lungs.labels[box]
        request = FindNodules("nodules-1", "nodules-log", ref_of(volume, hu), labels.ref, arena.ref)
        answer = worker.answer(request)
        assert isinstance(answer, NodulesDone), answer
        for found in answer.found:
            k, j, i = found.mask.shape
            voxels = arena.array[found.mask.offset :][: k * j * i].reshape(k, j, i)
            mm3 = voxels.sum() * volume.geometry.voxel_mm3
            assert mm3 == pytest.approx(found.finding.measurement.volume_mm3, rel=1e-6)
    centres = np.array([found.finding.centre_lps for found in answer.found])
    gaps_mm = np.linalg.norm(centres - np.array(nodule.centre_lps), axis=1)
    assert gaps_mm.min() < nodule.diameter_mm / 2


def around(
    volume: Volume, centre_lps: tuple[float, float, float], shape: tuple[int, int, int]
) -> tuple[tuple[slice, ...], Volume]:
    """A piece of a scan around a place: its box, and its voxels as a Volume."""
    centre = volume.geometry.nearest_voxel(centre_lps)
    assert centre is not None
    start = [
        max(0, min(c - n // 2, whole - n))
        for c, n, whole in zip(centre, shape, volume.hu.shape, strict=True)
    ]
    box = tuple(slice(at, at + n) for at, n in zip(start, shape, strict=True))
    geometry = volume.geometry.cropped((start[0], start[1], start[2]), shape)
    return box, Volume(geometry, np.ascontiguousarray(volume.hu[box]), volume.series)


def test_an_unknown_card_costs_one_sentence(worker: Worker, scan: Volume, lent: Block) -> None:
    with Block.create(scan.hu.shape, "uint8") as out:
        answer = worker.answer(SegmentLungs("lungs-2", "no-such", ref_of(scan, lent), out.ref))
    assert isinstance(answer, Failed) and "no-such" in answer.sentence


def test_a_block_that_was_freed_costs_one_sentence(
    worker: Worker, scan: Volume, lent: Block
) -> None:
    gone = BlockRef("hilum-1-1", scan.hu.shape, "uint8")
    answer = worker.answer(SegmentLungs("lungs-3", "lungs-classical", ref_of(scan, lent), gone))
    assert isinstance(answer, Failed) and "hilum-1-1" in answer.sentence


def test_a_request_that_breaks_the_contract_costs_one_sentence(
    worker: Worker, scan: Volume, lent: Block
) -> None:
    wrong = BlockRef(lent.ref.name, (1, 2, 3), "uint8")
    answer = worker.answer(SegmentLungs("lungs-4", "lungs-classical", ref_of(scan, lent), wrong))
    assert isinstance(answer, Failed) and "uint8 block of the volume's shape" in answer.sentence


def test_the_worker_aligns_lungs_as_the_recipe_does(worker: Worker) -> None:
    lungs = chest("small", 7).lungs
    affine = tuple(float(n) for n in lungs.geometry.affine.ravel())
    moved = (*affine[:11], affine[11] + 20.0, *affine[12:])  # 20 mm higher
    with Block.create(lungs.labels.shape, "uint8") as block:
        block.array[...] = lungs.labels
        fixed, moving = LabelsRef(block.ref, affine), LabelsRef(block.ref, moved)
        answer = worker.answer(AlignLungs("align-1", fixed, moving))
    assert isinstance(answer, LungsAligned)
    assert answer.matrix[11] == pytest.approx(-20.0, abs=0.5)


def test_the_worker_learns_what_the_policy_itself_would_learn(worker: Worker) -> None:
    text = to_json(prior())
    answer = worker.answer(Learn("learn-1", text, "[]"))
    assert answer == Learnt("learn-1", learn_json(text, "[]"))
    assert isinstance(worker.answer(Learn("learn-2", "no policy", "[]")), Failed)


def test_a_scan_that_is_no_chest_is_refused_as_unfit_unless_a_reader_wants_it(
    worker: Worker, scan: Volume
) -> None:
    with (
        Block.create(scan.hu.shape, "int16") as hu,
        Block.create(scan.hu.shape, "uint8") as out,
    ):
        hu.array[...] = np.where(scan.hu > 150, 40, scan.hu)  # a body without a bone
        request = SegmentLungs("lungs-9", "lungs-classical", ref_of(scan, hu), out.ref)
        refused = worker.answer(request)
        assert isinstance(refused, Failed) and refused.unfit and "no bone" in refused.sentence
        assert not out.array.any()
        wanted = worker.answer(replace(request, job="lungs-10", anyway=True))
        assert isinstance(wanted, LungsDone), wanted
        assert (wanted.fit.level, wanted.fit.by_reader) == ("red", True)
        assert refused.sentence in wanted.fit.reasons and out.array.any()
        assert "gate refused" in wanted.made_by.remark, "it stays with the mask"


def test_the_worker_tells_where_another_model_disagrees(
    worker: Worker, scan: Volume, lent: Block, lungs: LungsResult
) -> None:
    """The lungs that are shown lack a block of 40 mm; the classical ones have it."""
    with (
        Block.create(scan.hu.shape, "uint8") as shown,
        Block.create(scan.hu.shape, "uint8") as out,
    ):
        shown.array[...] = lungs.label_map.labels
        k, j, i = (int(n) for n in np.argwhere(lungs.label_map.labels == 1).mean(axis=0))
        hole = (slice(k - 6, k + 6), slice(j - 11, j + 11), slice(i - 11, i + 11))
        missing = shown.array[hole] == 1
        shown.array[hole][missing] = 0
        request = CompareLungs(
            "compare-1", "lungs-classical", ref_of(scan, lent), shown.ref, out.ref
        )
        answer = worker.answer(request)
        assert isinstance(answer, ComparedLungs), answer
        place = answer.places[0]
        assert (place.kind, place.side) == ("only-other", 1)
        ml = missing.sum() * scan.geometry.voxel_mm3 / 1000
        assert place.volume_ml == pytest.approx(ml, rel=0.15)
        np.testing.assert_array_equal(out.array[hole] > 0, missing)
