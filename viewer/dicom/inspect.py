"""`hilum inspect`: what a path holds, whether it opens, and HU at points in the patient."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import math
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from viewer.dicom.find import open_path
from viewer.dicom.pixels import load_slices, outward, spoilt_sentences
from viewer.dicom.series import OPENS, REFUSED, WARNS, Opened, Series, contours_sentence

Point = tuple[float, float, float]
HALF_A_VOXEL = 0.5 + 1e-6
COULD_NOT = 1


def inspect(path: Path, probes_lps: Sequence[Point] = ()) -> dict[str, Any]:
    """Outcome, sentences, and facts of every series, as `--json` prints them."""
    return told_of(open_path(path), probes_lps)


def told_of(opened: Opened, probes_lps: Sequence[Point] = ()) -> dict[str, Any]:
    """What `inspect` and `batch` say of what was opened, and nobody says otherwise.

    Every slice of the default series is decoded, so that a spoilt one is named; of the others only
    slices that hold a probe.
    """
    outcome, sentences = opened.outcome, list(opened.sentences)
    if told := contours_sentence(opened.contours):
        sentences.append(told)
    rows = []
    for number, series in enumerate(opened.series):
        wanted = [_voxel(series, point) for point in probes_lps]
        order = _to_read(series) if number == 0 else sorted({v[0] for v in wanted if v})
        values, spoilt = _read(series, order, wanted)
        if number == 0 and spoilt:
            sentences += spoilt_sentences(series, spoilt)
            outcome = REFUSED if len(spoilt) == len(series.sources) else WARNS
        rows.append(_row(series, values))
    return {
        "outcome": outcome,
        "sentences": sentences,
        "series": [] if outcome == REFUSED else rows,
    }


def _read(
    series: Series, order: list[int], wanted: Sequence[tuple[int, int, int] | None]
) -> tuple[list[int | None], list[int]]:
    """HU at the wanted voxels, None where there is none, and the slices that cannot be decoded."""
    picture = np.empty((series.rows, series.columns), dtype=np.int16)
    values: list[int | None] = [None] * len(wanted)

    def take(k: int) -> None:
        for n, voxel in enumerate(wanted):
            if voxel is not None and voxel[0] == k:
                values[n] = int(picture[voxel[1], voxel[2]])

    spoilt = load_slices(series, order, lambda k: picture, filled=take)
    lost = {n for n, voxel in enumerate(wanted) if voxel is not None and voxel[0] in spoilt}
    return [None if n in lost else value for n, value in enumerate(values)], spoilt


def _to_read(series: Series) -> list[int]:
    """One k for each stored slice, from the middle outward."""
    first = {piece: k for k, piece in reversed(list(enumerate(series.slices))) if piece.here}
    wanted = set(first.values())
    return [k for k in outward(len(series.slices), None) if k in wanted]


def _row(series: Series, values: list[int | None]) -> dict[str, Any]:
    spacing = series.geometry.spacing_kji_mm if series.geometry else ()
    return {
        "uid": series.uid,
        "modality": series.modality,
        "slices": len(series.sources),
        "rows": series.rows,
        "columns": series.columns,
        "spacing_mm": [round(mm, 6) for mm in spacing],
        "probes": values,
    }


def _voxel(series: Series, point: Point) -> tuple[int, int, int] | None:
    """The stored voxel nearest to a point, by the slices' own positions; None outside.

    Slices of an uneven stack do not lie where one geometry puts them, so each is asked itself.
    """
    geometry = series.geometry
    if geometry is None:
        return None
    directions = geometry.directions
    normal = np.cross(directions[:, 2], directions[:, 1])
    sources = series.sources
    positions = np.array([s.position_lps for s in sources])
    along = (np.array(point) - positions) @ normal
    nearest = int(np.abs(along).argmin())
    gaps = np.diff(positions @ normal)
    reach = float(gaps.max()) if len(gaps) else geometry.spacing_kji_mm[0]
    if abs(along[nearest]) > HALF_A_VOXEL * reach:
        return None
    k = series.slices.index(sources[nearest])
    offset = np.array(point) - positions[nearest]
    j = math.floor(offset @ directions[:, 1] / geometry.spacing_kji_mm[1] + 0.5)
    i = math.floor(offset @ directions[:, 2] / geometry.spacing_kji_mm[2] + 0.5)
    if not (0 <= j < series.rows and 0 <= i < series.columns):
        return None
    return k, j, i


def main(argv: Sequence[str]) -> int:
    """`hilum inspect PATH [--probe=X,Y,Z]... [--json]`; 0 opens, 1 refused, 2 bad arguments.

    With --json a refusal is an answer like another, and ends with 0: its `outcome` tells it.
    """
    parser = argparse.ArgumentParser(
        prog="hilum inspect",
        description="Say what a folder, file, ZIP or DICOMDIR holds.",
        epilog="Exit code: 0 where it opens, with a warning or without; 1 where it is refused,"
        " but 0 with --json, whose outcome tells it; 2 for bad arguments.",
    )
    parser.add_argument("path", type=Path)
    takes_probes(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    try:
        wish = parser.parse_args(joined(argv))
    except SystemExit as stop:
        return int(stop.code or 0)
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)  # our sentences say what it would say
    with decoders_hushed():
        answer = inspect(wish.path, wish.probe)
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(answer, indent=1) if wish.json else _text(answer, wish.probe))
    return COULD_NOT if answer["outcome"] == REFUSED and not wish.json else 0


@contextlib.contextmanager
def decoders_hushed() -> Iterator[None]:
    """Without what C decoders write of damaged streams straight to the terminal: we say it."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, ValueError, AttributeError):  # there is no terminal to hush
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def takes_probes(parser: argparse.ArgumentParser) -> None:
    """Gives a command --probe=X,Y,Z, as often as wanted; its words go through `joined` first."""
    parser.add_argument(
        "--probe",
        action="append",
        default=[],
        type=_point,
        metavar="X,Y,Z",
        help="HU of the voxel nearest to a point (LPS, mm)",
    )


def joined(argv: Sequence[str]) -> list[str]:
    """`--probe -1,2,3` as `--probe=-1,2,3`: argparse takes a leading minus for an option."""
    parts: list[str] = []
    for word in argv:
        if parts and parts[-1] == "--probe":
            parts[-1] = f"--probe={word}"
        else:
            parts.append(word)
    return parts


def _point(text: str) -> Point:
    try:
        x, y, z = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not X,Y,Z in mm") from None
    if not all(map(math.isfinite, (x, y, z))):
        raise argparse.ArgumentTypeError(f"{text} is not X,Y,Z in mm")
    return x, y, z


def _text(answer: dict[str, Any], probes: Sequence[Point]) -> str:
    said = {OPENS: "Opens.", WARNS: "Opens, with a warning.", REFUSED: "Cannot be opened."}
    lines = [said[answer["outcome"]], *(f"  {sentence}" for sentence in answer["sentences"])]
    for row in answer["series"]:
        spacing = " x ".join(f"{mm:g}" for mm in row["spacing_mm"])
        lines.append(
            f"{row['modality'] or '?'}  {row['slices']} "
            f"{'slice' if row['slices'] == 1 else 'slices'} of {row['rows']} x "
            f"{row['columns']}, {spacing} mm  {row['uid']}"
        )
        for point, value in zip(probes, row["probes"], strict=True):
            where = ", ".join(f"{mm:g}" for mm in point)
            lines.append(f"    ({where}) mm: {'outside' if value is None else f'{value} HU'}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
