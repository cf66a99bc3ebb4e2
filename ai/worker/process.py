"""The AI's own process: recipes on lent blocks. Torch is loaded here and nowhere else."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ai.errors import OutOfMemory
from ai.scan.finding import Finding
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from ai.scan.volume import Volume
from ai.worker.child import Line
from ai.worker.contract import check_request, geometry_of
from ai.worker.messages import (
    PROTOCOL,
    AlignLungs,
    ChanceMapped,
    ComparedLungs,
    CompareLungs,
    FindNodules,
    FoundNodule,
    Hello,
    LabelsRef,
    Learn,
    Learnt,
    LungsAligned,
    LungsDone,
    MapChance,
    MaskRef,
    NodulesDone,
    SegmentLungs,
    VolumeRef,
)
from ai.worker.serve import Handler, Task, serve
from ai.worker.shared import Block

if TYPE_CHECKING:
    from ai.models.card import ModelCard


def main(line: Line) -> None:
    """What the child runs: load torch, say Hello, then answer requests until Stop."""
    threads = max(1, _cores() - 1)  # one core stays the window's
    os.environ.setdefault("ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS", str(threads))
    line.send(Hello(PROTOCOL, os.getpid(), _load_torch(threads)))
    handlers: dict[type, Handler] = {
        SegmentLungs: segment_lungs,
        CompareLungs: compare_lungs,
        MapChance: map_chance,
        FindNodules: find_nodules,
        Learn: learn,
        AlignLungs: align_lungs,
    }
    serve(line, handlers, check=check_request)


def segment_lungs(request: SegmentLungs, task: Task) -> LungsDone:
    """Lungs into the block that was lent; figures come back."""
    from ai.lungs.segment import segment_lungs as recipe

    card = _card(request.card)
    with Block.attach(request.volume.block) as hu, Block.attach(request.out, writable=True) as out:
        volume = volume_of(request.volume, hu.array)
        result = recipe(volume, card=card, anyway=request.anyway, on_progress=task.progress)
        task.stop_if_cancelled()
        out.array[...] = result.label_map.labels
        made_by = result.label_map.made_by
        return LungsDone(request.job, made_by, result.figures, result.warnings, result.fit)


def compare_lungs(request: CompareLungs, task: Task) -> ComparedLungs:
    """The lungs by another model, and where they differ from those that were lent."""
    from ai.lungs.compare import compare
    from ai.lungs.segment import segment_lungs as recipe

    card = _card(request.card)
    with (
        Block.attach(request.volume.block) as hu,
        Block.attach(request.lungs) as shown,
        Block.attach(request.out, writable=True) as out,
    ):
        volume = volume_of(request.volume, hu.array)
        # The scan was judged when the lungs that are shown were made.
        result = recipe(volume, card=card, anyway=True, on_progress=task.progress)
        task.stop_if_cancelled()
        found = compare(shown.array, result.label_map.labels, volume.geometry)
        out.array[...] = found.mask
        return ComparedLungs(request.job, result.label_map.made_by, found.dice, found.places)


def map_chance(request: MapChance, task: Task) -> ChanceMapped:
    """The network's chances of lung into the block that was lent."""
    from ai.lungs.chance import chance_of_lung

    card = _card(request.card)
    with Block.attach(request.volume.block) as hu, Block.attach(request.out, writable=True) as out:
        volume = volume_of(request.volume, hu.array)
        chance, made_by = chance_of_lung(volume, card=card, on_progress=task.progress)
        task.stop_if_cancelled()
        out.array[...] = chance
        return ChanceMapped(request.job, made_by)


def find_nodules(request: FindNodules, task: Task) -> NodulesDone:
    """Candidates, their voxels in the arena that was lent."""
    from ai.nodules.detect import find_nodules as recipe

    card = _card(request.card)
    with (
        Block.attach(request.volume.block) as hu,
        Block.attach(request.lungs) as labels,
        Block.attach(request.out, writable=True) as arena,
    ):
        volume = volume_of(request.volume, hu.array)
        lungs = LabelMap(volume.geometry, labels.array, LUNGS, MadeBy("", ""))
        found = recipe(volume, lungs, card=card, on_progress=task.progress)
        task.stop_if_cancelled()
        return NodulesDone(request.job, card.made_by, put_masks(found, arena.array))


def learn(request: Learn, task: Task) -> Learnt:
    """A policy that has learnt from readings that ended."""
    from ai.agent.learning import learn_json

    return Learnt(request.job, learn_json(request.policy, request.feedback))


def align_lungs(request: AlignLungs, task: Task) -> LungsAligned:
    """The motion from one scan's lungs to the other's."""
    from ai.lungs.align import align_lungs as recipe

    with (
        Block.attach(request.fixed.block) as fixed,
        Block.attach(request.moving.block) as moving,
    ):
        found = recipe(
            labels_of(request.fixed, fixed.array),
            labels_of(request.moving, moving.array),
            on_progress=task.progress,
        )
        matrix = tuple(float(n) for n in found.matrix.ravel())
        return LungsAligned(request.job, matrix, found.median_mm, found.near)


def labels_of(ref: LabelsRef, labels: NDArray[np.uint8]) -> LabelMap:
    """Lungs that a reference describes, on the attached array."""
    k, j, i = ref.block.shape
    affine = np.array(ref.affine, dtype=np.float64).reshape(4, 4)
    return LabelMap(Geometry((k, j, i), affine), labels, LUNGS, MadeBy("", ""))


def volume_of(ref: VolumeRef, hu: NDArray[np.int16]) -> Volume:
    """The Volume that a reference describes, on the attached array."""
    return Volume(geometry_of(ref), hu, ref.series)


def put_masks(found: Sequence[Finding], arena: NDArray[np.uint8]) -> tuple[FoundNodule, ...]:
    """Findings without voxels, and where in the arena (uint8, one axis) their boxes lie.

    Raises OutOfMemory when the arena is too small.
    """
    put, offset = [], 0
    for finding in found:
        if finding.mask is None:
            continue
        box = finding.mask.voxels
        end = offset + box.size
        if end > arena.size:
            need = sum(f.mask.voxels.size for f in found if f.mask is not None)
            raise OutOfMemory(
                f"The masks of {len(found)} candidates need {need / 1e6:.1f} MB, "
                f"and {arena.size / 1e6:.1f} MB were lent.",
                "Run it again.",
            )
        arena[offset:end] = box.reshape(-1)
        k, j, i = box.shape
        ref = MaskRef(offset, (k, j, i), finding.mask.start_kji)
        put.append(FoundNodule(dataclasses.replace(finding, mask=None), ref))
        offset = end
    return tuple(put)


def _card(card_id: str) -> ModelCard:
    from ai.models.card import load_card

    return load_card(card_id)


def _load_torch(threads: int) -> tuple[tuple[str, str], ...]:
    """Versions for Hello; torch may be missing, and models without it still run."""
    versions = [("numpy", np.__version__)]
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: a library of its own does not load
        return (*versions, ("torch", f"missing: {error}"))
    torch.set_num_threads(threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return (*versions, ("torch", str(torch.__version__)), ("device", device))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
