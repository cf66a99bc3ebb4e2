"""Drawings in words: what a kind is called, and its figures with their units."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from viewer.measuring.shapes import Figures, Kind, Measured, Shape
from viewer.views.pane_text import signed

KINDS: dict[Kind, str] = {
    Kind.LENGTH: str(QT_TRANSLATE_NOOP("Measuring", "Length")),
    Kind.BIDIRECTIONAL: str(QT_TRANSLATE_NOOP("Measuring", "Two axes")),
    Kind.ANGLE: str(QT_TRANSLATE_NOOP("Measuring", "Angle")),
    Kind.ELLIPSE: str(QT_TRANSLATE_NOOP("Measuring", "Oval")),
    Kind.FREEHAND: str(QT_TRANSLATE_NOOP("Measuring", "Outline")),
    Kind.PROBE: str(QT_TRANSLATE_NOOP("Measuring", "Point")),
    Kind.ARROW: str(QT_TRANSLATE_NOOP("Measuring", "Arrow")),
}
ICONS: dict[Kind, str] = {
    Kind.LENGTH: "distance",
    Kind.BIDIRECTIONAL: "bidirectional",
    Kind.ANGLE: "angle",
    Kind.ELLIPSE: "oval",
    Kind.FREEHAND: "freehand",
    Kind.PROBE: "probe",
    Kind.ARROW: "text",
}
WHOLE_MM2 = 100.0
"""Areas from here on are told without decimals."""
UNKNOWN = "\u2013"


def tr(text: str) -> str:
    return QCoreApplication.translate("Measuring", text)


def name_of(shape: Shape) -> str:
    """'Length 1', whatever the reader calls it."""
    return f"{tr(KINDS[shape.kind])} {shape.number}"


def short(measured: Measured) -> str:
    """The first thing to know, in one line: '30.4 × 26.1 mm', '42.3°', 'mean −602 HU'.

    Nothing where a kind has no figure.
    """
    return _head(measured.shape.kind, measured.figures.rounded)


def plate(measured: Measured, label: str) -> list[str]:
    """The lines beside a drawing on the image: the reader's words, then all figures."""
    figures = measured.figures.rounded
    lines = [label] if label else []
    if measured.shape.kind in (Kind.ELLIPSE, Kind.FREEHAND):
        lines.append(area(figures.area_mm2))
        if figures.voxels == 0:
            lines.append(tr("no voxel inside"))
        elif figures.mean_hu is not None:
            lines += _spread(figures)
    else:
        lines += filter(None, [_head(measured.shape.kind, figures)])
    return lines


def details(measured: Measured) -> str:
    """All figures in one line, for the list."""
    return " · ".join(plate(measured, ""))


def area(mm2: float | None) -> str:
    if mm2 is None:
        return UNKNOWN
    return f"{mm2:,.0f} mm\u00b2" if mm2 >= WHOLE_MM2 else f"{mm2:.1f} mm\u00b2"


def _hu(value: float | None) -> str:
    return UNKNOWN if value is None else signed(value)


def _head(kind: Kind, figures: Figures) -> str:
    match kind:
        case Kind.LENGTH:
            return UNKNOWN if figures.length_mm is None else f"{figures.length_mm:.1f} mm"
        case Kind.BIDIRECTIONAL if figures.long_mm is not None and figures.short_mm is not None:
            return f"{figures.long_mm:.1f} \u00d7 {figures.short_mm:.1f} mm"
        case Kind.ANGLE:
            return UNKNOWN if figures.angle_deg is None else f"{figures.angle_deg:.1f}\u00b0"
        case Kind.ELLIPSE | Kind.FREEHAND:
            if figures.mean_hu is None:
                return area(figures.area_mm2)
            return tr("mean {0} HU").format(signed(figures.mean_hu))
        case Kind.PROBE:
            return f"{_hu(figures.mean_hu)} HU"
    return ""


def _spread(figures: Figures) -> list[str]:
    """Two lines: mean with SD, the range with the median."""
    mean, sd = _hu(figures.mean_hu), _hu(figures.sd_hu)
    low, high = _hu(figures.min_hu), _hu(figures.max_hu)
    return [
        tr("mean {0} HU, SD {1}").format(mean, sd),
        tr("{0} to {1} HU, median {2}").format(low, high, _hu(figures.median_hu)),
    ]
