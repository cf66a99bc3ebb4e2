"""Frames of an enhanced file: where each lies, read from its functional groups.

Source: DICOM PS3.3 C.7.6.16 (functional groups), A.38 (Enhanced CT).
"""

from __future__ import annotations

import warnings
from typing import Any

from viewer.dicom.elements import UnreadableError, disk_refused
from viewer.dicom.headers import Header, Place


def frame_places(header: Header) -> tuple[Place, ...]:
    """One place for each frame. Raises UnreadableError when the groups cannot be read."""
    import pydicom

    tags = ["SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(
                header.path, stop_before_pixels=True, force=True, specific_tags=tags
            )
            shared = _first(dataset.get(tags[0]))
            frames = list(dataset.get(tags[1]) or [])
            return tuple(_place(frame, shared) for frame in frames)
    except Exception as error:
        if disk_refused(error):
            raise
        raise UnreadableError("damaged", "its list of frames is damaged") from None


def _first(sequence: Any) -> Any:
    return sequence[0] if sequence else None


def _place(frame: Any, shared: Any) -> Place:
    problems: list[str] = []

    def numbers(group: str, name: str, count: int, words: str = "") -> tuple[float, ...] | None:
        for home in (frame, shared):
            item = _first(home.get(group)) if home is not None else None
            value = item.get(name) if item is not None else None
            if value is None or value == "":
                continue
            parts = value if hasattr(value, "__iter__") else [value]
            got = tuple(float(part) for part in parts)
            if len(got) == count and all(abs(v) < float("inf") for v in got):
                return got
            if words:
                problems.append(f"the {words} is unreadable")
            return None
        if words:
            problems.append(f"the {words} is missing")
        return None

    measures = "PixelMeasuresSequence"
    position = numbers("PlanePositionSequence", "ImagePositionPatient", 3, "position of a frame")
    orientation = numbers(
        "PlaneOrientationSequence", "ImageOrientationPatient", 6, "orientation of a frame"
    )
    spacing = numbers(measures, "PixelSpacing", 2, "pixel spacing")
    thickness = numbers(measures, "SliceThickness", 1)
    slope = numbers("PixelValueTransformationSequence", "RescaleSlope", 1)
    intercept = numbers("PixelValueTransformationSequence", "RescaleIntercept", 1)
    return Place(
        (position[0], position[1], position[2]) if position else None,
        orientation,
        (spacing[0], spacing[1]) if spacing else None,
        slope[0] if slope else None,
        intercept[0] if intercept else None,
        thickness[0] if thickness else None,
        problems[0] if problems else "",
    )
