"""Plots of an evaluation as inline SVG: points by scan, and what chances come true."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from ai.training.lungs_calibration import Reliability

INKS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#555555")
SHAPES = ("circle", "square", "diamond", "triangle", "cross")
"""Models are told apart by shape and by colour."""
ROW, LEFT, WIDE, TOP = 20, 250, 420, 34


def points(
    title: str,
    rows: Sequence[tuple[str, Mapping[str, float]]],
    models: Sequence[str],
    *,
    low: float,
    high: float,
    line: float | None = None,
) -> str:
    """A row for each lung, a mark for each model; figures beyond the axis stand at its end.

    rows: what it is called, and model to figure. line: where a thin line stands.
    """
    height = TOP + ROW * len(rows) + 30
    parts = [_svg_head(LEFT + WIDE + 30, height, title)]
    for n in range(6):
        value = low + (high - low) * n / 5
        x = LEFT + WIDE * n / 5
        parts.append(f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{height - 26}" stroke="#e4e4e4"/>')
        parts.append(_text(x, height - 10, f"{value:.2f}", "middle"))
    if line is not None:
        x = _x(line, low, high)
        parts.append(f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{height - 26}" stroke="#888"/>')
    for n, (name, values) in enumerate(rows):
        y = TOP + ROW * n + ROW / 2
        parts.append(_text(LEFT - 8, y + 4, name, "end"))
        for model, value in values.items():
            if math.isfinite(value):
                told = f"{name}: {model} {value:.3f}"
                parts.append(mark(models.index(model), _x(value, low, high), y, told))
    return "".join((*parts, "</svg>"))


def legend(models: Sequence[str]) -> str:
    """Which mark is which model."""
    parts = [_svg_head(160 * len(models) + 20, 26, "")]
    for n, model in enumerate(models):
        parts.append(mark(n, 14 + 160 * n, 13, model) + _text(26 + 160 * n, 17, model, "start"))
    return "".join((*parts, "</svg>"))


def reliability_plot(model: str, found: Reliability) -> str:
    """Said against true, with the number of voxels; on the line is honest."""
    side, left, top = 220, 46, 30
    parts = [_svg_head(side + left + 20, side + top + 40, model)]
    parts.append(
        f'<rect x="{left}" y="{top}" width="{side}" height="{side}" fill="none" stroke="#bbb"/>'
        f'<line x1="{left}" y1="{top + side}" x2="{left + side}" y2="{top}" stroke="#bbb"/>'
    )
    for n in range(0, 11, 5):
        parts.append(_text(left + side * n / 10, top + side + 16, f"{n / 10:g}", "middle"))
        parts.append(_text(left - 6, top + side * (1 - n / 10) + 4, f"{n / 10:g}", "end"))
    parts.append(_text(left + side / 2, top + side + 34, "chance that was said", "middle"))
    for n, said, true in zip(found.voxels, found.said, found.true, strict=True):
        if n:
            told = f"{n} voxels: said {said:.2f}, true {true:.2f}"
            parts.append(mark(0, left + side * said, top + side * (1 - true), told))
    return "".join((*parts, "</svg>"))


def mark(n: int, x: float, y: float, told: str) -> str:
    """One point in the shape and colour of the n-th model; told: what a pointer reads there."""
    ink, shape = INKS[n % len(INKS)], SHAPES[n % len(SHAPES)]
    drawn = {
        "circle": f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5"',
        "square": f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"',
        "diamond": _polygon((x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)),
        "triangle": _polygon((x, y - 5), (x + 5, y + 4), (x - 5, y + 4)),
        "cross": f'<path d="M{x - 4:.1f} {y - 4:.1f}l8 8m0-8l-8 8" stroke-width="2"',
    }[shape]
    style = f'fill="{ink}" fill-opacity=".75" stroke="{ink}"'
    tag = drawn[1:].split(" ", 1)[0]
    return f"{drawn} {style}><title>{escape(told)}</title></{tag}>"


def _polygon(*places: tuple[float, float]) -> str:
    return '<polygon points="' + " ".join(f"{x:.1f},{y:.1f}" for x, y in places) + '"'


def _x(value: float, low: float, high: float) -> float:
    return LEFT + WIDE * min(1.0, max(0.0, (value - low) / (high - low)))


def _svg_head(wide: float, high: float, title: str) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}" height="{high:g}" '
        f'viewBox="0 0 {wide:g} {high:g}" font-family="system-ui,sans-serif" font-size="12" '
        f'role="img" aria-label="{escape(title)}">'
    )
    return head + (_text(4, 16, title, "start", bold=True) if title else "")


def _text(x: float, y: float, words: str, anchor: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'
