"""A scan that the gate refuses is read without a window only for a reason, told everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pydicom
import pytest

from ai.models import card as cards
from tests.flows.phantom import copy_of
from viewer.home import home
from viewer.reading.out.passport import passport_of

REASON = "outside study, thin slices were not sent"
TOLD = f"The gate's refusal was overridden, for this reason: {REASON}."


def thinned(phantom, folder: Path, step: int) -> Path:
    """Every so-many-th slice of the phantom, whose slices lie 3 mm apart."""
    study = copy_of(phantom, folder)
    for n, file in enumerate(sorted(study.iterdir())):
        if n % step:
            file.unlink()
    return study


@pytest.fixture(scope="module")
def sparse(folder, phantom) -> Path:
    """The gate refuses it: 15 mm between slices."""
    return thinned(phantom, folder / "sparse", 5)


@pytest.fixture(scope="module")
def overridden(batch, sparse):
    return batch(sparse, "--override-gate", f" {REASON} ", "--json")


def test_a_scan_that_the_gate_refuses_is_not_read_without_a_reason(batch, sparse) -> None:
    ran = batch(sparse, "--json")
    assert ran.code == 1
    assert not ran.told[0]["read"] and "15.0 mm apart" in ran.told[0]["why_not"]
    assert TOLD not in ran.out


def test_with_a_reason_it_is_read_and_the_reason_stands_in_everything_written(overridden) -> None:
    assert overridden.code == 0
    assert TOLD in overridden.told[0]["remarks"]
    folder = overridden.folder
    assert TOLD in json.loads((folder / "findings.json").read_text("utf-8"))["how_read"]
    assert REASON in " ".join((folder / "report.txt").read_text("utf-8").split())
    assert TOLD in (folder / "report.html").read_text("utf-8").replace("&#x27;", "'")
    passport = passport_of((folder / "passport.json").read_text("utf-8"))
    assert passport.proven and TOLD in passport.how_read
    assert any("refused the scan" in told for told in passport.how_read)
    assert REASON.encode() in (folder / "sr.dcm").read_bytes()


def test_the_override_is_logged_without_uid_or_reason(overridden, sparse) -> None:
    log = (home() / "log" / "batch.log").read_text("utf-8")
    (line,) = [line for line in log.splitlines() if "overridden" in line]
    assert "15.0 mm apart" in line
    uid = pydicom.dcmread(next(sparse.iterdir()), stop_before_pixels=True).SeriesInstanceUID
    assert uid not in log and REASON not in log


def test_nodules_alone_tell_the_override_too(batch, sparse) -> None:
    """They are searched in the lungs, whose gate was overridden."""
    ran = batch(sparse, "--nodules", "--override-gate", REASON, "--json")
    assert ran.code == 0 and TOLD in ran.told[0]["remarks"]
    passport = passport_of((ran.folder / "passport.json").read_text("utf-8"))
    assert TOLD in passport.how_read


def test_a_doubtful_scan_goes_on_with_its_doubt_told_and_nothing_is_overridden(
    batch, folder, phantom
) -> None:
    study = thinned(phantom, folder / "thick", 2)
    ran = batch(study, "--lungs", "--override-gate", REASON, "--json")
    assert ran.code == 0
    assert any("6.0 mm apart" in told for told in ran.told[0]["remarks"])
    assert TOLD not in ran.told[0]["remarks"]
    told = json.loads((ran.folder / "findings.json").read_text("utf-8"))["how_read"]
    assert any("with doubts" in one and "6.0 mm apart" in one for one in told)
    assert "overridden" not in "".join(told)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_no_reason_or_a_novel_is_a_bad_argument(batch, phantom, reason: str) -> None:
    ran = batch(phantom.series, "--override-gate", reason)
    assert ran.code == 2 and "--override-gate needs a reason" in ran.err


def test_what_no_geometry_can_be_had_of_is_refused_all_the_same(batch, folder, phantom) -> None:
    study = copy_of(phantom, folder / "gap")
    for file in sorted(study.iterdir())[30:33]:
        file.unlink()
    plain, wanted = (batch(study, *more, "--json") for more in ((), ("--override-gate", REASON)))
    assert plain.told[0]["read"] == wanted.told[0]["read"]
    assert plain.told[0]["why_not"] == wanted.told[0]["why_not"]


def test_the_lungs_come_from_the_default_card_whichever_that_is(
    batch, phantom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cards.DEFAULTS, "lungs", "no-such-card")
    ran = batch(phantom.series, "--lungs", "--json")
    assert ran.code == 1 and "no-such-card" in ran.told[0]["why_not"]
