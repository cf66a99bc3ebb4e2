"""report.html: one page that says what was found, by whom, and what was left out.

It opens anywhere: no script, no font, no picture fetched from elsewhere. Thumbnails are part of the
page and lead to the full pictures beside it. It names no patient.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Final

from ai.scan.finding import Finding
from viewer import __version__
from viewer.dicom.series import Series
from viewer.reading.names import short_names
from viewer.reading.outputs import (
    NOTICE,
    OVERVIEW,
    lung_figures,
    models,
    picture_name,
    save,
)
from viewer.reading.reading import EXPORTED_STATES, HELD, OPEN_STATES, Answer, Reading

LARGE_HELD_MM: Final = 6.0
"""Held findings from this mean diameter on are counted in the report."""
THUMBNAIL: Final = (320, 160)

STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;
color:#1b1e22;background:#fff}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}
.notice{border-left:4px solid #b8860b;background:#fdf6e3;padding:.6em 1em}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35em .7em;border-bottom:1px solid #ddd;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
img{display:block;max-width:100%}footer{color:#555;font-size:.9em;margin-top:2em}
@media print{body{margin:0}}
"""


def write_report(
    folder: Path,
    series: Series,
    reading: Reading,
    *,
    pictures: Sequence[Path] = (),
    rule: str = "",
    sentences: Iterable[str] = (),
) -> Path:
    """The page of one reading. rule: how findings were accepted, where no reader did.

    sentences: what the reader of the page should know of the scan and of the files. Raises
    OutsideError where the disk refuses.
    """
    body = "\n".join(
        (
            "<h1>Chest CT reading</h1>",
            f'<p class="notice"><strong>{escape(NOTICE)}</strong></p>',
            _scan(series),
            f"<p>{escape(rule)}</p>" if rule else "",
            _lungs(reading, pictures),
            _findings(series, reading, pictures),
            _left_out(reading),
            _remarks(sentences),
            _footer(reading),
        )
    )
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>Chest CT reading, research use only</title><style>{STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )
    return save(folder / "report.html", page.encode())


def _scan(series: Series) -> str:
    count = len(series.slices)
    told = [f"Series {series.number}", f"{count} image{'' if count == 1 else 's'}"]
    if series.geometry is not None:
        between, rows, columns = series.geometry.spacing_kji_mm
        told.append(f"{between:.2f} mm between slices, pixels {rows:.3f} by {columns:.3f} mm")
    if series.kernel:
        told.append(f"kernel {series.kernel}")
    return f"<p>{escape(', '.join(told))}.</p>"


def _lungs(reading: Reading, pictures: Sequence[Path]) -> str:
    figures = lung_figures(reading)
    if not figures:
        return "<h2>Lungs</h2><p>The lungs were not segmented.</p>"
    rows = "".join(
        f'<tr><td>{side.capitalize()} lung</td><td class="n">{lung["ml"]:.0f} ml</td>'
        f'<td class="n">{lung["mean_hu"]:.0f} HU</td></tr>'
        for side, lung in figures.items()
    )
    head = '<tr><th>Lung</th><th class="n">Volume</th><th class="n">Mean density</th></tr>'
    seen = _thumbnail(_by_name(pictures).get(f"{OVERVIEW}.png"), "The lungs from the front")
    return f"<h2>Lungs</h2><table>{head}{rows}</table>{seen}"


def _findings(series: Series, reading: Reading, pictures: Sequence[Path]) -> str:
    names, files = short_names(reading), _by_name(pictures)
    parts = []
    for title, states in (
        ("Findings", EXPORTED_STATES),
        ("Candidates without an answer", OPEN_STATES),
    ):
        listed = reading.in_state(*states)
        if listed:
            rows = "".join(_row(f, names[f.id], series, reading, files) for f in listed)
            parts.append(f"<h2>{title} ({len(listed)})</h2><table>{_HEAD}{rows}</table>")
        elif states == EXPORTED_STATES:
            parts.append(f"<h2>{title} (0)</h2><p>{_none(reading)}</p>")
    return "".join(parts)


