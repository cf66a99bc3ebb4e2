"""One file's header: the few facts by which slices are known, grouped and placed."""

from __future__ import annotations

import re
import struct
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from viewer.dicom.elements import PIXEL_TAGS, Elements, read_elements
from viewer.dicom.series import StoredWindow
from viewer.dicom.value_table import ValueTable
from viewer.dicom.voi import stored_window

CHARSET, IMAGE_TYPE, SOP_CLASS, SOP_INSTANCE = 0x00080005, 0x00080008, 0x00080016, 0x00080018
STUDY_DATE, STUDY_TIME, MODALITY = 0x00080020, 0x00080030, 0x00080060
STUDY_DESCRIPTION = 0x00081030
SERIES_DESCRIPTION = 0x0008103E
PATIENT_NAME, PATIENT_ID, BIRTH_DATE, SEX, AGE = (
    0x00100010, 0x00100020, 0x00100030, 0x00100040, 0x00101010,
)  # fmt: skip
THICKNESS, KERNEL, PATIENT_POSITION = 0x00180050, 0x00181210, 0x00185100
STUDY_UID, SERIES_UID, SERIES_NUMBER, ACQUISITION, INSTANCE_NUMBER = (
    0x0020000D, 0x0020000E, 0x00200011, 0x00200012, 0x00200013,
)  # fmt: skip
POSITION, ORIENTATION, FRAME_OF_REFERENCE = 0x00200032, 0x00200037, 0x00200052
SAMPLES, PHOTOMETRIC, FRAMES, ROWS, COLUMNS = (
    0x00280002, 0x00280004, 0x00280008, 0x00280010, 0x00280011,
)  # fmt: skip
PIXEL_SPACING, BITS_ALLOCATED, BITS_STORED, HIGH_BIT, SIGNED = (
    0x00280030, 0x00280100, 0x00280101, 0x00280102, 0x00280103,
)  # fmt: skip
INTERCEPT, SLOPE, RESCALE_TYPE, LOSSY, MODALITY_LUT = (
    0x00281052, 0x00281053, 0x00281054, 0x00282110, 0x00283000,
)  # fmt: skip
ISSUER = 0x00100021
WINDOW_CENTRE, WINDOW_WIDTH, WINDOW_SHAPE = 0x00281050, 0x00281051, 0x00281056
SHARED_GROUPS, FRAME_GROUPS, DIRECTORY = 0x52009229, 0x52009230, 0x00041220

WANTED = frozenset(
    value for name, value in list(globals().items()) if name.isupper() and isinstance(value, int)
)

LONGEST_TEXT = 256
FLOAT_PIXELS = {0x7FE00008: 32, 0x7FE00009: 64}
"""Tags of floating pixels, with the bits of each."""


@dataclass(frozen=True)
class Place:
    """Where one frame lies and how its numbers become HU; None where the header gives no number.

    problem: what makes it unplaceable, as a clause of a sentence, or empty. window: the grey window
    stored with it. kernel, rescale_type: where not the plain header but the groups of an enhanced
    file or the table of values tell them, else empty. table: in place of slope and intercept.
    """

    position_lps: tuple[float, float, float] | None
    orientation: tuple[float, ...] | None
    spacing_row_column_mm: tuple[float, float] | None
    slope: float | None
    intercept: float | None
    thickness_mm: float | None
    problem: str = ""
    window: StoredWindow | None = None
    kernel: str = ""
    rescale_type: str = ""
    table: ValueTable | None = None


@dataclass(frozen=True)
class Header:
    """What one file says. Texts are decoded, cleaned of control characters, cut when endless."""

    path: Path
    elements: Elements = field(repr=False)
    place: Place
    sop_class: str
    sop_instance: str
    study_uid: str
    series_uid: str
    frame_of_reference: str
    modality: str
    image_type: tuple[str, ...]
    series_number: int
    acquisition: int
    instance_number: int
    rows: int
    columns: int
    samples: int
    photometric: str
    frames: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    rescale_type: str
    lossy: str

    @property
    def has_pixels(self) -> bool:
        return self.elements.pixel_tag in PIXEL_TAGS and self.elements.pixels_length != 0

    @property
    def is_directory(self) -> bool:
        return DIRECTORY in self.elements.values

    @property
    def is_floating(self) -> bool:
        """Whether its pixels are Float or Double Float Pixel Data."""
        return self.elements.pixel_tag in FLOAT_PIXELS

    @property
    def has_modality_lut(self) -> bool:
        return MODALITY_LUT in self.elements.values

    @property
    def has_functional_groups(self) -> bool:
        return FRAME_GROUPS in self.elements.values or SHARED_GROUPS in self.elements.values

    def text(self, tag: int) -> str:
        """A text field, decoded by the file's character set; empty where absent."""
        raw = self.elements.values.get(tag, (b"", b""))[1]
        return decoded(raw, self.elements.values.get(CHARSET, (b"", b""))[1])


def read_header(path: Path) -> Header:
    """The header of one file. Raises elements.UnreadableError, or OSError when the disk refuses."""
    return header_of(path, read_elements(path, WANTED))


