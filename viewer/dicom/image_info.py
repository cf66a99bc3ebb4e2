"""What a series really is, from its headers and places; what is unusual about it, with the reason.

Places of slices outweigh what headers say of spacing and tilt: reading uses the places alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ai.scan.straight import shear_degrees
from viewer.dicom.gaps import gap_sentence
from viewer.dicom.header_details import Details
from viewer.dicom.series import Series
from viewer.dicom.sort import plane_of
from viewer.language.signs import tidy

NOTHING_UNUSUAL = "Nothing unusual"
NOT_TOLD = "not told"
KV_USUAL = (70.0, 150.0)
LOW_MAS = 10.0
HIGH_MAS = 2000.0
THICK_MM = 3.0
LEAST_MATRIX = 256
LEAST_FIELD_MM = 250.0
LEAST_COVER_MM = 200.0
SAME_MM = 0.05
SAME_DEGREES = 0.5
LYING = {"P": "face down", "DR": "on the right side", "DL": "on the left side"}


@dataclass(frozen=True)
class Fact:
    """One line: name, value, and why it wants a second look (empty where it does not)."""

    name: str
    value: str
    reason: str = ""


@dataclass(frozen=True)
class ImageInfo:
    """unusual: sentences, the facts' reasons among them; all of them in `facts` or the series."""

    unusual: tuple[str, ...]
    facts: tuple[Fact, ...]

    def text(self) -> str:
        """As plain lines, to be pasted. It names no patient."""
        top = self.unusual or (f"{NOTHING_UNUSUAL}.",)
        return "\n".join([*top, "", *(f"{fact.name}: {fact.value}" for fact in self.facts)])


def image_info(series: Series, details: Details, told: Sequence[str] = ()) -> ImageInfo:
    """All that is worth knowing of a series, the unusual first.

    told: what else was said of it when it came, as of slices that proved to be damaged.
    """
    facts = (
        *_grid(series, details),
        *_scanning(series, details),
        *_storage(series, details),
    )
    said = [*told, *series.warnings, *(fact.reason for fact in facts if fact.reason)]
    if series.ai_refusal:
        said.append(series.ai_refusal)
    return ImageInfo(tuple(dict.fromkeys(said)), facts)


def _grid(series: Series, details: Details) -> list[Fact]:
    """Matrix, spacing, thickness, gap or overlap, cover, plane and tilt."""
    geometry = series.geometry
    coarse = min(series.rows, series.columns) < LEAST_MATRIX
    facts = [
        Fact("Images", str(len(series.sources))),
        Fact(
            "Matrix",
            f"{series.rows} x {series.columns}",
            f"A matrix of {series.rows} x {series.columns} is coarse: small things blur."
            if coarse
            else "",
        ),
    ]
    if geometry is None:
        return facts
    _, row_mm, column_mm = geometry.spacing_kji_mm
    oblong = abs(row_mm - column_mm) > 0.01 * row_mm
    facts.append(
        Fact(
            "Pixel",
            f"{tidy(row_mm)} x {tidy(column_mm)} mm",
            "Pixels are not square." if oblong else "",
        )
    )
    field = min(series.rows * row_mm, series.columns * column_mm)
    small = series.axial and field < LEAST_FIELD_MM
    facts.append(
        Fact(
            "Field of view",
            f"{series.columns * column_mm:.0f} x {series.rows * row_mm:.0f} mm",
            f"The field of view of {field:.0f} mm may cut off part of the chest." if small else "",
        )
    )
    return facts + _along(series, details) + _leaning(series, details)


def _steps(series: Series) -> np.ndarray:
    """Millimetres between neighbouring slices, along their normal."""
    geometry = series.geometry
    if geometry is None or len(series.sources) < 2:
        return np.array([])
    normal = np.cross(geometry.directions[:, 2], geometry.directions[:, 1])
    places = np.array([piece.position_lps for piece in series.sources])
    return np.abs(np.diff(places @ normal))


