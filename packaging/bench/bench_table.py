"""All figures of a run as one table: what was measured, its limit, the verdict, the load then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

HEAD = ("row", "figure", "value", "limit", "verdict", "load")
VERDICTS = {True: "ok", False: "OVER", None: "-"}


def table(figures: Iterable[Mapping[str, Any]], failed: Sequence[str] = ()) -> str:
    """Lines of equal columns, then one that counts.

    figures: as bench_measure.Figure.as_json gives them, each with the `load` average when its row
    began. A limit of a ratio is told with its ratio: 1.20 x <= 2 x.
    failed: rows that could not be measured; each has a line.
    """
    told = list(figures)
    lines = [HEAD, *map(_cells, told), *((name, "", "", "", "NOT MEASURED", "") for name in failed)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    verdicts = [figure["within"] for figure in told]
    count = ", ".join(f"{verdicts.count(kind)} {VERDICTS[kind]}" for kind in (True, False))
    shown = [
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) for line in lines
    ]
    shown.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*(line.rstrip() for line in shown), f"{len(told)} figures: {count}"])


def _cells(figure: Mapping[str, Any]) -> tuple[str, ...]:
    value = f"{_short(figure['value'])} {figure['unit']}"
    limit, ratio = figure["limit"], figure["ratio"]
    if ratio is not None and not figure["limits_value"]:
        value += f" = {ratio:.2f} x"
    unit = figure["unit"] if figure["limits_value"] else "x"
    load = figure.get("load")
    return (
        figure["row"],
        figure["what"],
        value,
        "" if limit is None else f"{limit:g} {unit}",
        VERDICTS[figure["within"]],
        "" if load is None else f"{load:.1f}",
    )


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
