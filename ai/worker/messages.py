"""All that crosses to and from a worker: frozen values, never voxels.

Voxels lie in shared memory blocks that the window's process creates, lends and frees. The samples
in the tests are the contract that a remote worker will have to meet.
"""

from __future__ import annotations

from dataclasses import dataclass

from ai.scan.check import CheckPlace
from ai.scan.finding import Finding
from ai.scan.fit import FITS, Fit
from ai.scan.labelmap import MadeBy, SegmentFigures

PROTOCOL = 1


@dataclass(frozen=True)
class BlockRef:
    """An array in shared memory: the block's name, the array's shape and numpy dtype name."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class VolumeRef:
    """A Volume by reference: HU block, affine (16 numbers, by row), frame of reference, series."""

    block: BlockRef
    affine: tuple[float, ...]
    frame_of_reference: str
    series: str


@dataclass(frozen=True)
class Hello:
    """The first word of a child: it is ready for work."""

    protocol: int
    pid: int
    versions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class SegmentLungs:
    """Write right (1) and left (2) lung of the volume into `out` (uint8, the volume's shape).

    anyway: the reader wants it although the gate refused the scan.
    """

    job: str
    card: str
    volume: VolumeRef
    out: BlockRef
    anyway: bool = False


@dataclass(frozen=True)
class CompareLungs:
    """Segment the lungs once more by this card, and tell where they differ from `lungs` (labels).

    Where they do, `out` (uint8, the volume's shape) gets a 1 for every voxel.
    """

    job: str
    card: str
    volume: VolumeRef
    lungs: BlockRef
    out: BlockRef


@dataclass(frozen=True)
class MapChance:
    """Write how likely this card's network holds each place to be lung into `out` (uint8, 255 for
    a chance of 1, on ai.scan.chance.map_grid of the volume)."""

    job: str
    card: str
    volume: VolumeRef
    out: BlockRef


@dataclass(frozen=True)
class FindNodules:
    """Find candidates in the `lungs` (uint8 labels) of a volume; masks go into the arena `out`."""

    job: str
    card: str
    volume: VolumeRef
    lungs: BlockRef
    out: BlockRef


@dataclass(frozen=True)
class Learn:
    """Learn a policy's persistent parameters from readings that ended.

    policy: the policy as JSON text. feedback: JSON text of the rows that ai.agent.policy.learn
    takes.
    """

    job: str
    policy: str
    feedback: str


@dataclass(frozen=True)
class LabelsRef:
    """Lungs by reference: their block (uint8, 1 right, 2 left) and affine (16 numbers, by row)."""

    block: BlockRef
    affine: tuple[float, ...]


@dataclass(frozen=True)
class AlignLungs:
    """Where the lungs of one scan lie in another scan of the same patient."""

    job: str
    fixed: LabelsRef
    moving: LabelsRef


@dataclass(frozen=True)
class Cancel:
    """This job is no longer wanted; any other job is left alone."""

    job: str


@dataclass(frozen=True)
class Stop:
    """End yourself, in order."""


@dataclass(frozen=True)
class Progress:
    """How far a job is, from 0 to 1, and the step's name."""

    job: str
    fraction: float
    step: str = ""


@dataclass(frozen=True)
class MaskRef:
    """A bool box in an arena of bytes: where it begins, its shape, and its place on the grid."""

    offset: int
    shape: tuple[int, int, int]
    start_kji: tuple[int, int, int]


@dataclass(frozen=True)
class FoundNodule:
    """A Finding whose voxels lie in the arena (finding.mask is None)."""

    finding: Finding
    mask: MaskRef


@dataclass(frozen=True)
class LungsDone:
    job: str
    made_by: MadeBy
    figures: tuple[SegmentFigures, ...]
    warnings: tuple[str, ...] = ()
    fit: Fit = FITS


@dataclass(frozen=True)
class ComparedLungs:
    """dice: of the right and the left lung, -1 where both masks have none; places: to look at."""

    job: str
    made_by: MadeBy
    dice: tuple[float, float]
    places: tuple[CheckPlace, ...]


@dataclass(frozen=True)
class ChanceMapped:
    job: str
    made_by: MadeBy


@dataclass(frozen=True)
class NodulesDone:
    job: str
    made_by: MadeBy
    found: tuple[FoundNodule, ...]


@dataclass(frozen=True)
class Learnt:
    job: str
    policy: str


@dataclass(frozen=True)
class LungsAligned:
    """matrix: 16 numbers by row, LPS mm of the moving scan to the fixed one; how well they agree
    as ai.lungs.align.Alignment says."""

    job: str
    matrix: tuple[float, ...]
    median_mm: float
    near: float


@dataclass(frozen=True)
class Failed:
    """A job that could not be done: why, for the reader, and what to try.

    unfit: the gate refused the scan; the reader may want it all the same.
    """

    job: str
    sentence: str
    remedy: str = ""
    cancelled: bool = False
    unfit: bool = False


Request = SegmentLungs | CompareLungs | MapChance | FindNodules | Learn | AlignLungs | Cancel | Stop
Reply = (
    Hello
    | Progress
    | LungsDone
    | ComparedLungs
    | ChanceMapped
    | NodulesDone
    | Learnt
    | LungsAligned
    | Failed
)
