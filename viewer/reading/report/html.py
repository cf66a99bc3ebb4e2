"""report.html: one page that says what was found, by whom, and what was left out.

It opens anywhere: no script, no font, no picture fetched from elsewhere. Thumbnails are part of the
page and lead to the full pictures beside it. It names no patient.
"""

from __future__ import annotations

import base64
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from typing import Final

from viewer.language.catalogue import ENGLISH
from viewer.reading.out.outputs import OVERVIEW, picture_name
from viewer.reading.report import words as words
from viewer.reading.report.content import NOTICE, FindingLine, ReportContent
from viewer.reading.report.drawing_words import drawing_words
from viewer.reading.report.linked import finding_anchor, lung_id, pieces, source_anchor, sources
from viewer.reading.report.words import Tell

THUMBNAIL: Final = (320, 160)
NUMERIC: Final = range(2, 6)
"""Columns of the table of findings that hold figures."""
PLACED: Final = 6
"""The one that holds series and image."""


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
th.n,td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
img{display:block;max-width:100%}footer{color:#555;font-size:.9em;margin-top:2em}
.written{white-space:pre-line}.small{font-size:.9em;overflow-wrap:anywhere}
a[href^="#"]{color:inherit;text-decoration:underline dotted #999}
tr:target,li:target{background:#fdf6e3}
@media print{body{margin:0}}
"""


def report_html(
    content: ReportContent, *, pictures: Pictures = NO_PICTURES, language: str = ENGLISH
) -> str:
    """The page. pictures: those that will lie beside it."""
    page = _Page(content, pictures, Tell(language))
    return (
        f'<!doctype html>\n<html lang="{page.tell.tongue}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width">'
        f"<title>{page.title}</title><style>{STYLE}</style></head>\n"
        f"<body>\n{page.body()}\n</body></html>\n"
    )


@dataclass(frozen=True, eq=False)
class _Page:
    """One page on its way, in one language."""

    content: ReportContent
    pictures: Pictures
    tell: Tell

    @property
    def title(self) -> str:
        return escape(self.tell("Chest CT reading"))

    def body(self) -> str:
        tell, content, notice = self.tell, self.content, escape(self.tell(NOTICE))
        foot = tell.joined((words.made_with_words(tell, content), tell(NOTICE)))
        return "\n".join(
            (
                f"<h1>{self.title}</h1>",
                f'<p class="notice"><strong>{notice}</strong></p>',
                self._paragraph(words.scan_words(tell, content)),
                self._paragraph(tell.say(content.rule)) if content.rule else "",
                self._written(tell("Findings as written"), content.findings_text),
                self._written(tell("Impression"), content.impression),
                self._lungs(),
                self._findings(),
                self._measurements(),
                self._key_images(),
                self._left_out(),
                self._remarks(),
                self._sources(),
                f"<footer>{escape(foot)}</footer>",
            )
        )

    def _head(self, title: str) -> str:
        return f"<h2>{escape(title)}</h2>"

    def _paragraph(self, text: str) -> str:
        return f"<p>{escape(text)}</p>"

    def _cells(
        self,
        name: str,
        texts: Sequence[str],
        numeric: Container[int],
        source: str = "",
        placed: Container[int] = (),
    ) -> str:
        """Cells of a row, th or td; those of figures stand at the right.

        source: of which thing's source these figures, and the cells in `placed`, are links.
        """
        return "".join(
            f"<{name}{' class=n' if n in numeric else ''}>"
            f"{_to_source(text, source) if n in numeric or n in placed else escape(text)}</{name}>"
            for n, text in enumerate(texts)
        )

    def _written(self, title: str, text: str) -> str:
        """The reader's words; names of findings and figures of theirs are links."""
        told = []
        for piece in pieces(self.tell, self.content, text):
            line = piece.line
            to = (source_anchor if piece.figure else finding_anchor)(line.id) if line else ""
            told.append(_link(piece.text, to))
        return f'{self._head(title)}<p class="written">{"".join(told)}</p>' if text else ""

    def _lungs(self) -> str:
        head = self._head(self.tell("Lungs"))
        if not self.content.lungs:
            return head + self._paragraph(self.tell("The lungs were not segmented."))
        tell, numeric = self.tell, range(1, 5)
        titles = tell("Lung"), tell("Volume"), tell("Mean density"), tell("15th percentile")
        rows = [self._cells("th", (*titles, "LAA-950"), numeric)]
        for lung in self.content.lungs:
            figures = (
                f"{lung.volume_ml:.0f} ml",
                words.hu_words(lung.mean_hu),
                "–" if lung.p15_hu is None else words.hu_words(lung.p15_hu),
                "–" if lung.laa950_percent is None else tell("{0:.1f} %", lung.laa950_percent),
            )
            cells = words.lung_name(tell, lung), *figures
            rows.append(self._cells("td", cells, numeric, lung_id(lung)))
        table = "".join(f"<tr>{row}</tr>" for row in rows)
        notes = "".join(map(self._paragraph, words.density_notes(tell, self.content.lungs)))
        seen = self._thumbnail(f"{OVERVIEW}.png", tell("The lungs from the front"))
        if seen:
            seen += self._paragraph(tell.joined(words.overview_words(tell, self.content)))
        return f"{head}<table>{table}</table>{notes}{seen}"

    def _findings(self) -> str:
        tell, accepted = self.tell, self.content.accepted
        head = self._head(tell("Findings ({0})", len(accepted)))
        none = self._paragraph(words.no_findings_words(tell, self.content))
        return head + (self._table(accepted) if accepted else none)

    def _table(self, lines: tuple[FindingLine, ...]) -> str:
        titles = (*words.heads(self.tell), self.tell("Picture"))
        rows = "".join(self._row(line) for line in lines)
        return f"<table><tr>{self._cells('th', titles, NUMERIC)}</tr>{rows}</table>"

    def _row(self, line: FindingLine) -> str:
        tell = self.tell
        name = words.name_words(tell, line.name)
        cells = words.finding_cells(tell, line)
        seen = self._thumbnail(picture_name(line.id), name)
        told = self._cells("td", cells, NUMERIC, line.id, (PLACED,))
        return f'<tr id="{escape(finding_anchor(line.id))}">{told}<td>{seen}</td></tr>'

    def _key_images(self) -> str:
        if not self.content.key_images:
            return ""
        shown = []
        for line in self.content.key_images:
            told = words.key_words(self.tell, line)
            named = [one for one in self.content.accepted if one.name == line.finding]
            linked = escape(told)
            if named:
                name = words.name_words(self.tell, line.finding)
                linked = _link(name, finding_anchor(named[0].id)) + escape(told[len(name) :])
            picture = self._thumbnail(line.file, told)
            shown.append(f'<li id="key-{line.number}">{linked}{picture}</li>')
        return f"{self._head(self.tell('Key images'))}<ol>{''.join(shown)}</ol>"

    def _measurements(self) -> str:
        tell, lines = self.tell, self.content.measurements
        if not lines:
            return ""
        told = (f"<li>{_to_source(drawing_words(tell, line), line.id)}</li>" for line in lines)
        head = self._head(tell("Measurements ({0})", len(lines)))
        return f"{head}<ul>{''.join(told)}</ul>"

    def _left_out(self) -> str:
        told = words.left_out_words(self.tell, self.content)
        head = self._head(self.tell("Not among the findings"))
        return head + self._paragraph(told) if told else ""

    def _remarks(self) -> str:
        told = [escape(self.tell.say(sentence)) for sentence in self.content.remarks_beside]
        points = "".join(f"<li>{one}</li>" for one in told)
        return f"{self._head(self.tell('Remarks'))}<ul>{points}</ul>" if points else ""

    def _sources(self) -> str:
        """A line for each thing with figures: where they were measured, and its UID."""
        found = {line.id: line for line in self.content.accepted}
        told = []
        for thing, name, source in sources(self.tell, self.content):
            file = picture_name(thing) if thing in found else ""
            named = _link(name, finding_anchor(thing)) if thing in found else escape(name)
            seen = f"{self.pictures.folder}/{file}" if file in self.pictures.png else ""
            picture = f' <a href="{escape(seen)}">{escape(self.tell("Picture"))}</a>'
            told.append(
                f'<li id="{escape(source_anchor(thing))}">{named}: {escape(source)}'
                f"{picture if seen else ''}</li>"
            )
        head = self._head(self.tell("Where the figures come from"))
        return f"{head}<ul class=small>{''.join(told)}</ul>" if told else ""

    def _thumbnail(self, name: str, alt: str) -> str:
        """A small copy inside the page that leads to the picture beside it; nothing without one."""
        png = self.pictures.png.get(name)
        if png is None:
            return ""
        data = base64.b64encode(small_jpeg(png)).decode()
        return (
            f'<a href="{escape(self.pictures.folder)}/{escape(name)}">'
            f'<img alt="{escape(alt)}" src="data:image/jpeg;base64,{data}"></a>'
        )


def _link(text: str, to: str) -> str:
    """Words that lead to a place on this page; plain words where there is none."""
    return f'<a href="#{escape(to)}">{escape(text)}</a>' if to else escape(text)


def _to_source(text: str, thing: str) -> str:
    return _link(text, source_anchor(thing) if thing else "")


def small_jpeg(png: bytes, size: tuple[int, int] = THUMBNAIL) -> bytes:
    """A picture made small enough for a page."""
    from PIL import Image

    with Image.open(BytesIO(png)) as full:
        full.thumbnail(size)
        stream = BytesIO()
        full.convert("RGB").save(stream, "JPEG", quality=80)
    return stream.getvalue()
