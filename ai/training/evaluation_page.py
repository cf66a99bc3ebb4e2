"""An evaluation as one HTML page: every scan by name, plots, the slices where it is worst.

It opens anywhere: no script, nothing fetched from elsewhere. It is research, and says so.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from html import escape
from statistics import fmean, median

from ai.training.evaluation_plots import legend, points, reliability_plot
from ai.training.evaluation_spread import ENOUGH, PERCENT, spread
from ai.training.lungs_calibration import pooled
from ai.training.lungs_evaluate import AS_IT_IS, Judged, Row
from ai.training.peers import Union

WORST = 9
SCAN_HEADS = (
    "Stratum, model, scan", "Dice right / left", "of aerated lung", "HD95 mm", "MSD mm", "volume",
    "fault",
)  # fmt: skip
FAILED_BELOW = 0.9
"""A lung with less Dice than this, or without a mask, is counted as failed."""
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:76em;margin:2em auto;padding:0 1em;color:#1b1e22}
table{border-collapse:collapse;margin:.5em 0}th,td{padding:.25em .6em;border-bottom:1px solid #ddd;
text-align:right;font-variant-numeric:tabular-nums}th:first-child,td:first-child{text-align:left}
tr.out td{color:#777}.notice{border-left:4px solid #b8860b;background:#fdf6e3;padding:.5em 1em}
figure{display:inline-block;margin:.5em;vertical-align:top;max-width:430px;font-size:.85em}
"""
CONVENTIONS = (
    "Dice at native resolution; undefined where both masks are empty, 0 where one is. Surfaces by "
    "area; HD95: the larger of both directions; MSD: the mean of both directional means. A missing "
    "mask counts as the worst. Rows in grey: the model learnt from this patient; they are in no "
    "mean. Peak memory is growth over what the program held; the first scan of a network loads its "
    "libraries, too. Contours drawn for radiotherapy hold aerated lung only: a model that takes in "
    "fluid and airless lung is counted as wrong there; Dice of aerated lung leaves every voxel "
    "above -400 HU out of both masks and tells the two apart. Strata other than “as it is” are "
    "synthetic: disease put in by ai/training/stress.py."
)


def evaluation_page(
    judged: Sequence[Judged], looked: Callable[[str], str], peers: Sequence[Union] = ()
) -> str:
    """The page. looked: how often a scan was scored, in words. peers: other people's lungs."""
    rows = [row for one in judged for row in one.rows]
    models = list(dict.fromkeys(row.model for row in rows))
    scans = list(dict.fromkeys(row.scan for row in rows))
    body = [
        "<h1>Lungs: models side by side</h1>",
        '<p class="notice">Research use only. Not a medical device.</p>',
        f"<p>{escape(CONVENTIONS)}</p>",
        _looked(scans, looked),
        "<h2>Summary</h2>" + _summary(rows, models),
        "<h2>Plots</h2>" + legend(models) + _plots(rows, models),
        _calibration(judged, models),
        _beside(judged, peers),
        _inside(judged, models),
        "<h2>Every lung</h2>" + _every(rows),
        "<h2>Where it is worst</h2>" + _worst(judged),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
        f"<title>Lungs: models side by side</title><style>{STYLE}</style></head>\n<body>"
        + "\n".join(part for part in body if part)
        + "\n</body></html>\n"
    )


def _looked(scans: Iterable[str], looked: Callable[[str], str]) -> str:
    told = "; ".join(f"{escape(scan)}: {escape(looked(scan))}" for scan in scans)
    return f"<p>How often each scan was scored, this time included: {told}.</p>"


def _summary(rows: Sequence[Row], models: Sequence[str]) -> str:
    """A line for each stratum and model, over the lungs that it did not learn from.

    Means stand there with their intervals; where patients are few, each scan stands for itself.
    """
    heads = (
        "Stratum, model", "patients", "lungs", "failed", "Dice mean", "Dice least", "HD95 mm",
        "MSD mm", "volume right", "volume left", "s (median)", "peak MB",
    )  # fmt: skip
    lines: list[tuple[str, ...]] = []
    few: list[tuple[str, ...]] = []
    for stratum in dict.fromkeys(row.stratum for row in rows):
        for model in models:
            own = [r for r in rows if r.stratum == stratum and r.model == model and not r.trained]
            if own:
                lines.append(_line(f"{stratum}, {model}", own))
                few += _scans(f"{stratum}, {model}", own)
    if not lines:
        return "<p>Every scan was learnt from.</p>"
    told = f"<p>{escape(_how_told(rows))}</p>" + _table(heads, lines)
    return told + ("<h2>Scan by scan</h2>" + _table(SCAN_HEADS, few) if few else "")


