"""The banner of an export is green only where nothing speaks against what was saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.window.conftest import Sitting
from viewer.dicom.io_messages import Export
from viewer.notices import EXPORT, GOOD, WARN
from viewer.reading.out.passport import Judgement, Passport, PassportObject

CLEAN = PassportObject("lungs", "DICOM-SEG", "lungs.dcm", "00" * 32, 10, dciodvfy=Judgement(True))
FAULTY = replace(CLEAN, role="sr", file="sr.dcm", dciodvfy=Judgement(True, errors=4))


@pytest.mark.parametrize(
    ("objects", "level", "said"),
    [
        ((CLEAN, CLEAN), GOOD, ""),
        ((CLEAN, FAULTY), WARN, "1 of 2 objects has errors by dciodvfy: sr.dcm."),
        (
            (FAULTY, replace(FAULTY, file="nodules.dcm"), CLEAN),
            WARN,
            "2 of 3 objects have errors by dciodvfy: sr.dcm, nodules.dcm.",
        ),
        (
            (CLEAN, replace(CLEAN, file="report.txt", bytes_equal=False)),
            WARN,
            "1 of 2 objects is not proven: report.txt.",
        ),
    ],
)
def test_what_is_not_proven_makes_the_banner_of_an_export_amber(
    sitting: Sitting,
    tmp_path: Path,
    objects: tuple[PassportObject, ...],
    level: str,
    said: str,
) -> None:
    sitting.open()
    sitting.desk.segment_lungs()
    sitting.children.lungs()
    sitting.desk.export()
    assert sitting.desk.reading is not None
    sitting.jobs.asked(Export)
    passport = Passport(sitting.desk.reading.id, "2026-01-01T00:00:00+00:00", "", objects, ())
    sitting.children.export(tmp_path / "lungs.dcm", passport=passport)
    notice = next(b.notice for b in sitting.window.banners.shown if b.notice.about == EXPORT)
    assert notice.level == level
    assert said in notice.sentence
