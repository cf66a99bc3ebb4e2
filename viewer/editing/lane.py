"""Operations and counting on whole masks, as the process beside the window does them."""

from __future__ import annotations

import numpy as np

from ai.nodules.measure import claimed, measure
from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from ai.worker.messages import VolumeRef
from ai.worker.serve import Task
from ai.worker.shared import Block
from viewer.editing.difference import tight
from viewer.editing.messages import ChangeMask, CountMask, MaskChanged, MaskCounted
from viewer.editing.operations import SPLIT, carry_out


def change(request: ChangeMask, task: Task) -> MaskChanged:
    """What an operation flips, into the block that was lent."""
    with Block.attach(request.block, writable=True) as block:
        labels = block.array
        mask = labels > 0
        after = carry_out(request.operation, mask, request.spacing_kji_mm, request.voxel_mm3)
        if request.operation.name != SPLIT:
            after = after ^ mask.view(np.uint8)
        np.copyto(labels, after)
        box = tight(after)
    if box is None:
        return MaskChanged(request.job, (0, 0, 0), (0, 0, 0))
    start = (box[0].start, box[1].start, box[2].start)
    k, j, i = (side.stop - side.start for side in box)
    return MaskChanged(request.job, start, (k, j, i))


def count(request: CountMask, task: Task) -> MaskCounted:
    """Figures of a mask on the stored HU of its scan. Raises ValueError for an empty mask."""
    with Block.attach(request.volume.block) as hu, Block.attach(request.block) as block:
        volume = Volume(geometry_of(request.volume), hu.array, request.volume.series)
        mask = BoxMask(request.start_kji, block.array > 0)
        found = claimed(measure(volume, mask))
        middle = np.argwhere(mask.voxels).mean(axis=0) + mask.start_kji
        x, y, z = (float(mm) for mm in volume.geometry.lps_of(middle))
        last = volume.geometry.shape_kji[0] - 1
        nearest = int(np.clip(round(float(middle[0])), 0, last))
        del volume  # its arrays look into the block
    return MaskCounted(request.job, (x, y, z), nearest, found)


def geometry_of(ref: VolumeRef) -> Geometry:
    """The grid that a reference to a volume describes."""
    k, j, i = ref.block.shape
    return Geometry((k, j, i), np.array(ref.affine).reshape(4, 4), ref.frame_of_reference)
