"""The files beside the SEGs: true figures, pictures the right way round, no patient's name."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ai.scan.finding import Finding
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy, SegmentFigures
from ai.scan.volume import Volume
from tests.dicom.seg_scan import Grid, nodule, two_lungs, write_scan
from viewer.dicom.series import Series
from viewer.reading.events import (
    EXPORTED_STATES,
    Answer,
    FindingsProposed,
    Proposal,
    SegmentsAdded,
    VerdictGiven,
)
from viewer.reading.out.outputs import draw_pictures, findings_json, picture_name
from viewer.reading.out.pictures import SIDE, Upright, finding_picture, lungs_picture
from viewer.reading.out.segments import colour
from viewer.reading.reading import Reading, Row, fold
from viewer.reading.report.content import report_content
from viewer.reading.report.html import Pictures, report_html

BLOCK = np.ones((2, 3, 4), np.bool_)
KEYS = [
    "id",
    "name",
    "zone",
    "tracking_uid",
    "centre_mm",
    "series",
    "image",
    "long_mm",
    "short_mm",
    "mean_diameter_mm",
    "volume_mm3",
    "mean_hu",
    "core_p10_hu",
    "core_p90_hu",
    "type",
    "chance",
    "state",
]


def a_reading(series: Series) -> Reading:
    """Lungs, and four findings: accepted by rule, rejected, proposed, held."""
    findings = tuple(nodule(series, f"n{n}", (n, 2 * n, n), BLOCK) for n in range(4))
    proposals = tuple(
        Proposal(f.id, shown=n < 3, rank=n, propensity=1.0, policy="prior", seed=1)
        for n, f in enumerate(findings)
    )
    figures = (SegmentFigures(1, 2500.25, -820.04), SegmentFigures(2, 2200.0, -815.0))
    events = (
        SegmentsAdded(two_lungs(series), figures),
        FindingsProposed(findings, proposals),
        VerdictGiven("n0", Answer.ACCEPT, by="rule"),
        VerdictGiven("n1", Answer.REJECT),
    )
    return fold("r1", (Row(n, "", event) for n, event in enumerate(events, start=1)))


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


def blank(geometry: Geometry, hu: int = -800) -> Volume:
    return Volume(geometry, np.full(geometry.shape_kji, hu, np.int16))


def test_findings_json_has_the_agreed_keys_and_every_finding(scan: Series) -> None:
    content = report_content(scan, a_reading(scan), rule="by rule, chance 0.5 or more")
    told = json.loads(findings_json(content))
    assert [list(row) for row in told["findings"]] == [KEYS] * 4
    assert [row["state"] for row in told["findings"]] == [
        "accepted",
        "rejected",
        "proposed",
        "held",
    ]
    assert told["lungs"] == {
        "right": {"ml": 2500.2, "mean_hu": -820.0},
        "left": {"ml": 2200.0, "mean_hu": -815.0},
    }
    assert told["accepted"] == "by rule, chance 0.5 or more"
    assert told["notice"].startswith("Research use only.")
    assert {"card": "lungs-classical", "version": "1.0"} in told["models"]
    assert told["findings"][2]["image"] == 4  # stored head first, k counts from the feet


def test_without_lungs_there_are_no_lung_figures(scan: Series) -> None:
    told = json.loads(findings_json(report_content(scan, Reading("r"))))
    assert (told["lungs"], told["findings"]) == ({}, [])


def test_a_number_that_is_none_is_told_as_unknown(scan: Series) -> None:
    reading = a_reading(scan)
    first = reading.findings[0]
    odd = replace(first, measurement=replace(first.measurement, mean_hu=float("nan")))
    (row,) = json.loads(findings_json(report_content(scan, replace(reading, findings=(odd,)))))[
        "findings"
    ]
    assert row["mean_hu"] is None and row["volume_mm3"] > 0


def test_pictures_show_what_waits_and_what_was_accepted(scan: Series) -> None:
    reading = a_reading(scan)
    assert scan.geometry is not None
    stated = tuple((f, reading.state(f.id)) for f in reading.findings)
    drawn = draw_pictures(blank(scan.geometry), reading.lungs, stated, series=scan)
    assert list(drawn) == ["lungs.png", "finding-n0.png", "finding-n2.png"]
    for png in drawn.values():
        assert Image.open(BytesIO(png)).format == "PNG"


def test_file_names_hold_nothing_that_a_disk_refuses() -> None:
    assert picture_name("../a b:c") == "finding-.._a_b_c.png"


def brightest(panel: Image.Image) -> tuple[float, float]:
    """Row and column of the middle of what is white there, texts at the rim apart."""
    grey = np.asarray(panel.convert("L"), np.float64)[60:-60, 60:-60]
    rows, columns = np.nonzero(grey > 250)
    return float(rows.mean()) + 60, float(columns.mean()) + 60


ORIENTATIONS = {
    "head first supine": ((1, 0, 0), (0, 1, 0)),
    "head first prone": ((-1, 0, 0), (0, -1, 0)),
    "mirrored rows": ((-1, 0, 0), (0, 1, 0)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
    "coronal": ((1, 0, 0), (0, 0, -1)),
}


def cube(row: tuple[int, ...], column: tuple[int, ...]) -> Geometry:
    affine = np.eye(4)
    affine[:3, 0] = np.cross(row, column)
    affine[:3, 1], affine[:3, 2] = column, row
    affine[:3, 3] = -affine[:3, :3] @ np.full(3, 30.0)
    return Geometry((61, 61, 61), affine)


def ball(geometry: Geometry, centre_lps: tuple[float, float, float]) -> NDArray[np.bool_]:
    grid = np.moveaxis(np.indices(geometry.shape_kji), 0, -1)
    away = geometry.lps_of(grid) - np.array(centre_lps)
    inside: NDArray[np.bool_] = np.linalg.norm(away, axis=-1) < 3
    return inside


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_left_is_on_the_right_of_every_picture_and_front_is_up(name: str) -> None:
    geometry = cube(*ORIENTATIONS[name])
    centre = (14.0, -12.0, 10.0)  # left, front, above the middle
    mask = ball(geometry, centre)
    volume = Volume(geometry, np.where(mask, 400, -900).astype(np.int16))
    finding = _finding(centre, geometry, mask)
    axial = finding_picture(volume, finding, "proposed", "").crop((0, 0, SIDE, SIDE))
    row, column = brightest(axial)
    per_mm = SIDE / 61
    assert column == pytest.approx(SIDE / 2 + 14 * per_mm, abs=3)
    assert row == pytest.approx(SIDE / 2 - 12 * per_mm, abs=3)

    labels = np.where(mask, 2, 0).astype(np.uint8)
    lungs = LabelMap(geometry, labels, LUNGS, MadeBy("m", "1"))
    coronal = lungs_picture(volume, lungs, ())
    row, column = brightest(coronal)
    assert column == pytest.approx(SIDE / 2 + 14 * per_mm, abs=3)
    assert row == pytest.approx(SIDE / 2 - 10 * per_mm, abs=3)


def _finding(
    centre: tuple[float, float, float], geometry: Geometry, mask: NDArray[np.bool_]
) -> Finding:
    from ai.scan.finding import BoxMask, Measurement

    k = round(float(geometry.index_of(centre)[0]))
    figures = Measurement(6.0, 6.0, 6.0, 113.0, 400.0, 400.0, 400.0, "solid")
    box = BoxMask((0, 0, 0), mask)
    return Finding("n", "nodule", centre, k, "LUZ", 0.5, figures, MadeBy("m", "1"), (), box)


def test_the_ring_stays_outside_the_nodule() -> None:
    geometry = cube(*ORIENTATIONS["head first supine"])
    mask = ball(geometry, (0.0, 0.0, 0.0))
    plain = Volume(geometry, np.full(geometry.shape_kji, -600, np.int16))
    picture = finding_picture(plain, _finding((0.0, 0.0, 0.0), geometry, mask), "accepted", "")
    near = np.asarray(picture.crop((SIDE + 2, 0, 2 * SIDE + 2, SIDE)))
    ring = np.all(near == colour("state", "accepted"), axis=-1)
    rows, columns = np.nonzero(ring)
    per_mm = SIDE / 61
    away_mm = np.hypot(rows - SIDE / 2, columns - SIDE / 2) / per_mm
    assert ring.sum() > 100
    assert away_mm.min() > 3


def test_unequal_spacing_is_drawn_to_scale() -> None:
    geometry = Geometry.axial((10, 40, 40), spacing_kji_mm=(4.0, 1.0, 1.0))
    labels = np.zeros((10, 40, 40), np.uint8)
    labels[2:8, 5:35, 8:32] = 1
    lungs = LabelMap(geometry, labels, LUNGS, MadeBy("m", "1"))
    pixels = np.asarray(lungs_picture(blank(geometry), lungs, ()))
    rows, columns = np.nonzero(np.all(pixels == colour("segment", "lungRight"), axis=-1))
    assert np.ptp(rows) == pytest.approx(24 * SIDE / 40, abs=2)
    assert np.ptp(columns) == pytest.approx(24 * SIDE / 40, abs=2)


def test_turning_upright_moves_voxels_and_indices_alike() -> None:
    geometry = cube(*ORIENTATIONS["sagittal"])
    marked = np.zeros(geometry.shape_kji, np.uint8)
    marked[3, 50, 20] = 1
    upright = Upright.of(geometry)
    assert np.argwhere(upright.turn(marked))[0].tolist() == upright.index((3, 50, 20)).tolist()


def test_the_lungs_show_confirmed_findings_alone_by_name_and_tell_what_is_not_drawn(
    scan: Series,
) -> None:
    reading = a_reading(scan)
    assert scan.geometry is not None
    content, volume = report_content(scan, reading), blank(scan.geometry)
    stated = tuple((f, reading.state(f.id)) for f in reading.findings)
    confirmed = tuple(one for one in stated if one[1] in EXPORTED_STATES)
    assert len(confirmed) < len(stated)
    batch, window = (
        draw_pictures(volume, reading.lungs, some, series=scan, content=content)["lungs.png"]
        for some in (stated, confirmed)
    )
    assert batch == window  # one rule, whoever asks
    plain = draw_pictures(volume, reading.lungs, confirmed, series=scan)["lungs.png"]
    assert batch != plain  # names and a caption
    page = report_html(content, pictures=Pictures("p", {"lungs.png": batch}))
    assert f"Rings: confirmed findings only ({len(confirmed)})." in page
    assert "Not drawn: " in page
