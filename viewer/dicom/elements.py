"""The top-level elements of a DICOM file, walked byte by byte without ever trusting a length.

The own walk is ten times faster than a full parser and its memory is bounded by what the file
holds. What it cannot follow (mixed encodings) is handed to pydicom, one file at a time.
Source of the encoding: DICOM PS3.5 7.1 and 7.5, PS3.10 7.1.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

IMPLICIT_LE = "1.2.840.10008.1.2"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
EXPLICIT_BE = "1.2.840.10008.1.2.2"
DEFLATED_LE = "1.2.840.10008.1.2.1.99"

PIXEL_TAGS = (0x7FE00010, 0x7FE00008, 0x7FE00009)
PIXELS = 0x7FE00010

FIRST_READ = 16 * 1024
LARGEST_HEADER = 256 * 1024 * 1024
LARGEST_VALUE = 1024 * 1024
DEEPEST = 100
INFLATE_FLOOR = 8 * 1024 * 1024
INFLATE_RATIO = 100
UNDEFINED = 0xFFFFFFFF
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
"""How a ZIP begins: with a member, empty, or as the first of several volumes."""

_LONG_FORM = frozenset(
    (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
)


@dataclass(frozen=True)
class _Numbers:
    """Readers of the numbers of a header, in its byte order: each gives a tuple."""

    tag: Callable[[bytes, int], tuple[int, int]]
    long: Callable[[bytes, int], tuple[int]]
    short: Callable[[bytes, int], tuple[int]]

    @classmethod
    def of(cls, order: str) -> _Numbers:
        tag, long, short = (struct.Struct(order + code).unpack_from for code in ("HH", "I", "H"))
        return cls(tag, long, short)


_LITTLE, _BIG = _Numbers.of("<"), _Numbers.of(">")
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD


class UnreadableError(Exception):
    """A file that gives no header. kind: not-dicom, archive, empty, damaged or implausible."""

    def __init__(self, kind: str, fact: str) -> None:
        super().__init__(fact)
        self.kind = kind
        self.fact = fact


class _NeedMoreError(Exception):
    """The walk ran past the bytes read so far, not past the file."""


class _MalformedError(Exception):
    """The bytes are no sequence of elements."""


@dataclass(frozen=True)
class Elements:
    """What a file says at its top level.

    values: tag to (VR, bytes as stored; empty for sequences). pixels_at, pixels_length: where the
    pixel value lies in the file (in the inflated bytes for a deflated one), -1 for a length that
    is not told; pixel_tag 0 where there are none. size: bytes of the file (inflated).
    """

    transfer_syntax: str
    little: bool
    values: dict[int, tuple[bytes, bytes]]
    pixel_tag: int
    pixels_at: int
    pixels_length: int
    size: int
    syntax_missing: bool = False


def read_elements(path: Path, wanted: Collection[int]) -> Elements:
    """Walk one file. Raises UnreadableError, and OSError when the disk refuses."""
    with path.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
        if size == 0:
            raise UnreadableError("empty", "the file is empty")
        have = 0
        want = FIRST_READ
        while True:
            stream.seek(0)
            buffer = stream.read(min(want, size))
            try:
                return _walk_file(buffer, size, wanted)
            except _NeedMoreError:
                have = len(buffer)
                if have >= size or want >= LARGEST_HEADER:
                    raise UnreadableError("damaged", "its header ends too early") from None
                want *= 16
            except _MalformedError:
                return _ask_pydicom(path, size, wanted)


def inflated(buffer: bytes) -> bytes:
    """The data set of a deflated file, inflated. Raises UnreadableError for damage and bombs."""
    limit = max(INFLATE_FLOOR, INFLATE_RATIO * len(buffer))
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = engine.decompress(buffer, limit)
    except zlib.error:
        raise UnreadableError("damaged", "its compressed part is damaged") from None
    if engine.unconsumed_tail:
        raise UnreadableError(
            "implausible",
            f"an implausible size: {len(buffer)} bytes swell to more than {limit >> 20} MiB",
        )
    return data


def inflated_file(path: Path) -> bytes:
    """The inflated data set of one deflated file. Raises UnreadableError."""
    buffer = path.read_bytes()
    return inflated(buffer[_file_meta(buffer, len(buffer))[0] :])


def _walk_file(buffer: bytes, size: int, wanted: Collection[int]) -> Elements:
    start, syntax = _file_meta(buffer, size)
    missing = not syntax
    if missing:
        syntax = _guess_syntax(buffer, start, had_preamble=start > 0)
    if syntax == DEFLATED_LE:
        if len(buffer) < size:
            raise _NeedMoreError
        buffer = inflated(buffer[start:])
        size, start = len(buffer), 0
    explicit, little = syntax != IMPLICIT_LE, syntax != EXPLICIT_BE
    values, tag, at, length = _walk(buffer, start, size, wanted, explicit, little)
    if not values:
        raise UnreadableError("damaged", "nothing readable follows its first bytes")
    return Elements(syntax, little, values, tag, at, length, size, missing and start > 0)


def _file_meta(buffer: bytes, size: int) -> tuple[int, str]:
    """Where the data set starts, and the transfer syntax ("" where none is told).

    The group length is not believed: the group is walked to its last element.
    """
    if buffer[128:132] != b"DICM":
        if _plausible_start(buffer):
            if buffer[:2] != b"\x02\x00":
                return 0, ""
            position = 0
        elif buffer[:4] in ZIP_MARKS:
            raise UnreadableError("archive", "this is an archive, no DICOM file")
        else:
            raise UnreadableError("not-dicom", "this is no DICOM file")
    else:
        position = 132
    syntax = ""
    if position + 8 > size:
        raise UnreadableError("damaged", "nothing follows its first bytes")
    while position + 8 <= len(buffer):
        group, element, vr, length = struct.unpack_from("<HH2sH", buffer, position)
        if group != 2:
            return position, syntax
        head = 8
        if vr in _LONG_FORM:
            if position + 12 > len(buffer):
                break
            (length,) = struct.unpack_from("<I", buffer, position + 8)
            head = 12
        if position + head + length > size:
            raise UnreadableError("damaged", "its header ends too early")
        if element == 0x0010:
            raw = buffer[position + head : position + head + length]
            syntax = raw.decode("ascii", "replace").strip("\0 ")
        position += head + length
    if position >= size:
        raise UnreadableError("damaged", "nothing follows its first bytes")
    raise _NeedMoreError


def _plausible_start(buffer: bytes) -> bool:
    """Whether a file without preamble begins like a data set: group 2 or 8, a sane first length."""
    if len(buffer) < 8:
        return False
    group, element, first, second = struct.unpack_from("<HHHH", buffer, 0)
    if group in (0x0002, 0x0008) and element <= 0x0100:
        return buffer[4:6].isalpha() or (second == 0 and first <= 256)
    return group == 0x0800 and buffer[4:6].isalpha() and buffer[4:6].isupper()


def _guess_syntax(buffer: bytes, start: int, *, had_preamble: bool) -> str:
    if len(buffer) < start + 8:
        if had_preamble:
            raise UnreadableError("damaged", "nothing follows its first bytes")
        raise _NeedMoreError
    vr = buffer[start + 4 : start + 6]
    if not (vr.isalpha() and vr.isupper()):
        return IMPLICIT_LE
    return EXPLICIT_BE if buffer[start] == 0 and buffer[start + 1] else EXPLICIT_LE


def _walk(
    buffer: bytes,
    position: int,
    size: int,
    wanted: Collection[int],
    explicit: bool,
    little: bool,
) -> tuple[dict[int, tuple[bytes, bytes]], int, int, int]:
    """Wanted elements, then tag, offset, length of the pixels (0, -1, -1 where there are none)."""
    numbers = _LITTLE if little else _BIG
    values: dict[int, tuple[bytes, bytes]] = {}
    end = len(buffer)
    nesting: list[bool] = []  # one entry for each open sequence or item: is its inside explicit
    while position + 8 <= size:
        if position + 12 > end and end < size:
            raise _NeedMoreError
        group, element = numbers.tag(buffer, position)
        tag = group << 16 | element
        if group == 0xFFFE:
            position = _delimiter(tag, numbers.long(buffer, position + 4)[0], position, nesting)
            continue
        inside = nesting[-1] if nesting else explicit
        if inside:
            vr, length, value_at = _explicit_head(buffer, position, size, numbers)
        else:
            vr, (length,), value_at = b"", numbers.long(buffer, position + 4), position + 8
        if not nesting and tag in PIXEL_TAGS:
            return values, tag, value_at, -1 if length == UNDEFINED else length
        if tag > PIXELS and not nesting:
            break
        if length == UNDEFINED:
            if not nesting and tag in wanted:
                values[tag] = (b"SQ", b"")
            # a value of unknown VR and length is written implicit inside (PS3.5 6.2.2)
            _go_in(nesting, explicit=inside and vr != b"UN")
            position = value_at
            continue
        if value_at + length > size:
            fact = f"an element claims {length} bytes and the file ends first"
            raise UnreadableError("damaged", fact)
        if value_at + length > LARGEST_HEADER:
            break  # a document or raw data; no image stores so much before its pixels
        if not nesting and tag in wanted:
            values[tag] = (vr, _value(buffer, value_at, length, vr, end))
        position = value_at + length
    if nesting:
        raise UnreadableError("damaged", "a sequence in it never ends")
    return values, 0, -1, -1


def _explicit_head(
    buffer: bytes, position: int, size: int, numbers: _Numbers
) -> tuple[bytes, int, int]:
    """VR, length and where the value begins, of an element whose VR is written (PS3.5 7.1.2)."""
    vr = buffer[position + 4 : position + 6]
    if not (vr.isalpha() and vr.isupper()):
        raise _MalformedError
    if vr not in _LONG_FORM:
        return vr, numbers.short(buffer, position + 6)[0], position + 8
    if position + 12 > size:
        raise _MalformedError
    return vr, numbers.long(buffer, position + 8)[0], position + 12


def _go_in(nesting: list[bool], *, explicit: bool) -> None:
    """One level deeper."""
    if len(nesting) >= DEEPEST:
        raise UnreadableError("damaged", f"its sequences lie more than {DEEPEST} deep")
    nesting.append(explicit)


def _delimiter(tag: int, length: int, position: int, nesting: list[bool]) -> int:
    """Open or close one level; the position after an item's or a delimiter's eight bytes."""
    if not nesting:
        raise _MalformedError
    if tag == _ITEM:
        if length == UNDEFINED:
            _go_in(nesting, explicit=nesting[-1])
            return position + 8
        return position + 8 + length
    if tag in (_ITEM_END, _SEQUENCE_END):
        nesting.pop()
        return position + 8
    raise _MalformedError


def _value(buffer: bytes, at: int, length: int, vr: bytes, end: int) -> bytes:
    if vr == b"SQ":
        return b""
    if length > LARGEST_VALUE:
        raise UnreadableError("damaged", f"a short field in it claims {length} bytes")
    if at + length > end:
        raise _NeedMoreError
    return buffer[at : at + length]


def disk_refused(error: Exception) -> bool:
    """Whether the system says so; parsers raise a bare OSError for content that ends too early."""
    return isinstance(error, OSError) and error.errno is not None


def _ask_pydicom(path: Path, size: int, wanted: Collection[int]) -> Elements:
    """The same through pydicom, which knows the habits of odd writers."""
    import pydicom
    from pydicom.dataelem import RawDataElement

    try:
        with path.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(
                stream, stop_before_pixels=True, force=True, specific_tags=list(wanted)
            )
            tag_at = stream.tell()
            stream.seek(tag_at)
            tail = stream.read(12)
            values = {}
            for tag in wanted:
                if tag not in dataset:
                    continue
                raw = dataset.get_item(tag)
                plain = isinstance(raw, RawDataElement) and isinstance(raw.value, bytes)
                values[tag] = (str(raw.VR or "").encode(), raw.value) if plain else (b"SQ", b"")
            little, implicit = bool(dataset.original_encoding[1]), dataset.original_encoding[0]
            syntax = str(getattr(dataset.file_meta, "TransferSyntaxUID", "") or "")
    except Exception as error:
        if disk_refused(error):
            raise
        raise UnreadableError("damaged", "its header is damaged") from None
    if not values:
        raise UnreadableError("damaged", "its header is damaged")
    tag, at, length = 0, -1, -1
    order = "<" if little else ">"
    if len(tail) == 12:
        group, element = struct.unpack_from(order + "HH", tail)
        if group << 16 | element in PIXEL_TAGS:
            tag = group << 16 | element
            head = 8 if implicit else 12
            (length,) = struct.unpack_from(order + "I", tail, head - 4)
            at, length = tag_at + head, -1 if length == UNDEFINED else length
    if not syntax:
        syntax = IMPLICIT_LE if implicit else EXPLICIT_LE if little else EXPLICIT_BE
    return Elements(syntax, little, values, tag, at, length, size)
