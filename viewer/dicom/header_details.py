"""What one slice's header says beyond its Series: tube, exposure, contrast, scanner, protocol.

An enhanced file says most of it in functional groups, its frame's own before the shared ones.
Source: DICOM PS3.3 C.8.2.1 (CT Image), C.8.15.3 (Enhanced CT functional groups).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from viewer.dicom.elements import Elements, UnreadableError, read_elements
from viewer.dicom.headers import (
    CHARSET,
    FRAME_GROUPS,
    SHARED_GROUPS,
    SOP_INSTANCE,
    decimals,
    decoded,
)

MAKER, MODEL, BODY_PART, CONTRAST = 0x00080070, 0x00081090, 0x00180015, 0x00180010
KV, SPACING_SAID, TILT_SAID = 0x00180060, 0x00180088, 0x00181120
TIME_MS, CURRENT_MA, EXPOSURE_MAS, PROTOCOL = 0x00181150, 0x00181151, 0x00181152, 0x00181030
_WANTED = frozenset(
    value for name, value in list(globals().items()) if name.isupper() and isinstance(value, int)
)
_WANTED |= {SOP_INSTANCE}  # a header that says nothing of the rest is read all the same


@dataclass(frozen=True)
class Details:
    """None and empty texts where the header is silent."""

    kv: float | None = None
    mas: float | None = None
    contrast: str = ""
    scanner: str = ""
    protocol: str = ""
    body_part: str = ""
    said_step_mm: float | None = None
    said_tilt_degrees: float | None = None


def read_details(path: Path, frame: int = 0) -> Details:
    """The details of one slice's file. Raises elements.UnreadableError, and OSError.

    frame: which one is asked about, of a file of many.
    """
    found = read_elements(path, _WANTED)
    plain = _plain(found)
    if FRAME_GROUPS not in found.values and SHARED_GROUPS not in found.values:
        return plain
    from viewer.dicom.multiframe import read_groups  # the groups are rare, and their reader slow

    def of_frame(shared: Any, frames: list[Any]) -> Details:
        return _grouped(plain, frames[frame] if frame < len(frames) else None, shared)

    try:
        return read_groups(path, of_frame)
    except UnreadableError:
        return plain


def _plain(found: Elements) -> Details:
    values = found.values

    def text(tag: int) -> str:
        return decoded(values.get(tag, (b"", b""))[1], values.get(CHARSET, (b"", b""))[1])

    def number(tag: int) -> float | None:
        parts = decimals(text(tag)) if text(tag) else None
        return parts[0] if parts else None

    return Details(
        kv=number(KV),
        mas=_mas(number(EXPOSURE_MAS), number(CURRENT_MA), number(TIME_MS)),
        contrast=text(CONTRAST),
        scanner=" ".join(part for part in (text(MAKER), text(MODEL)) if part),
        protocol=text(PROTOCOL),
        body_part=text(BODY_PART),
        said_step_mm=number(SPACING_SAID),
        said_tilt_degrees=number(TILT_SAID),
    )


def _grouped(plain: Details, frame: Any, shared: Any) -> Details:
    """The same with what the groups of a frame say; they say it nearer to the frame."""
    from viewer.dicom.multiframe import told_numbers, told_text

    def number(group: str, name: str) -> float | None:
        got = told_numbers(frame, shared, group, name)
        return got[0] if got else None

    exposure = "CTExposureSequence"
    mas = _mas(
        number(exposure, "ExposureInmAs"),
        number(exposure, "XRayTubeCurrentInmA"),
        number(exposure, "ExposureTimeInms"),
    )
    kv = number("CTXRayDetailsSequence", "KVP")
    step = number("PixelMeasuresSequence", "SpacingBetweenSlices")
    tilt = number("CTAcquisitionDetailsSequence", "GantryDetectorTilt")
    usage = told_text(frame, shared, "ContrastBolusUsageSequence", "ContrastBolusAgentAdministered")
    return replace(
        plain,
        kv=plain.kv if kv is None else kv,
        mas=plain.mas if mas is None else mas,
        contrast=plain.contrast or ("given" if usage == "YES" else ""),
        said_step_mm=plain.said_step_mm if step is None else step,
        said_tilt_degrees=plain.said_tilt_degrees if tilt is None else tilt,
    )


def _mas(told: float | None, current_ma: float | None, time_ms: float | None) -> float | None:
    """The exposure, reckoned from current and time where it is not told."""
    if told is not None or current_ma is None or time_ms is None:
        return told
    return current_ma * time_ms / 1000
