"""The words in a pane's corners, from series, state and place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QCoreApplication

from ai.scan.volume import Volume
from viewer.dicom.names import shown_name
from viewer.dicom.series import NOTHING_HERE, Series
from viewer.keymaps import cap
from viewer.language.signs import minus
from viewer.views.planes import AXIAL, CORONAL, PLANES, Plane, nearest_slice, stack_of
from viewer.views.slab import AVERAGE, MINIP, MIP, Slab
from viewer.views.state import Lps, PaneText, Window

STRAIGHT, NEAR_STRAIGHT = 1 - 1e-6, 0.966
"""Cosines: a plane within the first is one of stored slices, within the second (15 degrees) it is
still near to one."""

DATE_DIGITS = 8


def _tr(text: str) -> str:
    return QCoreApplication.translate("Pane", text)


def signed(value: float, decimals: int = 0) -> str:
    """A number with a true minus sign; one that rounds to zero has none."""
    return minus(f"{value:.{decimals}f}")


def position_text(plane: Plane, lps: Lps) -> str:
    """'z \u2212117.5 mm': where a plane lies in LPS mm; of an oblique one the crosshair."""
    if plane == PLANES[plane.name]:
        place = lps["xyz".index(plane.letter)]
        return f"{plane.letter} {signed(place + 0.0, 1)} mm"
    places = (f"{letter} {signed(place + 0.0)}" for letter, place in zip("xyz", lps, strict=True))
    return f"{' '.join(places)} mm"


def date_text(dicom_date: str) -> str:
    """'20000101' as '2000-01-01'; anything else as it stands."""
    if len(dicom_date) == DATE_DIGITS and dicom_date.isdigit():
        return f"{dicom_date[:4]}-{dicom_date[4:6]}-{dicom_date[6:]}"
    return dicom_date


def time_text(dicom_time: str) -> str:
    """'143000.5' as '14:30', '143012' as '14:30:12'; nothing where no hour and minute are told."""
    digits, _, _ = dicom_time.replace(":", "").strip().partition(".")
    if not digits.isdecimal() or len(digits) not in (4, 6):
        return ""
    seconds = f":{digits[4:]}" if digits[4:] not in ("", "00") else ""
    return f"{digits[:2]}:{digits[2:4]}{seconds}"


def age_text(dicom_age: str) -> str:
    """'064Y' as '64 y', '018M' as '18 months'; anything else as it stands."""
    units = {"Y": _tr("y"), "M": _tr("months"), "W": _tr("weeks"), "D": _tr("days")}
    digits, unit = dicom_age[:-1], dicom_age[-1:].upper()
    if digits.isdigit() and unit in units:
        return f"{int(digits)} {units[unit]}"
    return dicom_age


def text_of(series: Series) -> PaneText:
    """What the upper corners say of a series: patient and age; date, study and series, kernel."""
    patient = series.patient
    name = shown_name(patient.name)
    about = [part for part in (age_text(patient.age), patient.sex) if part]
    first = name or patient.id
    second = " · ".join(about) if about else ("" if name else _tr("De-identified"))
    what = series.study_description or series.description
    number = _number_text(series)
    study = (
        date_text(series.study_date),
        " · ".join(part for part in (what, number) if part),
        " · ".join(_made_by(series)),
    )
    return PaneText(
        tuple(line for line in (first, second) if line), tuple(line for line in study if line)
    )


def brief_of(series: Series) -> str:
    """'Se 7 · B20f · 1.25 mm': what tells a series from others of its study, foremost first."""
    return " · ".join((_number_text(series), *_made_by(series)))


def _number_text(series: Series) -> str:
    return _tr("Se %1").replace("%1", str(series.number))


def _made_by(series: Series) -> list[str]:
    """Kernel and thickness, as far as they are told."""
    thick = "" if series.thickness_mm is None else f"{series.thickness_mm:.3g} mm"
    return [part for part in (series.kernel, thick) if part]


def slab_words(slab: Slab) -> tuple[str, str]:
    """'MIP', '8 mm'."""
    names = {MIP: _tr("MIP"), MINIP: _tr("MinIP"), AVERAGE: _tr("Average")}
    return names[slab.mode], f"{slab.thickness_mm:g} mm"


@lru_cache(maxsize=8)
def _places(image_numbers: tuple[int, ...]) -> dict[int, int]:
    """From each Instance Number there is to its place among them, from 1."""
    numbers = sorted(set(image_numbers) - {NOTHING_HERE})
    return {number: place for place, number in enumerate(numbers, 1)}


@lru_cache(maxsize=8)
def _runs_from_one(image_numbers: tuple[int, ...]) -> bool:
    return all(number == place for number, place in _places(image_numbers).items())


def _numbered(number: int, place: int, count: int) -> str:
    """'Image 164 (3 / 80)': numbered within a longer series, or with gaps."""
    text = _tr("Image %1 (%2 / %3)").replace("%1", str(number))
    return text.replace("%2", str(place)).replace("%3", str(count))


def marks_hidden() -> str:
    """What every pane, the 3-D one too, says while its marks are hidden."""
    return _tr("Marks hidden · %1").replace("%1", cap("marks"))


@dataclass(frozen=True)
class PaneLines:
    """All lines of a pane's corners.

    image_numbers: Instance Numbers of the slices, k rising. images: how many images there are,
    where that is not one for each k. in_hu: whether the values may be called HU. brief: the series,
    where there is room for little.
    """

    text: PaneText = field(default_factory=PaneText)
    image_numbers: Sequence[int] = ()
    images: int = 0
    in_hu: bool = True
    brief: str = ""

    def with_text(self, text: PaneText) -> PaneLines:
        return replace(self, text=text)

    @property
    def widest(self) -> str:
        """The longest line the lower right tab will hold, so that it never changes its width."""
        count = len(self.image_numbers)
        most = max((*self.image_numbers, count), default=0)
        numbers = tuple(self.image_numbers)
        whole = len(_places(numbers)) == (self.images or count)
        if whole and not _runs_from_one(numbers):
            digits = [int("9" * len(str(n))) for n in (most, count)]
            return _numbered(digits[0], digits[1], digits[1])
        zeros = "0" * len(str(most))
        return _tr("Image %1 / %2").replace("%1", zeros).replace("%2", "0" * len(str(count)))

    @property
    def research_use(self) -> str:
        return _tr("AI: research use")

    @property
    def marks_hidden(self) -> str:
        """'Marks hidden · Space': that they are, and the key that brings them back."""
        return marks_hidden()

    def plane_name(self, plane: Plane) -> str:
        if plane.name == AXIAL:
            return _tr("Axial")
        return _tr("Coronal") if plane.name == CORONAL else _tr("Sagittal")

    def hu(self, hu: int | None) -> str:
        value = "–" if hu is None else signed(hu)
        return f"{value} HU" if self.in_hu else value

    @property
    def series(self) -> str:
        """The series in one line, for panes beside those of another one."""
        return self.text.study[-2] if len(self.text.study) > 1 else ""

    def slab(self, slab: Slab) -> str:
        """'MIP 8 mm'."""
        return " ".join(slab_words(slab))

    def slab_hu(self, slab: Slab, hu: int | None) -> str:
        """What the slab shows under the pointer, beside the HU of its middle."""
        return f"{slab_words(slab)[0]} {self.hu(hu)}"

    def oblique(self, degrees: float) -> str:
        return _tr("Oblique %1°").replace("%1", f"{degrees:.0f}")

    @property
    def inverted(self) -> str:
        return _tr("Inverted")

    def lower_left(self, window: Window, percent: float) -> list[str]:
        zoom = _tr("Zoom %1 %").replace("%1", f"{percent:.0f}")
        return [f"W {window.width:.0f}  L {signed(window.level)}", zoom]

    def lower_right(self, volume: Volume, plane: Plane, lps: Lps) -> list[str]:
        """The image's number where a stored slice is shown, else nothing."""
        stack = stack_of(volume.geometry, plane)
        tilt = abs(float(np.dot(plane.onward, PLANES[plane.name].onward)))
        if stack.axis != 0 or not self.image_numbers or tilt < NEAR_STRAIGHT:
            return []
        number = self.image_numbers[nearest_slice(volume.geometry, plane, lps)]
        if number == NOTHING_HERE:
            return [_tr("No image here")]
        if tilt < STRAIGHT:  # turned to match another scan: the image at the crosshair
            return [_tr("Near image %1").replace("%1", str(number))]
        count = self.images or len(self.image_numbers)
        numbers = tuple(self.image_numbers)
        places = _places(numbers)
        if len(places) == count and not _runs_from_one(numbers):  # "50 / 8" would mislead
            return [_numbered(number, places[number], count)]
        if number > count:
            return [_tr("Image %1").replace("%1", str(number))]
        return [_tr("Image %1 / %2").replace("%1", str(number)).replace("%2", str(count))]

    def not_scanned(self, mm: float) -> str:
        return _tr("%1 mm not scanned").replace("%1", f"{mm:.3g}")

    def centimetres(self, long_mm: float) -> str:
        return _tr("%1 cm").replace("%1", f"{long_mm / 10:g}")


def lines_of(series: Series | None) -> PaneLines:
    """The corners of a series' panes."""
    if series is None:
        return PaneLines()
    numbers = tuple(one.instance_number for one in series.slices)
    images = len(series.sources)
    return PaneLines(text_of(series), numbers, images, series.in_hu, brief_of(series))
