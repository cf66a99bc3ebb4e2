"""Frames of an enhanced file: where each lies, read from its functional groups.

Source: DICOM PS3.3 C.7.6.16 (functional groups), A.38 (Enhanced CT).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from viewer.dicom.elements import UnreadableError, disk_refused
from viewer.dicom.headers import Header, Place, cleaned
from viewer.dicom.voi import stored_window

T = TypeVar("T")

SHARED, OF_FRAMES = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"


def frame_places(header: Header) -> tuple[Place, ...]:
    """One place for each frame. Raises UnreadableError when the groups cannot be read."""
    return read_groups(
        header.path, lambda shared, frames: tuple(_place(frame, shared) for frame in frames)
    )


def read_groups(path: Path, make: Callable[[Any, list[Any]], T]) -> T:
    """What `make` takes from the shared group (or None) and those of the frames.

    Raises UnreadableError for damage, also where make comes upon it, and OSError.
    """
    import pydicom

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(
                path, stop_before_pixels=True, force=True, specific_tags=[SHARED, OF_FRAMES]
            )
            return make(_first(dataset.get(SHARED)), list(dataset.get(OF_FRAMES) or []))
    except Exception as error:
        if disk_refused(error):
            raise
        raise UnreadableError("damaged", "its list of frames is damaged") from None


def _first(sequence: Any) -> Any:
    return sequence[0] if sequence else None


def _place(frame: Any, shared: Any) -> Place:
    problems: list[str] = []

    def numbers(group: str, name: str, count: int, words: str = "") -> tuple[float, ...] | None:
        got = told_numbers(frame, shared, group, name)
        if got is None or len(got) != count:
            if words:
                lacks = "missing" if got is None else "unreadable"
                problems.append(f"the {words} is {lacks}")
            return None
        return got

    measures, values = "PixelMeasuresSequence", "PixelValueTransformationSequence"
    position = numbers("PlanePositionSequence", "ImagePositionPatient", 3, "position of a frame")
    orientation = numbers(
        "PlaneOrientationSequence", "ImageOrientationPatient", 6, "orientation of a frame"
    )
    spacing = numbers(measures, "PixelSpacing", 2, "pixel spacing")
    thickness = numbers(measures, "SliceThickness", 1)
    slope = numbers(values, "RescaleSlope", 1)
    intercept = numbers(values, "RescaleIntercept", 1)
    window = "FrameVOILUTSequence"
    return Place(
        (position[0], position[1], position[2]) if position else None,
        orientation,
        (spacing[0], spacing[1]) if spacing else None,
        slope[0] if slope else None,
        intercept[0] if intercept else None,
        thickness[0] if thickness else None,
        problems[0] if problems else "",
        stored_window(
            told_numbers(frame, shared, window, "WindowCenter"),
            told_numbers(frame, shared, window, "WindowWidth"),
            told_text(frame, shared, window, "VOILUTFunction"),
        ),
        told_text(frame, shared, "CTReconstructionSequence", "ConvolutionKernel"),
        told_text(frame, shared, values, "RescaleType"),
    )


def told(frame: Any, shared: Any, group: str, name: str) -> Any:
    """What the first item of a group says: the frame's own group before the shared one, or None."""
    for home in (frame, shared):
        item = _first(home.get(group)) if home is not None else None
        value = item.get(name) if item is not None else None
        if value is not None and value != "":
            return value
    return None


def told_numbers(frame: Any, shared: Any, group: str, name: str) -> tuple[float, ...] | None:
    """The same as finite numbers; empty where any of them is none, None where nothing is told."""
    value = told(frame, shared, group, name)
    if value is None:
        return None
    parts = value if hasattr(value, "__iter__") and not isinstance(value, str) else [value]
    got = tuple(float(part) for part in parts)
    return got if all(abs(v) < float("inf") for v in got) else ()


def told_text(frame: Any, shared: Any, group: str, name: str) -> str:
    """The same as text, several values with a backslash between, as a plain header stores them."""
    value = told(frame, shared, group, name)
    if value is None:
        return ""
    parts = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else value
    return cleaned("\\".join(str(part) for part in parts))