def header_of(path: Path, found: Elements) -> Header:
    """The typed header of elements already walked."""
    bits = _whole(found, BITS_ALLOCATED, 16)
    stored = _whole(found, BITS_STORED, bits)
    return Header(
        path=path,
        elements=found,
        place=_place(found),
        sop_class=_uid(found, SOP_CLASS),
        sop_instance=_uid(found, SOP_INSTANCE),
        study_uid=_uid(found, STUDY_UID),
        series_uid=_uid(found, SERIES_UID),
        frame_of_reference=_uid(found, FRAME_OF_REFERENCE),
        modality=_word(found, MODALITY),
        image_type=tuple(part.strip() for part in _word(found, IMAGE_TYPE).split("\\")),
        series_number=_counted(found, SERIES_NUMBER),
        acquisition=_counted(found, ACQUISITION),
        instance_number=_counted(found, INSTANCE_NUMBER),
        rows=_whole(found, ROWS, 0),
        columns=_whole(found, COLUMNS, 0),
        samples=_whole(found, SAMPLES, 1),
        photometric=_word(found, PHOTOMETRIC),
        frames=max(1, _counted(found, FRAMES, 1)),
        bits_allocated=bits,
        bits_stored=stored,
        high_bit=_whole(found, HIGH_BIT, stored - 1),
        signed=_whole(found, SIGNED, 0) == 1,
        rescale_type=_word(found, RESCALE_TYPE),
        lossy=_word(found, LOSSY),
    )


def _place(found: Elements) -> Place:
    problems: list[str] = []

    def numbers(tag: int, count: int, name: str, *, needed: bool) -> tuple[float, ...] | None:
        raw = _word(found, tag)
        if not raw:
            if needed:
                problems.append(f"the {name} is missing")
            return None
        values = decimals(raw)
        if values is None or len(values) != count:
            problems.append(f"the {name} reads “{_quoted(raw)}”")
            return None
        return values

    position = numbers(POSITION, 3, "position", needed=True)
    orientation = numbers(ORIENTATION, 6, "orientation", needed=True)
    spacing = numbers(PIXEL_SPACING, 2, "pixel spacing", needed=True)
    slope = numbers(SLOPE, 1, "rescale slope", needed=False)
    intercept = numbers(INTERCEPT, 1, "rescale intercept", needed=False)
    thickness = decimals(_word(found, THICKNESS))
    return Place(
        (position[0], position[1], position[2]) if position else None,
        orientation,
        (spacing[0], spacing[1]) if spacing else None,
        slope[0] if slope else None,
        intercept[0] if intercept else None,
        thickness[0] if thickness and len(thickness) == 1 else None,
        problems[0] if problems else "",
        stored_window(
            decimals(_word(found, WINDOW_CENTRE)),
            decimals(_word(found, WINDOW_WIDTH)),
            _word(found, WINDOW_SHAPE),
        ),
    )


def decimals(text: str) -> tuple[float, ...] | None:
    """The numbers of a DS value; None where any of them is no finite number."""
    values = []
    for part in text.split("\\"):
        try:
            value = float(part)
        except ValueError:
            return None
        if "_" in part or not abs(value) < float("inf"):
            return None
        values.append(value)
    return tuple(values)


def decoded(raw: bytes, charset: bytes = b"") -> str:
    """Text of stored bytes by the declared character set, else by what they look like.

    UTF-8 first, then GB 2312, then Latin-1. Never raises.
    """
    if raw.isascii() and b"\x1b" not in raw:
        return cleaned(raw.decode("ascii"))
    return cleaned(_decoded(raw, charset))


@lru_cache(maxsize=1024)
def _decoded(raw: bytes, charset: bytes) -> str:
    declared = charset.decode("ascii", "replace").strip("\0 ")
    if declared:
        from pydicom.charset import convert_encodings, decode_bytes

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                names = convert_encodings([part.strip() for part in declared.split("\\")])
                return str(decode_bytes(raw, names, {0x5C, 0x5E, 0x3D}))
            except (LookupError, UnicodeError, ValueError):
                pass
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if not declared and _seems_chinese(raw):
        return raw.decode("gb18030", "replace")
    return raw.decode("latin-1")


_HIGH = re.compile(rb"[\x80-\xff]+")


def _seems_chinese(raw: bytes) -> bool:
    """Two or more letters of GB 2312 and nothing else above ASCII: many hospitals in China do not
    declare it, and in Latin-1 accents hardly ever stand side by side."""
    runs = _HIGH.findall(raw)
    if sum(map(len, runs)) < 4 or any(len(run) % 2 for run in runs):
        return False
    try:
        return all(run.decode("gb2312") for run in runs)
    except UnicodeDecodeError:
        return False


def cleaned(text: str) -> str:
    """Text without control or direction-changing characters, at most LONGEST_TEXT long."""
    kept = "".join(c for c in text[: 4 * LONGEST_TEXT] if c.isprintable()).strip()
    return kept if len(kept) <= LONGEST_TEXT else kept[: LONGEST_TEXT - 1] + "…"


def _quoted(raw: str) -> str:
    kept = cleaned(raw)
    return kept if len(kept) <= 40 else kept[:39] + "…"


def _word(found: Elements, tag: int) -> str:
    raw = found.values.get(tag, (b"", b""))[1]
    return raw.decode("ascii", "replace").strip("\0 ")


def _uid(found: Elements, tag: int) -> str:
    return cleaned(_word(found, tag))[:64]


def _whole(found: Elements, tag: int, default: int) -> int:
    """A US value; a wrong VR or a missing one gives the default."""
    vr, raw = found.values.get(tag, (b"", b""))
    if vr not in (b"US", b"SS", b"", b"UN") or len(raw) < 2:
        return default
    return int(struct.unpack_from("<H" if found.little else ">H", raw)[0])


def _counted(found: Elements, tag: int, default: int = 0) -> int:
    """An IS value; words give the default."""
    try:
        value = int(float(_word(found, tag).split("\\")[0]))
    except (ValueError, OverflowError):
        return default
    return value if abs(value) < 2**31 else default
