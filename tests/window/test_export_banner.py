"""The banner of an export is green only where nothing speaks against what was saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.window.conftest import Sitting
from tests.window.test_stopped_exports import named
from viewer.dicom.io_messages import Export, ExportDone
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


def banner(sitting: Sitting) -> str:
    (told,) = (one for one in sitting.window.banners.shown if one.notice.about == EXPORT)
    return told.notice.sentence


@pytest.fixture
def going_out(sitting: Sitting) -> Sitting:
    """Doe's export is on its way."""
    sitting.open(named("1.1", "Doe^Jane"))
    sitting.lungs()
    sitting.desk.export()
    return sitting


def test_over_its_own_study_it_names_none(going_out: Sitting, tmp_path: Path) -> None:
    going_out.children.export(tmp_path / "lungs.dcm")
    assert "Doe" not in banner(going_out) and "Export of" not in banner(going_out)


def test_over_another_study_it_names_its_own_unless_names_are_hidden(
    going_out: Sitting, tmp_path: Path
) -> None:
    going_out.open(named("1.2", "Roe^Richard"))
    going_out.children.export(tmp_path / "lungs.dcm")
    assert banner(going_out).startswith("Export of Doe, Jane, 2020-01-02: 0 objects saved")
    going_out.window.toggle_patient()
    assert "Doe" not in banner(going_out) and "2020-01-02" in banner(going_out)
    going_out.window.banners.drop_about(EXPORT)
    going_out.window.toggle_patient()
    assert not [one for one in going_out.window.banners.shown if one.notice.about == EXPORT]


def test_what_saved_nothing_names_its_study_there_too(going_out: Sitting) -> None:
    going_out.open(named("1.2", "Roe^Richard"))
    job = going_out.jobs.asked(Export).job
    going_out.jobs.say(ExportDone(job, (), ("Nothing was written.",)))
    assert banner(going_out) == "Export of Doe, Jane, 2020-01-02: Nothing was written."


def test_over_another_readers_reading_it_says_whose_it_is(sitting: Sitting, tmp_path: Path) -> None:
    sitting.desk.set_reader("Dr Ray")
    sitting.open()
    sitting.lungs()
    sitting.desk.export()
    sitting.desk.set_reader("Dr New")
    sitting.children.export(tmp_path / "lungs.dcm")
    assert banner(sitting).startswith("Export of the reading of Dr Ray: ")
