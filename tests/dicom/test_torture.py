"""Strange and broken inputs end as their manifest says; HILUM_TORTURE=all takes every case."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.data import data_folder
from viewer.dicom.inspect import inspect

pytestmark = pytest.mark.data

SAMPLE = {
    "ts-implicit-le", "ts-explicit-be", "ts-deflated", "ts-rle", "ts-jpegls-near", "ts-j2k-lossy",
    "ts-jpeg-lossless-p14", "ts-jpeg-extended-12bit", "ts-htj2k-lossless", "ts-private-unknown",
    "ts-one-slice-damaged", "mf-enhanced-ct-shuffled", "mf-enhanced-ct-rle", "mf-frames-2-billion",
    "geo-gantry-tilt", "geo-missing-slice", "geo-irregular-spacing", "geo-two-phases",
    "geo-slice-of-other-size", "geo-oblique", "geo-non-square-pixels", "px-dirty-high-bits",
    "px-12bit-signed", "px-32bit-ct", "px-no-rescale", "bad-65535x65535-rle", "bad-deflate-bomb",
    "bad-nested-3000-deep", "bad-one-of-six-truncated", "bad-vr", "txt-hostile-strings",
    "txt-korean-iso2022", "box-dicomdir-loop", "box-zip-odd-names", "box-zip-bomb", "obj-pdf",
    "real-ct-bad-sequence", "real-seg-binary", "real-enhanced-ct-palette",
}  # fmt: skip
PYTHON_WORDS = ("Traceback", "Error", "Exception", "None", "<class", "ndarray", "dtype", "NaT")


def cases() -> list[dict[str, Any]]:
    folder = data_folder()
    if folder is None:
        return []
    listed = json.loads((folder / "torture" / "MANIFEST.json").read_text(encoding="utf-8"))["list"]
    every = os.environ.get("HILUM_TORTURE") == "all"
    return [case for case in listed if every or case["name"] in SAMPLE]


def near(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-3 * max(1.0, abs(b))


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case["name"]))
def test_a_strange_input_ends_as_it_should(case: dict[str, Any], tmp_path: Path) -> None:
    folder = data_folder()
    assert folder is not None
    source = folder / "torture" / case["path"]
    place = tmp_path / uuid.uuid4().hex
    if source.is_dir():
        shutil.copytree(source, place, symlinks=True)
    else:
        shutil.copy(source, place)
    facts = case.get("facts", {})
    probes = facts.get("probes_lps_mm_hu", [])
    answer = inspect(place, [(x, y, z) for x, y, z, _ in probes])
    assert answer["outcome"] in {case["expected"], *case.get("also_right", [])}, answer["sentences"]
    for sentence in answer["sentences"]:
        assert sentence.endswith(".") and not any(word in sentence for word in PYTHON_WORDS)
        assert str(tmp_path) not in sentence
    if answer["outcome"] != "opens":
        assert answer["sentences"]
    if answer["outcome"] != "refused" and "slices" in facts:
        assert_facts(answer["series"], facts, probes)


def assert_facts(rows: list[dict[str, Any]], facts: dict[str, Any], probes: list[Any]) -> None:
    fitting = [
        row
        for row in rows
        if all(row[name] == facts[name] for name in ("slices", "rows", "columns"))
    ]
    assert fitting, rows
    wanted = [facts["slice_spacing_mm"], *facts["pixel_spacing_mm"]]
    if all(wanted):
        assert any(all(map(near, row["spacing_mm"], wanted)) for row in fitting)
    tolerance = facts.get("hu_tolerance", 1)
    assert not probes or any(
        all(
            value is not None and abs(value - probe[3]) <= tolerance
            for value, probe in zip(row["probes"], probes, strict=True)
        )
        for row in fitting
    )
