"""All that crosses to and from an I/O process, beside the words it shares with the AI's worker.

Voxels of a volume or of the lungs lie in lent blocks. Series and findings' small masks travel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ai.scan.geometry import Geometry
from ai.scan.labelmap import MadeBy, Segment
from ai.scan.volume import Volume
from ai.worker.messages import BlockRef
from viewer.dicom.header_details import Details
from viewer.dicom.series import Opened, Series

if TYPE_CHECKING:  # both load pydicom, which the window's process leaves for later
    from viewer.dicom.masks.content import NamedMask
    from viewer.reading.out.passport import Passport
    from viewer.reading.out.request import ExportRequest


@dataclass(frozen=True)
class Look:
    """What does this path hold? Answered by Found.

    only: of a folder nothing but these files and folders. unpack_to: a folder, not there yet, for
    the content of an archive; the client fills it in.
    """

    job: str
    path: str
    unpack_to: str = ""
    only: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Found:
    job: str
    opened: Opened


@dataclass(frozen=True, eq=False)
class Load:
    """Decode a series into `block` (int16, its geometry's shape), slice first_k first.

    Answered by some SlicesReady, then Loaded.
    """

    job: str
    series: Series
    block: BlockRef
    first_k: int = 0


@dataclass(frozen=True)
class SlicesReady:
    """These slices of the block now hold HU."""

    on_the_way: ClassVar[bool] = True
    job: str
    ks: tuple[int, ...]


@dataclass(frozen=True)
class Loaded:
    """Every slice was tried; sentences name those that could not be read, spoilt are their k."""

    job: str
    sentences: tuple[str, ...] = ()
    spoilt: tuple[int, ...] = ()


@dataclass(frozen=True)
class MakeDemo:
    """Write the demo study of that size into a folder, unless it lies there; then DemoMade.

    pair: an earlier study of the same patient beside it.
    """

    job: str
    folder: str
    size: Literal["full", "small", "tiny"] = "full"
    pair: bool = False


@dataclass(frozen=True)
class DemoMade:
    """study_uid: the one to open, where several lie at the path."""

    job: str
    path: str
    study_uid: str = ""


@dataclass(frozen=True, eq=False)
class LabelsRef:
    """A LabelMap whose labels lie in a block."""

    block: BlockRef
    geometry: Geometry
    segments: tuple[Segment, ...]
    made_by: MadeBy


@dataclass(frozen=True, eq=False)
class Export:
    """Write what a reading exports and read it back. Answered by ExportDone.

    request: with lungs=None where `labels` stands for them, and volume=None where `volume`, the
    block of the scan's HU, does.
    """

    job: str
    request: ExportRequest
    labels: LabelsRef | None = None
    volume: BlockRef | None = None


@dataclass(frozen=True)
class ExportDone:
    """The files that were written, read back and renamed, and what to tell of them.

    objects: role (lungs, nodules, sr ...) and SHA-256 of each file, the passport's own apart.
    passport: what was proven of each; None where nothing was written.
    """

    job: str
    files: tuple[str, ...]
    sentences: tuple[str, ...] = ()
    objects: tuple[tuple[str, str], ...] = ()
    passport: Passport | None = None


@dataclass(frozen=True, eq=False)
class ReadSeg:
    """Read a SEG, contours or a NIfTI onto a series; lungs go into `out` (uint8, its shape).

    holds: who made the lungs of an earlier file that lie in `out`. Answered by SegRead.
    """

    job: str
    path: str
    series: Series
    out: BlockRef
    holds: MadeBy | None = None


@dataclass(frozen=True, eq=False)
class SegRead:
    """labels: the lungs in the block that was lent, or None where the file has none.

    joined: they lie there beside those of the earlier file, the other side's; else in their place.
    """

    job: str
    labels: LabelsRef | None
    findings: tuple[NamedMask, ...]
    sentences: tuple[str, ...] = ()
    joined: bool = False


@dataclass(frozen=True)
class ReadDetails:
    """What does the header of this slice's file say beyond its Series? Answered by DetailsRead."""

    job: str
    path: str
    frame: int = 0


@dataclass(frozen=True)
class DetailsRead:
    job: str
    details: Details


@dataclass(frozen=True, eq=False)
class ReadPicture:
    """What does the middle of this series look like? Answered by PictureRead."""

    job: str
    series: Series


@dataclass(frozen=True, eq=False)
class PictureRead:
    """picture: one slice, small; None where none can be decoded."""

    job: str
    picture: Volume | None


@dataclass(frozen=True, eq=False)
class WriteNifti:
    """Write labels to a path that must be free. Answered by NiftiWritten."""

    job: str
    path: str
    series: Series
    labels: LabelsRef


@dataclass(frozen=True)
class NiftiWritten:
    job: str
    path: str


@dataclass(frozen=True, eq=False)
class WriteCopy:
    """A de-identified copy of a series into a folder that is new or empty; then CopyWritten.

    folder: empty for a preview, which writes nothing and is answered by CopyPreviewed.
    """

    job: str
    series: Series
    folder: str = ""
    keep_dates: bool = False


@dataclass(frozen=True)
class Change:
    """What a copy does to one attribute. action: as PS3.15 names it; becomes: its new value."""

    tag: str
    name: str
    action: str
    becomes: str = ""


@dataclass(frozen=True)
class CopyPreviewed:
    job: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class CopyWritten:
    """files: how many were written. sentences: what to tell, files that were left out among it."""

    job: str
    folder: str
    files: int
    sentences: tuple[str, ...] = ()


IoRequest = (
    Look | Load | MakeDemo | Export | ReadSeg | ReadDetails | ReadPicture | WriteNifti | WriteCopy
)
IoReply = (
    Found
    | SlicesReady
    | Loaded
    | DemoMade
    | ExportDone
    | SegRead
    | DetailsRead
    | PictureRead
    | NiftiWritten
    | CopyPreviewed
    | CopyWritten
)
