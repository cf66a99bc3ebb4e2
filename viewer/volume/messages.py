"""All that crosses between the window and the process that renders: frozen values, never voxels.

Voxels and pictures lie in shared blocks that the window's process creates, lends and frees.
"""

from __future__ import annotations

from dataclasses import dataclass

from ai.worker.messages import BlockRef, MaskRef, VolumeRef
from viewer.volume.camera import VolumeCamera

Rgb = tuple[float, float, float]
"""A colour, each part from 0 to 1."""

GPU, CPU = "gpu", "cpu"


@dataclass(frozen=True)
class ShowScan:
    """From now on this scan; None for none. What was shown before is forgotten, blocks let go.

    gradient: what the tables of gradient opacity are multiplied by (kernel and slice thickness).
    """

    volume: VolumeRef | None
    gradient: float = 1.0


@dataclass(frozen=True)
class Shell:
    """A segment drawn as a shell of glass: its label in the block, its colour."""

    label: int
    rgb: Rgb


@dataclass(frozen=True)
class ShowLungs:
    """Where the lungs are: labels (uint8) with their affine (16 numbers, by row), and shells.

    Presets that look into the lungs look into every voxel whose label is not 0.
    """

    labels: BlockRef | None
    affine: tuple[float, ...] = ()
    shells: tuple[Shell, ...] = ()


@dataclass(frozen=True)
class Shape:
    """The voxels of one finding, on the scan's grid, in an arena of bytes."""

    id: str
    mask: MaskRef


@dataclass(frozen=True)
class ShowShapes:
    """The shapes of all findings there are; those that were shown before are forgotten."""

    arena: BlockRef | None
    shapes: tuple[Shape, ...] = ()


@dataclass(frozen=True)
class Tint:
    """A finding that is drawn, and in which colour; as a ball where its shape is not known."""

    id: str
    rgb: Rgb
    centre_lps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    radius_mm: float = 1.0


@dataclass(frozen=True)
class ShowFindings:
    """Which findings are drawn: those listed, no others."""

    tints: tuple[Tint, ...] = ()


@dataclass(frozen=True)
class Look:
    """One picture, please. turn: its number. out: bytes, at least 4 x height x width.

    camera: mm_per_px of logical pixels. width, height: of the picture in its own pixels; ratio:
    how many of those make a logical one. moving: sooner is better than finer. preset: its id.
    hidden: labels whose shell is not drawn.
    """

    turn: int
    out: BlockRef
    camera: VolumeCamera
    width: int
    height: int
    ratio: float
    preset: str
    moving: bool = False
    hidden: tuple[int, ...] = ()


@dataclass(frozen=True)
class Ready:
    """The first word: a picture can be drawn. driver: what renders; route: GPU or CPU.

    probe_ms: what the timed picture of the probe took.
    """

    driver: str
    route: str
    probe_ms: float


@dataclass(frozen=True)
class Drawn:
    """The answer to a Look: its picture lies at the start of `out`, rows from the top, RGBA.

    full: nothing was left out for speed; else step: where on the ladder it stands. airway: whether
    there was one to follow; blood: whether contrast makes it shine (None: not asked for).
    """

    turn: int
    width: int
    height: int
    full: bool
    draw_ms: float
    step: int = 0
    airway: bool | None = None
    blood: bool | None = None


@dataclass(frozen=True)
class Dropped:
    """The answer to a Look that was given up, because something newer was asked."""

    turn: int


@dataclass(frozen=True)
class Trouble:
    """The answer to a Look that cannot be drawn: why, and what to try."""

    turn: int
    sentence: str
    remedy: str = ""


@dataclass(frozen=True)
class Setup:
    """How the process is to be started. threads: at most so many. software: leave the GPU alone."""

    threads: int
    software: bool = False


Question = ShowScan | ShowLungs | ShowShapes | ShowFindings | Look
Answer = Ready | Drawn | Dropped | Trouble