_HEAD: Final = (
    '<tr><th>Finding</th><th>Type</th><th class="n">Long by short axis</th>'
    '<th class="n">Mean diameter</th><th class="n">Volume</th><th class="n">Mean density</th>'
    "<th>Image</th><th>Answer</th><th>Picture</th></tr>"
)


def _none(reading: Reading) -> str:
    if not reading.searched:
        return "Nodules were not searched for."
    return (
        "No finding was accepted. That is no all-clear: the search misses nodules, and nothing "
        "replaces a reader's own look."
    )


def _row(
    finding: Finding, name: str, series: Series, reading: Reading, files: Mapping[str, Path]
) -> str:
    figures, state = finding.measurement, reading.state(finding.id)
    image = f"se {series.number} im {series.image_number(finding.slice_index)}"
    verdict = reading.verdicts.get(finding.id)
    by = f" by {verdict.by}" if verdict is not None else ""
    cells = "".join(
        f'<td class="n">{text}</td>'
        for text in (
            f"{figures.long_mm:.1f} × {figures.short_mm:.1f} mm",
            f"{figures.mean_diameter_mm:.1f} mm",
            f"{figures.volume_mm3:.0f} mm³",
            f"{figures.mean_hu:.0f} HU",
        )
    )
    chance = f"<br>chance {finding.chance:.2f}" if finding.chance < 1 else ""
    picture = _thumbnail(files.get(picture_name(finding.id)), f"Axial cut through {name}")
    return (
        f"<tr><td>{escape(name)}</td><td>{escape(figures.type)}</td>{cells}"
        f"<td>{escape(image)}</td><td>{escape(str(state) + by)}{chance}</td><td>{picture}</td></tr>"
    )


def _left_out(reading: Reading) -> str:
    if not reading.searched and not reading.findings:
        return ""
    counts = Counter(str(reading.state(f.id)) for f in reading.findings)
    held, rejected = counts[HELD], counts[Answer.REJECT.value]
    large = sum(f.measurement.mean_diameter_mm >= LARGE_HELD_MM for f in reading.in_state(HELD))
    return (
        "<h2>Not among the findings</h2>"
        f"<p>{held} held back by the agent, {large} of them of {LARGE_HELD_MM:g} mm or more; "
        f"{rejected} rejected. All of them stand in findings.json.</p>"
    )


def _remarks(sentences: Iterable[str]) -> str:
    told = "".join(f"<li>{escape(sentence)}</li>" for sentence in dict.fromkeys(sentences))
    return f"<h2>Remarks</h2><ul>{told}</ul>" if told else ""


def _footer(reading: Reading) -> str:
    made = ", ".join(escape(model.name) for model in models(reading)) or "none"
    policies = sorted({proposal.policy for proposal in reading.proposals.values()})
    agent = f" Agent: policy {escape(', '.join(policies))}." if policies else ""
    return f"<footer>Hilum {escape(__version__)}. Models: {made}.{agent} {escape(NOTICE)}</footer>"


def _by_name(pictures: Sequence[Path]) -> dict[str, Path]:
    return {path.name: path for path in pictures}


def _thumbnail(picture: Path | None, words: str) -> str:
    """A small copy inside the page that leads to the picture beside it; nothing without a file."""
    if picture is None or not picture.is_file():
        return ""
    from PIL import Image

    with Image.open(picture) as full:
        full.thumbnail(THUMBNAIL)
        stream = BytesIO()
        full.save(stream, "JPEG", quality=80)
    data = base64.b64encode(stream.getvalue()).decode()
    return (
        f'<a href="pictures/{escape(picture.name)}">'
        f'<img alt="{escape(words)}" src="data:image/jpeg;base64,{data}"></a>'
    )
