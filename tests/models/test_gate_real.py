"""Which real scans a lung model may be asked about: every series of the data folder, in a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from ai.errors import HilumError
from ai.models.card import load_card
from ai.models.gate import fit_of, with_doubts
from ai.scan.fit import AMBER, GREEN, RED, Fit
from tests.data import data_folder, scan
from viewer.dicom.find import open_path
from viewer.dicom.pixels import read_volume

pytestmark = pytest.mark.data

CHESTS = {
    "LIDC-IDRI-0001": (GREEN, ""),
    "LIDC-IDRI-0003": (GREEN, ""),
    "LIDC-IDRI-0004": (GREEN, ""),
    "LUNG1-001": (GREEN, ""),
    "LUNG1-002": (GREEN, ""),
    "CPTAC-LSCC-C3N-00247": (GREEN, ""),
    "covid-hrct": (AMBER, "10.0 mm apart"),
    "mini-copd": (AMBER, "4.2 mm wide"),
}
ODD = {
    "odd-abdomen-ct": "8 slices",
    "odd-head-ct": "not Hounsfield units",
    "odd-mr-abdomen": "10 slices",
    "odd-sagittal-chest": "4 slices",
    "odd-upper-chest-jpeg-lossless": "4 slices",
}


@pytest.mark.parametrize("name", CHESTS)
def test_the_network_lights_up_as_the_rules_do_and_knows_its_chests(name: str) -> None:
    """With its own look at the bottleneck: neither chest kept for scoring lies unusually far."""
    pytest.importorskip("torch")
    from ai.lungs.network import ask_network
    from ai.models.gate_bottleneck import look

    (series,) = open_path(scan(name)).series
    volume, card = read_volume(series), load_card("lungs-unet")
    seen = look(ask_network(volume, card=card).bottleneck, card)
    fit = with_doubts(fit_of(volume, card), seen.doubts)
    assert fit.level == CHESTS[name][0], fit.reasons
    assert seen.remark == ""


def judged(path: Path) -> list[Fit]:
    """Every series that a path holds, as a reader would have it judged."""
    fits = []
    for series in open_path(path).series:
        if series.geometry is not None and not series.refusal:
            fits.append(fit_of(read_volume(series), load_card("lungs-classical")))
    return fits


@pytest.mark.parametrize("name", CHESTS)
def test_a_chest_is_green_and_a_rough_one_amber_with_its_reason(name: str) -> None:
    (fit,) = judged(scan(name))
    level, reason = CHESTS[name]
    assert fit.level == level, fit.reasons
    assert any(reason in told for told in fit.reasons) or not reason


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_whole_chest_is_red_with_its_reason(name: str) -> None:
    fits = judged(scan(name))
    assert fits
    for fit in fits:
        assert fit.level == RED and ODD[name] in fit.reasons[0] and fit.remedy


def test_no_case_of_the_torture_set_is_green() -> None:
    folder = data_folder()
    assert folder is not None
    seen = 0
    for case in sorted((folder / "torture").iterdir()):
        if case.is_dir() and "bomb" not in case.name:
            for fit in _or_nothing(case):
                seen += 1
                assert fit.level != GREEN, case.name
    assert seen > 50


def _or_nothing(case: Path) -> list[Fit]:
    """A case that cannot be read is told of elsewhere; none may come out green."""
    try:
        return judged(case)
    except (HilumError, OSError):
        return []
