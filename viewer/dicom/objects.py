"""What kind of object a file is, and whether its pixels can be a slice of a scan.

Each answer is a clause that ends a sentence about the file, empty where nothing speaks against it.
Source of the classes: DICOM PS3.4 B.5.
"""

from __future__ import annotations

from viewer.dicom.decoders import NATIVE, can_decode, syntax_name, uid_name
from viewer.dicom.headers import FLOAT_PIXELS, Header

_IMAGE = "1.2.840.10008.5.1.4.1.1."
CT_CLASSES = frozenset(_IMAGE + end for end in ("2", "2.1", "2.2"))
VOLUME_CLASSES = CT_CLASSES | frozenset(
    _IMAGE + end for end in ("4", "4.1", "4.4", "128", "128.1", "130")
)
SEG_CLASSES = frozenset(_IMAGE + end for end in ("66.4", "66.7"))
CONTOURS_CLASS = _IMAGE + "481.3"
"""RT Structure Set Storage."""

SCREENSHOT_CLASSES = frozenset(_IMAGE + end for end in ("7", "7.1", "7.2", "7.3", "7.4"))
MOST_PIXELS_A_SIDE = 8192
LEAST_BYTES_A_FRAME = 16
COLOURS = ("RGB", "PALETTE COLOR", "YBR", "ARGB", "HSV", "CMYK")


def object_fault(header: Header) -> str:
    """Why this object is no slice of a scan, by its class and by having pixels at all."""
    sop_class = header.sop_class
    if sop_class in VOLUME_CLASSES:
        return "" if header.has_pixels else "it holds no pixel data (incomplete, or cut off)"
    if sop_class in SCREENSHOT_CLASSES:
        return "it is a screenshot (Secondary Capture), not a CT scan"
    name = uid_name(sop_class) if sop_class else ""
    if not header.has_pixels:
        return f"it is not an image but {name}" if name else "it is not an image: no pixel data"
    if name:
        return f"it is {name}, not a CT scan"
    return ""


def image_fault(header: Header) -> str:
    """Why the pixels cannot be shown as one grey slice in HU, or empty."""
    rows, columns = header.rows, header.columns
    if not (0 < rows <= MOST_PIXELS_A_SIDE and 0 < columns <= MOST_PIXELS_A_SIDE):
        return f"the image size of {rows} by {columns} pixels is impossible"
    if header.samples != 1 or header.photometric.startswith(COLOURS):
        return f"it is a colour image ({header.photometric or header.samples})"
    syntax = header.elements.transfer_syntax
    if not can_decode(syntax):
        name = syntax_name(syntax)
        why = "a video" if "MPEG" in name or "HEVC" in name else "which cannot be decoded here"
        return f"its transfer syntax is {name}, {why}"
    if header.is_floating:
        bits = FLOAT_PIXELS[header.elements.pixel_tag]
        if syntax not in NATIVE or header.bits_allocated != bits:
            return "its kind of pixel data, floating point, is not stored as the standard asks"
    elif header.bits_allocated not in (8, 16, 32):
        return f"its pixels of {header.bits_allocated} bits are not read here"
    return _size_fault(header)


def _size_fault(header: Header) -> str:
    """Whether the promised frames can lie in the bytes that are there."""
    found = header.elements
    here = found.size - found.pixels_at
    if found.transfer_syntax not in NATIVE:
        if header.frames * LEAST_BYTES_A_FRAME > here:
            return f"the pixel data is too short: {here} bytes for {header.frames} frames"
        return ""
    needed = header.frames * header.rows * header.columns * header.bits_allocated // 8
    told = here if found.pixels_length < 0 else min(here, found.pixels_length)
    if told < needed:
        return f"the pixel data is too short: {told} bytes of {needed}"
    return ""
