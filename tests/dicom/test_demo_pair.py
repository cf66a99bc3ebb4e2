"""The demo pair is two ordinary studies of one patient, 400 days apart."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from ai.phantom.follow_up import motion
from viewer.dicom.demo_pair import CURRENT, PAIR, PRIOR, TRUTH, PairMade, write_pair
from viewer.dicom.find import open_path
from viewer.dicom.series import Opened


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PairMade:
    return write_pair(tmp_path_factory.mktemp("demo"), "tiny")


@pytest.fixture(scope="module")
def opened(made: PairMade) -> Opened:
    return open_path(made.folder)


def test_one_patient_two_studies_400_days_apart(made: PairMade, opened: Opened) -> None:
    by_study = {series.study_uid: series for series in opened.series}
    assert set(by_study) == {made.current_uid, made.prior_uid}
    now, before = by_study[made.current_uid], by_study[made.prior_uid]
    assert (now.patient.id, now.patient.issuer) == (before.patient.id, before.patient.issuer)
    assert now.patient.issuer == "HILUM"
    dates = [date.fromisoformat(series.study_date) for series in (now, before)]
    assert (dates[0] - dates[1]).days == 400
    assert now.frame_of_reference != before.frame_of_reference


def test_what_is_true_of_both_lies_beside_them(made: PairMade) -> None:
    truth = json.loads((made.folder / TRUTH).read_text(encoding="utf-8"))
    assert np.allclose(np.array(truth["prior_to_current"]) @ motion(), np.eye(4), atol=1e-5)
    count = {
        name: len(json.loads((made.folder / name / "truth.json").read_text())["nodules"])
        for name in (CURRENT, PRIOR)
    }
    assert len(truth["prior_of"]) == count[CURRENT] and truth["prior_of"].count(None) == 1
    assert truth["gone"] < count[PRIOR] and truth["gone"] not in truth["prior_of"]


def test_a_whole_pair_is_not_written_again_and_one_with_a_hole_is(made: PairMade) -> None:
    home = made.folder.parent
    first = next((made.folder / PRIOR / "series").glob("*.dcm"))
    when = first.stat().st_mtime_ns
    assert write_pair(home, "tiny") == made and first.stat().st_mtime_ns == when
    first.unlink()
    write_pair(home, "tiny")
    assert first.exists() and made.folder == home / PAIR


def test_a_place_that_cannot_be_written_costs_a_sentence(tmp_path: Path) -> None:
    from ai.errors import BadInput

    (tmp_path / PAIR).write_text("a file")
    with pytest.raises(BadInput, match="cannot be written"):
        write_pair(tmp_path, "tiny")
