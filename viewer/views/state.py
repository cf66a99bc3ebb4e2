"""What the panes show: values that travel between panes, window and panels."""

from __future__ import annotations

from dataclasses import dataclass

from viewer.views.slab import NO_SLAB, Slab
from viewer.views.turning import STRAIGHT, ThreePlanes

Lps = tuple[float, float, float]

WINDOW, HAND, ZOOM, CROSSHAIR = "window", "hand", "zoom", "crosshair"
TOOLS = (WINDOW, HAND, ZOOM, CROSSHAIR)
"""What a left drag does: grey window, pan, zoom, crosshair."""

ALL_TEXT, FEW_TEXT, NO_TEXT = "all", "few", "none"
TEXT_LEVELS = (ALL_TEXT, FEW_TEXT, NO_TEXT)

NARROWEST_HU = 1.0


@dataclass(frozen=True)
class Window:
    """A grey window: width and level (centre) in HU."""

    width: float
    level: float

    def __post_init__(self) -> None:
        if not self.width >= NARROWEST_HU:
            raise ValueError(f"a window is at least {NARROWEST_HU:g} HU wide, not {self.width:g}")


LUNG_WINDOW = Window(1500, -600)


@dataclass(frozen=True)
class ViewState:
    """All that the panes share; Panes owns the one that counts.

    crosshair_lps: mm. fill: opacity of segments, 0 to 1; hidden: numbers of those not drawn.
    moving: the crosshair is being dragged. text_level: one of TEXT_LEVELS. patient_hidden: no
    name, id or age in any corner. slab: how thick the cuts are. planes: how the cuts lie.
    """

    crosshair_lps: Lps = (0.0, 0.0, 0.0)
    window: Window = LUNG_WINDOW
    invert: bool = False
    tool: str = WINDOW
    show_marks: bool = True
    show_outlines: bool = True
    show_crosshair: bool = True
    fill: float = 0.0
    hidden: frozenset[int] = frozenset()
    moving: bool = False
    text_level: str = ALL_TEXT
    patient_hidden: bool = False
    slab: Slab = NO_SLAB
    planes: ThreePlanes = STRAIGHT


EDITING = "editing"
"""A mark whose mask is being edited: it keeps the crosshair away and is not drawn."""


@dataclass(frozen=True)
class Mark:
    """A finding as a ring on the image.

    number: what its tag says. radius_mm: half its longest axis. state: a state of the reading
    (proposed, undecided, accepted, edited, rejected, added, held). by_ai: whether an AI showed it.
    name: all of it, said where another mark of the pane has the same number.
    """

    id: str
    number: int | str
    centre_lps: Lps
    radius_mm: float
    state: str
    current: bool = False
    by_ai: bool = True
    name: str = ""


@dataclass(frozen=True)
class PaneText:
    """What stands in the upper corners of the axial pane, line by line; patient can be hidden."""

    patient: tuple[str, ...] = ()
    study: tuple[str, ...] = ()


@dataclass(frozen=True)
class Probe:
    """What lies under the pointer: plane of the pane, place in mm, HU (None outside the scan)."""

    plane: str
    lps: Lps
    hu: int | None
