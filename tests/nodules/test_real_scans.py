"""Every nodule of three real scans that three or four of four readers outlined, by name.

A hit is LUNA16's: the centre lies nearer to the nodule's than half its diameter.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np
import pytest

from ai.lungs.segment import segment_lungs
from ai.models.card import load_card
from ai.nodules.detect import find_nodules
from ai.scan.finding import SOLID, Finding
from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from tests.data import scan

pytestmark = pytest.mark.data


@dataclass(frozen=True)
class Known:
    """One nodule of the reference."""

    name: str
    centre_lps: tuple[float, float, float]
    diameter_mm: float
    equivalent_mm: float


def known_nodules(name: str) -> tuple[Known, ...]:
    truth = json.loads((scan(name) / "truth.json").read_text())
    return tuple(
        Known(
            row["id"],
            tuple(row["centre_lps_mm"]),
            row["diameter_mm"],
            row["equivalent_diameter_mm"],
        )
        for row in truth["nodules"]
        if row["readers"] >= 3
    )


def volume_of(name: str) -> Volume:
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(scan(name))))
    image = reader.Execute()
    turn = np.array(image.GetDirection()).reshape(3, 3)
    affine = np.eye(4)
    affine[:3, :3] = (turn * np.array(image.GetSpacing()))[:, ::-1]
    affine[:3, 3] = image.GetOrigin()
    hu = SimpleITK.GetArrayFromImage(image).astype(np.int16)
    return Volume(Geometry(hu.shape, affine), hu, name)


def findings_in(name: str) -> tuple[Finding, ...]:
    volume = volume_of(name)
    lungs = segment_lungs(volume, card=load_card("lungs-classical")).label_map
    return find_nodules(volume, lungs, card=load_card("nodules-log"))


def hits(nodule: Known, findings: tuple[Finding, ...]) -> list[tuple[int, Finding]]:
    return [
        (rank, finding)
        for rank, finding in enumerate(findings, 1)
        if math.dist(finding.centre_lps, nodule.centre_lps) < nodule.diameter_mm / 2
    ]


@pytest.mark.parametrize(
    ("name", "within"), [("LIDC-IDRI-0001", 3), ("LIDC-IDRI-0003", 6), ("LIDC-IDRI-0004", 6)]
)
def test_the_nodules_that_readers_agree_on_stand_at_the_top(name: str, within: int) -> None:
    findings = findings_in(name)
    for nodule in known_nodules(name):
        found = hits(nodule, findings)
        assert found, f"{name} {nodule.name} of {nodule.diameter_mm} mm is missed"
        rank, finding = found[0]
        assert rank <= within
        assert finding.measurement.type == SOLID
        # readers differ by a fifth among themselves; LIDC outlines run just outside the nodule
        equivalent_mm = (6 * finding.measurement.volume_mm3 / math.pi) ** (1 / 3)
        assert equivalent_mm == pytest.approx(nodule.equivalent_mm, rel=0.25)
