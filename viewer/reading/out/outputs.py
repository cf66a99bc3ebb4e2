"""The files beside the SEGs: findings as JSON, and pictures; no patient's name in either."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from io import BytesIO
from math import isfinite
from typing import Any, Final

from ai.scan.finding import Finding
from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from viewer import __version__
from viewer.dicom.series import Series
from viewer.language.catalogue import ENGLISH
from viewer.reading.events import EXPORTED_STATES, OPEN_STATES
from viewer.reading.labels import NODULE, what_it_is
from viewer.reading.origin import told_state
from viewer.reading.report.content import NOTICE, FindingLine, LungLine, ReportContent
from viewer.reading.report.drawings import measurement_figures_of
from viewer.reading.report.words import (
    Tell,
    name_words,
    overview_words,
    place_words,
    state_word,
    type_word,
)
from viewer.reading.searching import Search

PICTURED_STATES: Final = (*EXPORTED_STATES, *OPEN_STATES)
OVERVIEW: Final = "lungs"


def _lung(lung: LungLine) -> dict[str, object]:
    """Volume and mean always; what else was counted where it was."""
    told: dict[str, object] = {"ml": lung.volume_ml, "mean_hu": lung.mean_hu}
    if lung.p15_hu is not None:
        told |= {"p15_hu": lung.p15_hu, "laa950_percent": lung.laa950_percent}
    if lung.density_note:
        told["density_note"] = lung.density_note
    return told


def findings_json(content: ReportContent) -> str:
    """findings.json: every finding with its state, the lungs' figures, and who made them.

    Lengths in mm, volumes in mm3 and ml, centres in LPS mm; `series` and `image` are the numbers
    that readers use; percentiles are of the core, as figures.csv has them. A figure that could not
    be measured is null, and so is the chance of what no search found: own marks, and what came in
    a file.
    """
    told = {
        "notice": NOTICE,
        "made_by": f"Hilum {__version__}",
        "models": [{"card": m.card, "version": m.version} for m in content.models],
        "accepted": content.rule,
        "searched": _searched(content.search),
        "how_read": list(content.how_read),
        "series_uid": content.series_uid,
        "lungs": {lung.side: _lung(lung) for lung in content.lungs},
        "findings": [_row(line) for line in content.findings],
        "measurements": [
            {
                "id": line.id,
                "name": line.title,
                "kind": line.kind,
                **({"scan": line.scan_words, "series_uid": line.series_uid} if line.scan else {}),
                **measurement_figures_of(line),
            }
            for line in content.measurements
        ],
        "key_images": [
            {
                "plane": key.plane,
                "series": key.series,
                "image": key.image_or_none,
                "finding": key.finding,
                "picture": key.file,
            }
            for key in content.key_images
        ],
    }
    return json.dumps(_known(told), indent=1, ensure_ascii=False, allow_nan=False)


def _searched(search: Search | None) -> dict[str, Any] | None:
    """Null where nodules were not searched for; null too for what is not known of an old search."""
    if search is None:
        return None
    return {
        "model": search.by.name if search.by is not None else None,
        "lung_ml": round(search.lung_ml, 2) or None,
        "candidates": search.candidates,
        "accepted": search.accepted,
    }


def _known(told: Any) -> Any:
    """The same with null for every number that is none: JSON has no word for those."""
    if isinstance(told, dict):
        return {name: _known(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_known(value) for value in told]
    return None if isinstance(told, float) and not isfinite(told) else told


def _row(line: FindingLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "zone": line.zone,
        "tracking_uid": line.tracking_uid,
        "centre_mm": list(line.centre_mm),
        "series": line.series,
        "image": line.image,
        "long_mm": line.long_mm,
        "short_mm": line.short_mm,
        "mean_diameter_mm": line.mean_diameter_mm,
        "volume_mm3": line.volume_mm3,
        "mean_hu": line.mean_hu,
        "core_p10_hu": line.p10_hu,
        "core_p90_hu": line.p90_hu,
        "type": line.type,
        "chance": line.chance,
        "state": line.told_state,
        **_said(line),
    }


def _said(line: FindingLine) -> dict[str, str]:
    """What only some findings have: what readers call it, why it was rejected, its file."""
    kind = "" if line.kind == NODULE else line.kind
    said = {"kind": kind, "label": line.label, "reason": line.reason, "origin": line.origin}
    return {name: value for name, value in said.items() if value}


def draw_pictures(
    volume: Volume,
    lungs: LabelMap | None,
    findings: Iterable[tuple[Finding, str]],
    *,
    series: Series | None = None,
    content: ReportContent | None = None,
    language: str = ENGLISH,
) -> dict[str, bytes]:
    """File name to PNG: the lungs from the front, then each finding not rejected or held.

    On the lungs only what was confirmed has a ring. series: where given, captions name series and
    image. content: where given, rings and captions have the findings' names, and the lungs tell
    what is not drawn. language: of the words in them.
    """
    from viewer.reading.out.pictures import NOTICE as PICTURE_NOTICE
    from viewer.reading.out.pictures import finding_picture, lungs_picture

    shown = [(finding, state) for finding, state in findings if state in PICTURED_STATES]
    tell = Tell(language)
    notice = tell(PICTURE_NOTICE)
    lines = content.findings if content is not None else ()
    names = {line.id: name_words(tell, line.name) for line in lines}
    confirmed = [(finding, state) for finding, state in shown if state in EXPORTED_STATES]
    told = overview_words(tell, content) if content is not None else ()
    overview = lungs_picture(volume, lungs, confirmed, notice=notice, names=names, told=told)
    drawn = {f"{OVERVIEW}.png": png(overview)}
    for finding, state in shown:
        caption = _caption(tell, finding, state, series)
        if finding.id in names:
            caption = tell("{0}: {1}", names[finding.id], caption)
        picture = finding_picture(volume, finding, state, caption, notice=notice)
        drawn[picture_name(finding.id)] = png(picture)
    return drawn


def _caption(tell: Tell, finding: Finding, state: str, series: Series | None) -> str:
    """'5.1 mm solid, accepted, se 2 im 87'."""
    figures = finding.measurement
    what = type_word(tell, what_it_is(finding.kind, figures.type))
    parts = [
        tell("{0:.1f} mm {1}", figures.mean_diameter_mm, what),
        state_word(tell, told_state(finding, state)),
    ]
    if series is not None:
        parts.append(place_words(tell, series.number, series.image_number(finding.slice_index)))
    return tell(", ").join(parts)


def picture_name(finding_id: str) -> str:
    """The file name of a finding's picture."""
    return f"finding-{re.sub(r'[^A-Za-z0-9._-]', '_', finding_id)}.png"


def png(picture: Any) -> bytes:
    """A picture as it is stored."""
    stream = BytesIO()
    picture.save(stream, "PNG", compress_level=3)
    return stream.getvalue()
