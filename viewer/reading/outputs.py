"""The files beside the SEGs: findings as JSON, and pictures; no patient's name in either."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from ai.errors import OutsideError
from ai.scan.finding import Finding
from ai.scan.labelmap import LEFT_LUNG, RIGHT_LUNG, LabelMap, MadeBy
from ai.scan.volume import Volume
from viewer import __version__
from viewer.dicom.series import Series
from viewer.reading.reading import EXPORTED_STATES, OPEN_STATES, Reading

NOTICE: Final = "Research use only. Not a medical device. Not for diagnosis or treatment decisions."
PICTURED_STATES: Final = (*EXPORTED_STATES, *OPEN_STATES)
OVERVIEW: Final = "lungs"


def write_findings_json(folder: Path, series: Series, reading: Reading, *, rule: str) -> Path:
    """findings.json: every finding with its state, the lungs' figures, and who made them.

    Lengths in mm, volumes in mm3 and ml, centres in LPS mm; `series` and `image` are the numbers
    that readers use. rule: how findings were accepted. Raises OutsideError where the disk refuses.
    """
    told = {
        "notice": NOTICE,
        "made_by": f"Hilum {__version__}",
        "models": [{"card": m.card, "version": m.version} for m in models(reading)],
        "accepted": rule,
        "series_uid": series.uid,
        "lungs": lung_figures(reading),
        "findings": [
            {**_row(finding, series), "state": str(reading.state(finding.id))}
            for finding in reading.findings
        ],
    }
    text = json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False)
    return save(folder / "findings.json", text.encode())


def _row(finding: Finding, series: Series) -> dict[str, Any]:
    figures = finding.measurement
    return {
        "id": finding.id,
        "centre_mm": [round(float(mm), 2) for mm in finding.centre_lps],
        "series": series.number,
        "image": series.image_number(finding.slice_index),
        "long_mm": round(float(figures.long_mm), 2),
        "short_mm": round(float(figures.short_mm), 2),
        "mean_diameter_mm": round(float(figures.mean_diameter_mm), 2),
        "volume_mm3": round(float(figures.volume_mm3), 1),
        "mean_hu": round(float(figures.mean_hu), 1),
        "type": figures.type,
        "chance": round(float(finding.chance), 4),
    }


def lung_figures(reading: Reading) -> dict[str, dict[str, float]]:
    """Millilitres and mean HU of the right and the left lung; nothing where none was segmented."""
    named = {RIGHT_LUNG.number: "right", LEFT_LUNG.number: "left"}
    return {
        named[f.number]: {"ml": round(float(f.volume_ml), 1), "mean_hu": round(float(f.mean_hu), 1)}
        for f in reading.lung_figures
        if f.number in named
    }


def models(reading: Reading) -> tuple[MadeBy, ...]:
    """Every model that had a part in the reading, each once."""
    lungs = [reading.lungs.made_by] if reading.lungs is not None else []
    return tuple(dict.fromkeys([*lungs, *(finding.made_by for finding in reading.findings)]))


def write_pictures(
    folder: Path,
    volume: Volume,
    lungs: LabelMap | None,
    findings: Iterable[tuple[Finding, str]],
    *,
    series: Series | None = None,
) -> tuple[Path, ...]:
    """pictures/*.png: the lungs from the front, then each finding that was not rejected or held.

    series: where given, captions name series and image. Raises OutsideError where the disk refuses.
    """
    from viewer.reading.pictures import finding_picture, lungs_picture

    shown = [(finding, state) for finding, state in findings if state in PICTURED_STATES]
    place = folder / "pictures"
    _clear(place)
    written = [save(place / f"{OVERVIEW}.png", _png(lungs_picture(volume, lungs, shown)))]
    for finding, state in shown:
        figures = finding.measurement
        caption = f"{figures.mean_diameter_mm:.1f} mm {figures.type}, {state}"
        if series is not None:
            caption += f", se {series.number} im {series.image_number(finding.slice_index)}"
        picture = finding_picture(volume, finding, state, caption)
        written.append(save(place / picture_name(finding.id), _png(picture)))
    return tuple(written)


def picture_name(finding_id: str) -> str:
    """The file name of a finding's picture."""
    return f"finding-{re.sub(r'[^A-Za-z0-9._-]', '_', finding_id)}.png"


def _clear(place: Path) -> None:
    """An earlier run's pictures must not pass for this one's; files of others stay."""
    try:
        for path in [place / f"{OVERVIEW}.png", *place.glob("finding-*.png")]:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(place, error) from error


def _png(picture: Any) -> bytes:
    stream = BytesIO()
    picture.save(stream, "PNG", compress_level=3)
    return stream.getvalue()


def save(path: Path, content: bytes) -> Path:
    """Write a whole file or none: aside first, then named. Raises OutsideError."""
    aside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            aside.write_bytes(content)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(path, error) from error
    return path


def _refused(path: Path, error: OSError) -> OutsideError:
    why = error.strerror or "the disk refused"
    return OutsideError(
        f"{path.name} could not be written: {why[:1].lower()}{why[1:]}.",
        "Make room or choose a folder that can be written to, then try again.",
    )
