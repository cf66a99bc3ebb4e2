"""The map of chances: where the network is sure, on the scan's own grid, whatever its turn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ai.errors import Cancelled, OutsideError
from ai.lungs.chance import chance_of_lung
from ai.models.card import load_card
from ai.phantom.chest import Phantom, chest
from ai.scan.chance import FULL, every, map_grid
from ai.scan.geometry import Geometry
from ai.scan.volume import Volume

pytest.importorskip("torch")

CARD = load_card("lungs-unet")


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return chest("small")


def test_the_map_has_a_voxel_every_3_mm_and_begins_where_the_scan_does() -> None:
    geometry = Geometry.axial((31, 64, 65), spacing_kji_mm=(5.0, 0.7, 1.4))
    assert every(geometry) == (1, 4, 2)
    grid = map_grid(geometry)
    assert grid.shape_kji == (31, 16, 33)
    assert grid.lps_of((3, 2, 5)) == pytest.approx(geometry.lps_of((3, 8, 10)))


def test_it_is_high_in_the_lungs_and_low_outside_the_body(phantom: Phantom) -> None:
    found, made_by = chance_of_lung(phantom.volume, card=CARD)
    assert found.shape == map_grid(phantom.volume.geometry).shape_kji
    step = every(phantom.volume.geometry)
    lung = phantom.lungs.labels[:: step[0], :: step[1], :: step[2]] > 0
    assert found[lung].mean() > 0.9 * FULL
    assert found[~lung].mean() < 0.05 * FULL
    assert made_by.card == "lungs-unet" and made_by.weights_sha256 == CARD.weights_sha256


def test_a_scan_stored_the_other_way_round_gets_the_same_map_in_the_same_place(
    phantom: Phantom,
) -> None:
    own = phantom.volume
    affine = own.geometry.affine.copy()
    affine[:3, 3] = own.geometry.lps_of((own.hu.shape[0] - 1, 0, 0))
    affine[:3, 0] *= -1
    turned = Volume(Geometry(own.hu.shape, affine), np.ascontiguousarray(own.hu[::-1]))
    one, other = (chance_of_lung(v, card=CARD)[0] for v in (own, turned))
    grids = map_grid(own.geometry), map_grid(turned.geometry)
    places = grids[0].index_of(grids[1].lps_of(np.argwhere(other > FULL // 2)))
    middles = np.argwhere(one > FULL // 2).mean(axis=0), places.mean(axis=0)
    assert np.abs(middles[0] - middles[1]).max() < 0.7


def test_a_tilted_scan_gets_one_too(phantom: Phantom) -> None:
    affine = phantom.volume.geometry.affine.copy()
    affine[1, 0] = 0.2 * affine[2, 0]
    tilted = Volume(Geometry(phantom.volume.hu.shape, affine), phantom.volume.hu)
    found, _ = chance_of_lung(tilted, card=CARD)
    assert found.shape == map_grid(tilted.geometry).shape_kji and found.max() > 0.8 * FULL


def test_rules_have_no_chances() -> None:
    volume = chest("tiny", nodules=False).volume
    with pytest.raises(OutsideError, match="decides by rules"):
        chance_of_lung(volume, card=load_card("lungs-classical"))
    with pytest.raises(OutsideError, match="no chances"):
        chance_of_lung(volume, card=replace(CARD, task="nodules"))


def test_it_stops_when_it_is_not_wanted(phantom: Phantom) -> None:
    def stop(fraction: float, step: str) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        chance_of_lung(phantom.volume, card=CARD, on_progress=stop)
