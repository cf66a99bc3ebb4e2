"""Drawings in the words of a report, in the reader's language."""

from __future__ import annotations

from viewer.reading.report.drawings import LATER, OTHER_STUDY, PRIOR, UNKNOWN, MeasurementLine
from viewer.reading.report.words import Tell, hu_words, place_words


def drawing_name(tell: Tell, line: MeasurementLine) -> str:
    """The reader's own words, else 'Length 1'."""
    names = {
        "length": tell("Length {0}", line.number),
        "bidirectional": tell("Two axes {0}", line.number),
        "angle": tell("Angle {0}", line.number),
        "ellipse": tell("Oval {0}", line.number),
        "freehand": tell("Outline {0}", line.number),
        "probe": tell("Point {0}", line.number),
        "arrow": tell("Arrow {0}", line.number),
    }
    return line.words or names[line.kind]


def drawing_figures(tell: Tell, line: MeasurementLine) -> str:
    """All figures of a drawing with their units; nothing where it has none."""
    figures, told = line.figures, []
    if figures.length_mm is not None:
        told.append(f"{figures.length_mm:.1f} mm")
    if figures.long_mm is not None and figures.short_mm is not None:
        told.append(f"{figures.long_mm:.1f} × {figures.short_mm:.1f} mm")
    if figures.angle_deg is not None:
        told.append(f"{figures.angle_deg:.1f}°")
    if figures.area_mm2 is not None:
        told.append(f"{figures.area_mm2:.1f} mm²")
    if figures.voxels == 0:
        told.append(tell("no voxel inside"))
    if figures.mean_hu is not None and figures.area_mm2 is None:
        told.append(hu_words(figures.mean_hu))
    elif figures.mean_hu is not None:
        told.append(tell("mean {0:.0f} HU", figures.mean_hu))
    if figures.sd_hu is not None:
        told.append(tell("SD {0:.0f}", figures.sd_hu))
    if figures.min_hu is not None and figures.max_hu is not None:
        told.append(tell("{0:.0f} to {1:.0f} HU", figures.min_hu, figures.max_hu))
    if figures.median_hu is not None:
        told.append(tell("median {0:.0f}", figures.median_hu))
    return tell(", ").join(told)


def scan_place_words(tell: Tell, line: MeasurementLine) -> str:
    """Where a drawing is seen, and on which scan where that is not the one that is read."""
    where = place_words(tell, line.series, line.image or None)
    if line.scan == PRIOR:
        return tell("prior, {0} days earlier, {1}", line.days, where)
    if line.scan == LATER:
        return tell("later scan, {0} days, {1}", line.days, where)
    if line.scan == OTHER_STUDY:
        return tell("other study, {0}", where)
    return tell("another series") if line.scan == UNKNOWN else where


def drawing_words(tell: Tell, line: MeasurementLine) -> str:
    """One drawing in one sentence: its name, its figures, where it is seen."""
    where = scan_place_words(tell, line)
    figures = drawing_figures(tell, line)
    name = drawing_name(tell, line)
    return tell("{0}: {1}; {2}", name, figures, where) if figures else tell("{0}; {1}", name, where)