def _along(series: Series, details: Details) -> list[Fact]:
    geometry, thick, steps = series.geometry, series.thickness_mm, _steps(series)
    facts = [
        Fact(
            "Slice thickness",
            NOT_TOLD if thick is None else f"{tidy(thick)} mm",
            f"Slices of {tidy(thick)} mm are thick: small nodules are missed."
            if thick is not None and thick > THICK_MM
            else "",
        )
    ]
    if len(steps) == 0:
        return facts
    low, high, usual = float(steps.min()), float(steps.max()), float(np.median(steps))
    even = high - low <= 2 * SAME_MM or high - low <= 0.04 * usual
    facts.append(
        Fact(
            "Slice to slice",
            f"{tidy(usual)} mm" if even else f"{tidy(low)} to {tidy(high)} mm, uneven",
        )
    )
    if geometry is not None and shear_degrees(geometry) >= SAME_DEGREES:
        facts.append(Fact("Table step", f"{tidy(geometry.spacing_kji_mm[0])} mm"))
    if thick is not None and even:
        between = usual - thick
        if between > SAME_MM:
            plain = f"Between two slices {tidy(between)} mm were not scanned."
            reason = gap_sentence(usual, thick) or plain
            facts.append(Fact("Gap", f"{tidy(between)} mm", reason))
        elif between < -SAME_MM:
            facts.append(Fact("Overlap", f"{tidy(-between)} mm"))
        else:
            facts.append(Fact("Gap or overlap", "none"))
    said = details.said_step_mm
    if said is not None and even and abs(abs(said) - usual) > max(SAME_MM, 0.02 * usual):
        told = f"The header says {tidy(said)} mm from slice to slice, the places {tidy(usual)} mm."
        facts.append(
            Fact("Slice to slice, as said", f"{tidy(said)} mm", f"{told} The places rule.")
        )
    cover = float(steps.sum())
    short = series.axial and cover < LEAST_COVER_MM
    facts.append(
        Fact(
            "Cover",
            f"{cover:.0f} mm",
            f"The slices cover {cover:.0f} mm, less than a chest." if short else "",
        )
    )
    return facts


def _leaning(series: Series, details: Details) -> list[Fact]:
    geometry = series.geometry
    if geometry is None:
        return []
    row, column = geometry.directions[:, 2], geometry.directions[:, 1]
    plane = plane_of((*row, *column))
    most = float(np.abs(np.cross(row, column)).max())
    leans = float(np.degrees(np.arccos(min(1.0, most))))
    facts = [Fact("Plane", plane if leans < SAME_DEGREES else f"{plane}, leaning {leans:.1f}°")]
    tilt = shear_degrees(geometry)
    facts.append(Fact("Gantry tilt", "none" if tilt < SAME_DEGREES else f"{tilt:.1f}°"))
    said = details.said_tilt_degrees
    if said is not None and abs(abs(said) - max(tilt, leans)) > SAME_DEGREES:
        reason = (
            f"The header says a gantry tilt of {tidy(said)}°, the places {max(tilt, leans):.1f}°. "
            "The places rule."
        )
        facts.append(Fact("Gantry tilt, as said", f"{tidy(said)}°", reason))
    return facts


def _scanning(series: Series, details: Details) -> list[Fact]:
    """Tube, kernel, contrast, position of the patient."""
    kv, mas = details.kv, details.mas
    odd_kv = kv is not None and not KV_USUAL[0] <= kv <= KV_USUAL[1]
    position = series.patient_position
    lying = LYING.get(position[2:], "")
    return [
        Fact(
            "Tube voltage",
            NOT_TOLD if kv is None else f"{kv:.4g} kV",
            f"A tube voltage of {kv:.4g} kV is unusual: HU differ." if odd_kv else "",
        ),
        Fact(
            "Exposure",
            NOT_TOLD if mas is None else f"{mas:.4g} mAs",
            "" if mas is None else _exposure_reason(mas),
        ),
        Fact("Kernel", series.kernel or NOT_TOLD),
        Fact("Contrast agent", details.contrast or "none told"),
        Fact(
            "Patient position",
            position or NOT_TOLD,
            f"The patient lies {lying}: fluid and gas lie elsewhere than on the back."
            if lying
            else "",
        ),
        Fact("Scanner", details.scanner or NOT_TOLD),
        Fact("Protocol", details.protocol or NOT_TOLD),
        Fact("Body part", details.body_part or NOT_TOLD),
    ]


def _exposure_reason(mas: float) -> str:
    if 0 < mas < LOW_MAS:
        return f"An exposure of {mas:.4g} mAs is very low: the images are noisy."
    if mas > HIGH_MAS:
        return f"An exposure of {mas:.4g} mAs is implausible: the header may mean another unit."
    return ""


def _storage(series: Series, details: Details) -> list[Fact]:
    """How numbers are stored, and whether the series is as scanned."""
    pieces = series.sources
    slopes = {(piece.slope, piece.intercept) for piece in pieces}
    scale = "differs from slice to slice"
    if any(piece.table is not None for piece in pieces):
        scale = "by a table (Modality LUT)"
    elif len(slopes) == 1:
        slope, intercept = next(iter(slopes))
        scale = f"HU = {slope:g} x value {'+' if intercept >= 0 else '-'} {abs(intercept):g}"
    bits = sorted({piece.bits_stored for piece in pieces})
    real = ", floating point" if any(piece.floating for piece in pieces) else ""
    return [
        Fact("Stored bits", ", ".join(map(str, bits)) + real),
        Fact("Calibration", scale),
        Fact(
            "Kind",
            "as scanned" if series.original else "computed from others",
            "" if series.original else "The images are computed from others, not as scanned.",
        ),
    ]
