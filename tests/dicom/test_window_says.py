"""The window says of a path what `hilum inspect` says: same sentences, through the real process.

HILUM_TORTURE=all takes every case.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data import data_folder
from tests.dicom.small import hu_of, write_ct
from tests.flows.desks import until
from viewer.desk.opening import Opening
from viewer.dicom.inspect import inspect
from viewer.jobs import Jobs
from viewer.notices import REFUSED, Notice
from viewer.open_scan import OpenScan

SAMPLE = {
    "ts-one-slice-damaged", "ts-jpegls-near", "ts-private-unknown", "geo-gantry-tilt",
    "geo-irregular-spacing", "geo-missing-slice", "geo-two-phases", "geo-localizer-in-series",
    "bad-one-of-six-truncated", "bad-deflate-bomb", "box-zip-slip", "box-dicomdir-files-missing",
    "obj-pdf", "real-seg-binary", "px-no-rescale", "txt-hostile-strings", "ts-implicit-le",
}  # fmt: skip


def cases() -> list[str]:
    folder = data_folder()
    if folder is None:
        return []
    listed = json.loads((folder / "torture" / "MANIFEST.json").read_text(encoding="utf-8"))["list"]
    every = os.environ.get("HILUM_TORTURE") == "all"
    return [case["path"] for case in listed if every or case["name"] in SAMPLE]


@pytest.fixture(scope="module")
def jobs(qapp: object) -> Iterator[Jobs]:
    it = Jobs()
    yield it
    it.close()


def test_what_is_odd_about_another_series_is_said_when_it_is_chosen(
    jobs: Jobs, tmp_path: Path
) -> None:
    write_ct(tmp_path / "a", hu=hu_of(12))
    write_ct(tmp_path / "b", series="1.2.3.2", number=2, hu=hu_of(5), z_mm=(0, 2.5, 5, 10, 12.5))
    opening, notices, scans = Opening(jobs), list[Notice](), list[OpenScan]()
    opening.noticed.connect(notices.append)
    opening.scan_begun.connect(scans.append)
    opening.open(tmp_path)
    until(lambda: not opening.busy, "the study is open")
    assert opening.opened is not None and notices == []
    opening.choose(opening.opened.series[1])
    until(lambda: not opening.busy, "the other series is open")
    assert [n.sentence for n in notices] == list(opening.opened.series[1].warnings)
    assert notices[0].sentence.startswith("One slice is missing")
    for scan in scans:
        scan.block.free()


def announced(jobs: Jobs, path: Path) -> list[Notice]:
    """What the window has told when it has opened a path: banners about one thing as one."""
    opening, notices, scans = Opening(jobs), list[Notice](), list[OpenScan]()
    opening.noticed.connect(notices.append)
    opening.scan_begun.connect(scans.append)
    opening.open(path)
    until(lambda: not opening.busy, f"{path.name} is open or refused")
    for scan in scans:
        scan.block.free()
    opening.deleteLater()
    newest = {notice.about: n for n, notice in enumerate(notices) if notice.about}
    return [told for n, told in enumerate(notices) if newest.get(told.about, n) == n]


@pytest.mark.data
@pytest.mark.parametrize("case", cases())
def test_the_window_and_inspect_say_the_same(case: str, jobs: Jobs, tmp_path: Path) -> None:
    folder = data_folder()
    assert folder is not None
    source, place = folder / "torture" / case, tmp_path / uuid.uuid4().hex
    shutil.copytree(source, place, symlinks=True) if source.is_dir() else shutil.copy(source, place)
    answer = inspect(place)
    notices = announced(jobs, place)
    assert " ".join(n.sentence for n in notices) == " ".join(answer["sentences"])
    if not answer["series"] and "damaged and cannot" not in " ".join(answer["sentences"]):
        assert [n.level for n in notices] == [REFUSED]
