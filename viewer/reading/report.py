"""report.html: one page that says what was found, by whom, and what was left out.

It opens anywhere: no script, no font, no picture fetched from elsewhere. Thumbnails are part of the
page and lead to the full pictures beside it. It names no patient.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from typing import Final

from viewer import __version__
from viewer.reading.outputs import OVERVIEW, picture_name
from viewer.reading.report_content import NOTICE, FindingLine, LungLine, ReportContent

THUMBNAIL: Final = (320, 160)


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of a reading: the folder beside the page, and file name to PNG."""

    folder: str = "pictures"
    png: Mapping[str, bytes] = field(default_factory=dict)


NO_PICTURES: Final = Pictures()

STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;
color:#1b1e22;background:#fff}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}
.notice{border-left:4px solid #b8860b;background:#fdf6e3;padding:.6em 1em}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35em .7em;border-bottom:1px solid #ddd;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
img{display:block;max-width:100%}footer{color:#555;font-size:.9em;margin-top:2em}
.written{white-space:pre-line}
@media print{body{margin:0}}
"""


def report_html(content: ReportContent, *, pictures: Pictures = NO_PICTURES) -> str:
    """The page. pictures: those that will lie beside it."""
    body = "\n".join(
        (
            "<h1>Chest CT reading</h1>",
            f'<p class="notice"><strong>{escape(NOTICE)}</strong></p>',
            f"<p>{escape(content.scan)}</p>",
            f"<p>{escape(content.rule)}</p>" if content.rule else "",
            _written("Findings as written", content.findings_text),
            _written("Impression", content.impression),
            _lungs(content.lungs, pictures),
            _findings(content, pictures),
            _left_out(content),
            _remarks(content.remarks),
            f"<footer>Hilum {escape(__version__)}. {escape(content.made_with)} "
            f"{escape(NOTICE)}</footer>",
        )
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>Chest CT reading, research use only</title><style>{STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )


def _written(title: str, text: str) -> str:
    return f'<h2>{title}</h2><p class="written">{escape(text)}</p>' if text else ""


def _lungs(lungs: tuple[LungLine, ...], pictures: Pictures) -> str:
    if not lungs:
        return "<h2>Lungs</h2><p>The lungs were not segmented.</p>"
    rows = "".join(
        f'<tr><td>{escape(lung.label)}</td><td class="n">{lung.volume_ml:.0f} ml</td>'
        f'<td class="n">{lung.mean_hu:.0f} HU</td></tr>'
        for lung in lungs
    )
    head = '<tr><th>Lung</th><th class="n">Volume</th><th class="n">Mean density</th></tr>'
    seen = _thumbnail(pictures, f"{OVERVIEW}.png", "The lungs from the front")
    return f"<h2>Lungs</h2><table>{head}{rows}</table>{seen}"


def _findings(content: ReportContent, pictures: Pictures) -> str:
    accepted = content.accepted
    parts = [f"<h2>Findings ({len(accepted)})</h2>"]
    none = f"<p>{escape(content.no_findings)}</p>"
    parts.append(_table(accepted, pictures) if accepted else none)
    if content.open:
        parts.append(f"<h2>Candidates without an answer ({len(content.open)})</h2>")
        parts.append(_table(content.open, pictures))
    return "".join(parts)


_HEAD: Final = (
    '<tr><th>Finding</th><th>Type</th><th class="n">Long by short axis</th>'
    '<th class="n">Mean diameter</th><th class="n">Volume</th><th class="n">Mean density</th>'
    "<th>Image</th><th>Answer</th><th>Picture</th></tr>"
)


def _table(lines: tuple[FindingLine, ...], pictures: Pictures) -> str:
    rows = "".join(_row(line, pictures) for line in lines)
    return f"<table>{_HEAD}{rows}</table>"


def _row(line: FindingLine, pictures: Pictures) -> str:
    cells = "".join(
        f'<td class="n">{text}</td>'
        for text in (
            f"{line.long_mm:.1f} × {line.short_mm:.1f} mm",
            f"{line.mean_diameter_mm:.1f} mm",
            f"{line.volume_mm3:.0f} mm³",
            f"{line.mean_hu:.0f} HU",
        )
    )
    by = f" by {line.by}" if line.by else ""
    chance = f"<br>chance {line.chance:.2f}" if line.chance < 1 else ""
    seen = _thumbnail(pictures, picture_name(line.id), f"Axial cut through {line.name}")
    return (
        f"<tr><td>{escape(line.name)}</td><td>{escape(line.type)}</td>{cells}"
        f"<td>{escape(line.where)}</td><td>{escape(line.state + by)}{chance}</td>"
        f"<td>{seen}</td></tr>"
    )


def _left_out(content: ReportContent) -> str:
    if not content.left_out:
        return ""
    return f"<h2>Not among the findings</h2><p>{escape(content.left_out)}</p>"


def _remarks(sentences: Iterable[str]) -> str:
    told = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<h2>Remarks</h2><ul>{told}</ul>" if told else ""


def _thumbnail(pictures: Pictures, name: str, words: str) -> str:
    """A small copy inside the page that leads to the picture beside it; nothing without a file."""
    if name not in pictures.png:
        return ""
    data = base64.b64encode(small_jpeg(pictures.png[name])).decode()
    return (
        f'<a href="{escape(pictures.folder)}/{escape(name)}">'
        f'<img alt="{escape(words)}" src="data:image/jpeg;base64,{data}"></a>'
    )


def small_jpeg(png: bytes, size: tuple[int, int] = THUMBNAIL) -> bytes:
    """A picture made small enough for a page."""
    from PIL import Image

    with Image.open(BytesIO(png)) as full:
        full.thumbnail(size)
        stream = BytesIO()
        full.convert("RGB").save(stream, "JPEG", quality=80)
    return stream.getvalue()
