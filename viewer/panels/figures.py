"""Figures as words for the reader: sizes, volumes, densities, with units and true minus signs."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from ai.scan.finding import Finding, Measurement
from viewer.reading.reading import Reading
from viewer.reading.searching import search_of
from viewer.views.pane_text import signed

ML_FROM_MM3 = 1000.0
"""Volumes from here on are told in millilitres."""

STATES: dict[str, str] = {
    "proposed": str(QT_TRANSLATE_NOOP("State", "undecided")),
    "undecided": str(QT_TRANSLATE_NOOP("State", "undecided")),
    "accepted": str(QT_TRANSLATE_NOOP("State", "accepted")),
    "edited": str(QT_TRANSLATE_NOOP("State", "edited")),
    "rejected": str(QT_TRANSLATE_NOOP("State", "rejected")),
    "added": str(QT_TRANSLATE_NOOP("State", "added by you")),
    "taken over": str(QT_TRANSLATE_NOOP("State", "taken over out of a file")),
    "held": str(QT_TRANSLATE_NOOP("State", "held back")),
}
TYPES: dict[str, str] = {
    "solid": str(QT_TRANSLATE_NOOP("Type", "solid")),
    "part-solid": str(QT_TRANSLATE_NOOP("Type", "part-solid")),
    "ground glass": str(QT_TRANSLATE_NOOP("Type", "ground glass")),
    "calcified": str(QT_TRANSLATE_NOOP("Type", "calcified")),
    "type unknown": str(QT_TRANSLATE_NOOP("Type", "type unknown")),
}


def tr(text: str) -> str:
    return QCoreApplication.translate("Figures", text)


def state_word(state: str) -> str:
    return QCoreApplication.translate("State", STATES.get(state, state))


def type_word(kind: str) -> str:
    return QCoreApplication.translate("Type", TYPES.get(kind, kind))


def mm(value: float) -> str:
    return f"{value:.1f} mm"


def short_size(figures: Measurement, called: str = "") -> str:
    """'Ø 5.1 mm · solid', the mean of both axes; called: what it is, where it is no nodule."""
    return f"\u00d8 {mm(figures.mean_diameter_mm)} · {called or type_word(figures.type)}"


def long_size(figures: Measurement, called: str = "") -> str:
    """'30.4 × 26.1 mm · solid'."""
    axes = f"{figures.long_mm:.1f} \u00d7 {figures.short_mm:.1f} mm"
    return f"{axes} · {called or type_word(figures.type)}"


def volume(mm3: float) -> str:
    """'123 mm³' or '5.7 ml'."""
    return f"{mm3 / 1000:.1f} ml" if mm3 >= ML_FROM_MM3 else f"{mm3:.0f} mm\u00b3"


def image(number: int) -> str:
    return tr("im {0}").format(number)


def details(finding: Finding, image_number: int) -> str:
    """'5.7 ml · mean −1 HU · im 44'."""
    figures = finding.measurement
    mean = tr("mean {0} HU").format(signed(figures.mean_hu))
    return f"{volume(figures.volume_mm3)} · {mean} · {image(image_number)}"


def chance_word(level: int) -> str:
    return (tr("Low"), tr("Medium"), tr("High"))[level]


def chance_level(chance: float, steps: tuple[float, float]) -> int:
    """0 low, 1 medium, 2 high."""
    return sum(chance >= step for step in steps)


def ml(value: float) -> str:
    return f"{value:,.0f} ml"


def hu(value: float) -> str:
    return f"{signed(value)} HU"


def nothing_found(reading: Reading) -> str:
    """A search that found nothing says where it looked, with which model, and what it misses:
    '0 candidates in 3,752 ml of lung, by nodules-log 1.0. Small nodules can be missed.'"""
    search = search_of(reading)
    by = search.by.name if search is not None and search.by is not None else ""
    where = ml(search.lung_ml) if search is not None and search.lung_ml else ""
    if by and where:
        text = tr("0 candidates in {0} of lung, by {1}. Small nodules can be missed.")
        return text.format(where, by)
    if where:
        return tr("0 candidates in {0} of lung. Small nodules can be missed.").format(where)
    return tr("0 candidates. Small nodules can be missed.")
