"""Studies and series as their headers tell them: values that the rest of the viewer speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ai.scan.geometry import Geometry
from viewer.dicom.value_table import ValueTable

OPENS, WARNS, REFUSED = "opens", "opens_with_warning", "refused"

NOTHING_HERE = -1
"""The image number of a level where no slice was scanned."""


@dataclass(frozen=True)
class Patient:
    """Who was scanned, as the header says; empty where it says nothing. Never logged.

    issuer: who gave the id; the same id of another issuer is another patient's.
    """

    name: str = ""
    id: str = ""
    sex: str = ""
    age: str = ""
    birth_date: str = ""
    issuer: str = ""


@dataclass(frozen=True)
class StoredWindow:
    """A grey window as a header stores it, in HU."""

    width_hu: float
    level_hu: float


@dataclass(frozen=True)
class SliceFile:
    """One stored slice: its file, identity, place along the normal, and how its pixels are stored.

    frame: index of the frame in a multi-frame file, 0 otherwise. pixel_offset: byte offset of this
    frame's uncompressed little-endian pixels in the file, or -1 where a decoder must be asked; then
    stored_at and stored_length tell where the pixel value of all `frames` lies (-1: length untold).
    here: False for a level of an uneven series where nothing was scanned; only its place is true.
    table: turns stored values into HU in place of slope and intercept. floating: they are floats.
    """

    path: Path
    sop_instance_uid: str
    sop_class_uid: str
    instance_number: int
    position_lps: tuple[float, float, float]
    transfer_syntax: str
    slope: float = 1.0
    intercept: float = 0.0
    bits_stored: int = 16
    signed: bool = True
    frame: int = 0
    pixel_offset: int = -1
    bits_allocated: int = 16
    high_bit: int = 15
    frames: int = 1
    stored_at: int = -1
    stored_length: int = -1
    thickness_mm: float = 0.0
    here: bool = True
    table: ValueTable | None = None
    floating: bool = False


EMPTY_LEVEL = SliceFile(Path(), "", "", NOTHING_HERE, (0.0, 0.0, 0.0), "", here=False)


@dataclass(frozen=True, eq=False)
class Series:
    """One series. `slices` lie in rising order along the slice normal (k of the volume).

    Where slices lie unevenly the volume is an even grid, and `slices` is the way back: for each k
    the slice shown there, some of them more than once, or an EMPTY_LEVEL where nothing was scanned.
    The AI is refused there. geometry: None where slices make no volume. warnings: sentences for the
    banner. ai_refusal: why the AI must not be asked, or empty. refusal: why it cannot be shown at
    all, or empty. part: 0 for the first stack found in a series, and 1, 2 ... for the others (a
    second phase, another orientation), which share its uid. window: the one its header stores;
    for values that are no HU, or may be none (in_hu), one that shows them at any rate.
    """

    uid: str
    study_uid: str
    frame_of_reference: str
    modality: str
    number: int
    description: str
    kernel: str
    rows: int
    columns: int
    thickness_mm: float | None
    original: bool
    axial: bool
    patient_position: str
    study_date: str
    study_description: str
    patient: Patient
    slices: tuple[SliceFile, ...]
    geometry: Geometry | None
    warnings: tuple[str, ...] = ()
    ai_refusal: str = ""
    refusal: str = ""
    part: int = 0
    window: StoredWindow | None = None
    in_hu: bool = True
    study_time: str = ""

    @property
    def key(self) -> str:
        """What tells this stack from every other: readings, pictures and finding ids hang on it."""
        return f"{self.uid}#{self.part}" if self.part else self.uid

    @cached_property
    def sources(self) -> tuple[SliceFile, ...]:
        """The stored slices, each once, in the order of k."""
        return tuple(dict.fromkeys(piece for piece in self.slices if piece.here))

    def image_number(self, slice_index: int) -> int:
        """The Instance Number of slice k, as readers name images; NOTHING_HERE where none is."""
        return self.slices[slice_index].instance_number


@dataclass(frozen=True, eq=False)
class Opened:
    """What a path holds: the outcome, sentences for the reader, and the series that can be shown.

    series are in order of preference: the first is the default one. segs: DICOM-SEG files seen
    there; a file of contours or a NIfTI where that alone was opened. contours: RT Structure Sets
    that lie beside the series and name the study of the first of them; nothing of them was read.
    """

    path: Path
    outcome: str
    sentences: tuple[str, ...]
    series: tuple[Series, ...]
    segs: tuple[Path, ...] = ()
    contours: tuple[Path, ...] = ()


def contours_sentence(contours: Sequence[Path]) -> str:
    """That contours lie beside a scan; nothing where there are none."""
    if not contours:
        return ""
    names = ", ".join(path.name for path in contours[:3]) + (" …" if len(contours) > 3 else "")
    return f"Contours (RT Structure Set) lie beside this scan and can be laid on it: {names}."
