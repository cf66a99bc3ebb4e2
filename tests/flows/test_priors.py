"""Two dates of one patient from the disk to the panes, with the children as they are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from ai.worker.shared import SHM
from tests.conftest import STAGE
from tests.flows.desks import AtDesk, until
from viewer import theme
from viewer.dicom.demo_pair import CURRENT, PRIOR, TRUTH, PairMade, write_pair
from viewer.ending import end
from viewer.reading.library import series_key
from viewer.window.window import HilumWindow

NEAR_MM = 10.0
"""The breath of the earlier scan moves the base by 9 mm, which no rigid motion follows."""
OURS = f"hilum-{os.getpid()}-*"


@cache
def small_pair() -> PairMade:
    """The small pair; nobody may write into its folder."""
    return write_pair(STAGE / "phantoms" / "pair-small", "small")


def nodules(folder: Path) -> np.ndarray:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return np.array([nodule["centre_lps_mm"] for nodule in truth["nodules"]])


@pytest.fixture
def at(hilum_home: Path, qapp: QApplication) -> Iterator[AtDesk]:
    theme.apply_theme(qapp)
    desk = AtDesk()
    yield desk
    desk.close()


@pytest.fixture
def window(at: AtDesk) -> Iterator[HilumWindow]:
    made = HilumWindow(at.desk)
    made.show()
    yield made
    made.close()
    end(made)


def test_the_prior_comes_by_one_key_and_its_nodules_lie_at_the_same_place(
    at: AtDesk, window: HilumWindow
) -> None:
    pair = small_pair()
    at.desk.open(pair.folder, study_uid=pair.current_uid)
    until(lambda: at.stands, "the current study")
    scan = at.desk.scan
    assert scan is not None and scan.series.study_uid == pair.current_uid
    assert any("2025-01-01 is at hand" in said for said in at.said)
    blocks = {path.name for path in SHM.glob(OURS)}
    window.actions_by_id["layout-compare"].trigger()
    panes = window.panes
    until(lambda: at.reading.priors, "the alignment")
    second = panes.second
    assert second is not None and second.series is not None
    assert second.series.study_uid == pair.prior_uid and second.tag == "PRIOR · 400 days"
    (linked,) = at.reading.priors.values()
    assert linked.by == "lungs" and linked.prior == series_key(second.series.key)
    truth = json.loads((pair.folder / TRUTH).read_text(encoding="utf-8"))
    now, before = nodules(pair.folder / CURRENT), nodules(pair.folder / PRIOR)
    matrix = np.array(panes.second_match)
    off = [
        np.linalg.norm(matrix[:3, :3] @ before[old] + matrix[:3, 3] - now[new])
        for new, old in enumerate(truth["prior_of"])
        if old is not None
    ]
    print("paired nodules lie apart by mm:", np.round(off, 1))
    assert max(off) < NEAR_MM
    panes.go_to(tuple(now[0]))
    there = np.array(panes.views["axial-2"].state.crosshair_lps)
    assert np.linalg.norm(there - before[truth["prior_of"][0]]) < NEAR_MM
    window.cuts.close_second()
    until(lambda: {path.name for path in SHM.glob(OURS)} <= blocks, "its memory is gone", 5)