def _how_told(rows: Sequence[Row]) -> str:
    patients = len({row.of for row in rows if not row.trained})
    if patients < ENOUGH:
        return (
            f"Too few patients for a mean with an interval ({patients}, where {ENOUGH} are "
            "needed): each scan stands by its name below."
        )
    return f"Behind each mean: its {PERCENT} % interval, by a bootstrap over patients."


def _line(title: str, own: Sequence[Row]) -> tuple[str, ...]:
    dice = [row.dice for row in own if row.dice is not None]
    peaks = [row.peak_mb for row in own if row.peak_mb is not None]
    bad = spread([(row.of, _bad(row)) for row in own], fmean)
    failed = f"{sum(map(_bad, own))} of {len(own)}"
    sides = {side: [row for row in own if row.side == side] for side in ("right", "left")}
    return (
        title, str(len({row.of for row in own})), str(len(dice)),
        failed if bad is None else f"{failed}, {bad.told(0, 100)} %",
        _mean(own, "dice", 4), f"{min(dice):.4f}" if dice else "–",
        _mean(own, "hd95_mm", 2), _mean(own, "msd_mm", 2),
        *(_mean(sides[side], "volume_error", 1, percent=True) for side in sides),
        f"{median(row.seconds for row in own):.1f}", f"{max(peaks):.0f}" if peaks else "–",
    )  # fmt: skip


def _bad(row: Row) -> bool:
    """No mask, or hardly any of the lung."""
    return bool(row.fault) or (row.dice is not None and row.dice < FAILED_BELOW)


def _mean(rows: Sequence[Row], name: str, digits: int, *, percent: bool = False) -> str:
    """With its interval; nothing where patients are too few for one."""
    known = [(row.of, float(v)) for row in rows if (v := getattr(row, name)) is not None]
    found = spread(known, fmean)
    if found is None:
        return "–"
    return f"{found.told(digits, 100, '+')} %" if percent else found.told(digits)


def _scans(title: str, own: Sequence[Row]) -> list[tuple[str, ...]]:
    """Every scan by name, right and left, where patients are too few for a mean."""
    if len({row.of for row in own}) >= ENOUGH:
        return []
    lines: list[tuple[str, ...]] = []
    for scan in dict.fromkeys(row.scan for row in own):
        two = [row for row in own if row.scan == scan]
        faults = "; ".join(dict.fromkeys(row.fault for row in two if row.fault))
        lines.append((
            f"{title}, {scan}", _sides(two, "dice", 4), _sides(two, "air_dice", 4),
            _sides(two, "hd95_mm", 2), _sides(two, "msd_mm", 2),
            _sides(two, "volume_error", 1, percent=True), faults,
        ))  # fmt: skip
    return lines


def _sides(two: Sequence[Row], name: str, digits: int, *, percent: bool = False) -> str:
    values = [getattr(row, name) for row in two]
    told = ("–" if v is None else f"{100 * v:+.1f} %" if percent else f"{v:.{digits}f}"
            for v in values)  # fmt: skip
    return " / ".join(told)


def _plots(rows: Sequence[Row], models: Sequence[str]) -> str:
    made = []
    for title, of, low, high, line in (
        ("Dice", lambda r: r.dice, 0.8, 1.0, None),
        ("Volume error, share of the true volume", lambda r: r.volume_error, -0.3, 0.3, 0.0),
    ):
        by_lung: dict[str, dict[str, float]] = {}
        for row in rows:
            value = of(row)
            if value is not None and not row.trained:
                stratum = "" if row.stratum == AS_IT_IS else f", {row.stratum}"
                name = f"{row.scan} {row.side}{stratum}"
                by_lung.setdefault(name, {})[row.model] = value
        if by_lung:
            made.append(points(title, list(by_lung.items()), models, low=low, high=high, line=line))
    return "".join(f"<p>{one}</p>" for one in made)


def _calibration(judged: Sequence[Judged], models: Sequence[str]) -> str:
    """One plot for each network, over the scans that it did not learn from."""
    made = []
    for model in models:
        counted = [one for one in judged if _counts(one, model)]
        parts = [(one.rows[0].of, one.reliability) for one in counted if one.reliability]
        if not parts:
            continue
        whole = pooled([part for _, part in parts])
        sure = spread(parts, lambda some: pooled(some).ece)
        names = (
            f"{one.rows[0].scan} {one.reliability.ece:.3f}" for one in counted if one.reliability
        )
        told = f"{sure.told(3)}" if sure else f"scan by scan {', '.join(names)}"
        words = f"{model}: ECE {told}, over {whole.unsure:,} voxels that are not sure."
        made.append(f"<p>{escape(words)}</p>{reliability_plot(model, whole)}")
    return "<h2>Calibration</h2>" + "".join(made) if made else ""


def _counts(one: Judged, model: str) -> bool:
    row = one.rows[0]
    return one.reliability is not None and row.model == model and not row.trained


def _beside(judged: Sequence[Judged], peers: Sequence[Union]) -> str:
    """Nothing where no peer was given: without one the two lungs say it better apart."""
    if not peers:
        return ""
    own = [one.union for one in judged if one.union is not None]
    told = (
        "Both lungs as one, on all slices of the scan. A peer is another's model or masks, with "
        "what lies outside the body taken away; it is measured here and used for nothing else."
    )
    lines = [
        (
            f"{u.scan}, {u.model}", _num(u.dice, 4), _num(u.air_dice, 4), str(u.slices),
            f"{u.seconds:.1f}", u.fault,
        )
        for scan in dict.fromkeys(u.scan for u in own)
        for u in (*own, *peers)
        if u.scan == scan
    ]  # fmt: skip
    heads = ("Scan, model", "Dice", "of aerated lung", "slices", "s", "fault")
    return f"<h2>Beside peers</h2><p>{escape(told)}</p>" + _table(heads, lines)


def _inside(judged: Sequence[Judged], models: Sequence[str]) -> str:
    told: dict[tuple[str, str, int], dict[str, float]] = {}
    for one in judged:
        for found in one.inside:
            key = (found.scan, found.what, found.voxels)
            told.setdefault(key, {})[found.model] = found.inside
    if not told:
        return ""
    lines = [
        (
            f"{scan}, {what}",
            str(voxels),
            *(f"{100 * shares[m]:.1f} %" if m in shares else "–" for m in models),
        )
        for (scan, what, voxels), shares in told.items()
    ]
    return "<h2>Nodules and tumours inside the mask</h2>" + _table(
        ("What", "voxels", *models), lines
    )


def _every(rows: Sequence[Row]) -> str:
    heads = (
        "Scan, side", "stratum", "model", "Dice", "of aerated lung", "HD95 mm", "MSD mm", "volume",
        "inserted inside", "s", "peak MB", "fault",
    )  # fmt: skip
    lines = [
        (
            f"{r.scan} {r.side}", r.stratum, r.model, _num(r.dice, 4), _num(r.air_dice, 4),
            _num(r.hd95_mm, 2), _num(r.msd_mm, 2),
            "–" if r.volume_error is None else f"{100 * r.volume_error:+.1f} %",
            "–" if r.inserted_inside is None else f"{100 * r.inserted_inside:.0f} %",
            f"{r.seconds:.1f}", _num(r.peak_mb, 0), r.fault,
        )
        for r in rows
    ]  # fmt: skip
    return _table(heads, lines, grey=[r.trained for r in rows])


def _num(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _worst(judged: Sequence[Judged]) -> str:
    """The slices of the lowest Dice, whatever the stratum; blue was drawn, orange was found."""
    shown = [
        (min(row.dice for row in one.rows if row.dice is not None), one)
        for one in judged
        if one.picture and any(row.dice is not None for row in one.rows)
    ]
    figures = []
    for dice, one in sorted(shown, key=lambda pair: pair[0])[:WORST]:
        data = base64.b64encode(one.picture).decode()
        learnt = "; the model learnt from this patient" if one.rows[0].trained else ""
        told = escape(f"{one.caption}; Dice of the worse lung {dice:.3f}{learnt}")
        figures.append(
            f'<figure><img alt="{told}" src="data:image/png;base64,{data}">'
            f"<figcaption>{told}</figcaption></figure>"
        )
    note = "<p>Blue: drawn by others. Orange: found by the model.</p>"
    return note + "".join(figures) if figures else "<p>No contours to compare with.</p>"


def _table(
    heads: Sequence[str], lines: Iterable[Sequence[str]], *, grey: Sequence[bool] = ()
) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    made = []
    for n, line in enumerate(lines):
        cells = "".join(f"<td>{escape(text)}</td>" for text in line)
        out = ' class="out"' if n < len(grey) and grey[n] else ""
        made.append(f"<tr{out}>{cells}</tr>")
    return f"<table><tr>{head}</tr>{''.join(made)}</table>"
