"""Nodules at the pleura come into the lung that they bulge into; what only looks alike does not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ai.lungs.bumps import closed, is_bump, roundness, take_in_bumps
from ai.lungs.upright import Upright, turn_of
from ai.scan.geometry import Geometry

FINE = (1.25, 0.75, 0.75)
THICK = (5.0, 0.75, 0.75)
LUNG, WALL = -850, 40
Bools = NDArray[np.bool_]


class Chest:
    """A right lung of 60 x 50 x 50 mm in soft tissue, its wall at x = 10 mm, and what is put in."""

    def __init__(self, spacing_mm: tuple[float, float, float] = FINE) -> None:
        self.spacing_mm = spacing_mm
        shape = tuple(round(n / s) for n, s in zip((80, 70, 70), spacing_mm, strict=True))
        self.mm = [n * s for n, s in zip(np.indices(shape), spacing_mm, strict=True)]
        z, y, x = self.mm
        self.lung = (z > 10) & (z < 70) & (y > 10) & (y < 60) & (x > 10) & (x < 60)
        self.hu = np.where(self.lung, LUNG, WALL).astype(np.int16)

    def ball(self, centre_mm: tuple[float, float, float], diameter_mm: float) -> Bools:
        """Those of its voxels that lie in the lung."""
        far = sum((a - c) ** 2 for a, c in zip(self.mm, centre_mm, strict=True))
        return self.lung & (far < (diameter_mm / 2) ** 2)

    def put(self, what: Bools, hu: int = WALL) -> None:
        self.hu[what] = hu

    def found(self, drawn: Bools | None = None, side: int = 1) -> NDArray[np.uint8]:
        """The lungs, where the mask before held the air alone, or what was drawn."""
        own = np.where(self.hu < -400 if drawn is None else drawn, side, 0).astype(np.uint8)
        return take_in_bumps(own, self.upright)

    @property
    def upright(self) -> Upright:
        geometry = Geometry.axial(self.hu.shape, spacing_kji_mm=self.spacing_mm)
        none = np.zeros((1, 1, 1), np.float32)
        return Upright(none, (3.0, 3.0, 3.0), self.hu, self.spacing_mm, turn_of(geometry))


@pytest.mark.parametrize("spacing", [FINE, (2.5, 0.7, 0.7), (1.0, 0.5, 0.5)])
@pytest.mark.parametrize("diameter", [8.0, 18.0])
@pytest.mark.parametrize("side", [1, 2])
def test_a_nodule_at_the_wall_comes_inside(
    spacing: tuple[float, float, float], diameter: float, side: int
) -> None:
    chest = Chest(spacing)
    nodule = chest.ball((40, 35, 10 + 0.3 * diameter), diameter)
    chest.put(nodule)
    found = chest.found(side=side)
    assert (found[nodule] == side).mean() > 0.9
    # At its base the border may lie a little deep, and nowhere else.
    assert not found[chest.mm[2] < 8].any()
    assert (found[~chest.lung] == side).sum() < 0.6 * nodule.sum()


def test_in_slices_of_five_millimetres_a_large_nodule_comes_inside() -> None:
    chest = Chest(THICK)
    nodule = chest.ball((40, 35, 15), 18)
    chest.put(nodule)
    assert (chest.found()[nodule] == 1).mean() > 0.85


def test_what_a_nodule_at_the_corner_of_two_walls_fills_comes_inside() -> None:
    chest = Chest()
    nodule = chest.ball((40, 14, 14), 12)
    chest.put(nodule)
    assert (chest.found()[nodule] == 1).mean() > 0.8


@pytest.mark.parametrize("hu", [-100, 350], ids=["fat", "a vessel with contrast, or bone"])
def test_a_bump_of_no_soft_tissue_stays_out(hu: int) -> None:
    chest = Chest()
    bump = chest.ball((40, 35, 14), 14)
    chest.put(bump, hu)
    assert not chest.found()[bump].any()


def test_a_ridge_along_the_wall_stays_out() -> None:
    chest = Chest()
    _z, y, x = chest.mm
    rib = chest.lung & (np.hypot(y - 35, x - 9) < 5)
    chest.put(rib)
    assert not chest.found()[rib].any()


def test_a_film_on_the_wall_stays_out() -> None:
    chest = Chest()
    film = chest.lung & (chest.mm[2] < 13)
    chest.put(film)
    assert not chest.found()[film].any()


def test_the_heart_stays_out() -> None:
    chest = Chest()
    heart = chest.ball((40, 35, 60), 60)
    chest.put(heart)
    assert (chest.found()[heart] == 1).mean() < 0.02


def test_no_lung_loses_a_voxel_and_none_takes_of_the_other() -> None:
    chest = Chest()
    left = chest.mm[2] > 36
    own = np.where(left, 2, 1).astype(np.uint8) * chest.lung
    nodule = chest.ball((40, 35, 13), 12)
    chest.put(nodule)
    own[nodule] = 0
    before = own.copy()
    found = take_in_bumps(own, chest.upright)
    assert (own == before).all()
    assert (found[before > 0] == before[before > 0]).all()
    assert (found[nodule] == 1).mean() > 0.75
    assert not (found[~left] == 2).any()


def test_air_that_was_left_out_stays_out() -> None:
    """A bronchus beside a nodule, or what a reader's rule keeps out, is no part of it."""
    chest = Chest()
    nodule = chest.ball((40, 35, 14), 14)
    chest.put(nodule)
    tube = nodule & (np.hypot(chest.mm[1] - 35, chest.mm[2] - 14) < 1.6)
    chest.put(tube, -950)
    found = chest.found(drawn=(chest.hu < -400) & ~tube)
    assert (found[nodule & ~tube] == 1).mean() > 0.8
    assert (found[tube] == 1).mean() < 0.5


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 60, 60), (3, 2, 2)])
@pytest.mark.parametrize("fill", [0, 1])
def test_scans_of_nearly_nothing_are_given_back(shape: tuple[int, int, int], fill: int) -> None:
    own = np.full(shape, fill, np.uint8)
    geometry = Geometry.axial(shape, spacing_kji_mm=FINE)
    none = np.zeros((1, 1, 1), np.float32)
    hu = np.zeros(shape, np.int16)
    found = take_in_bumps(own, Upright(none, (3.0, 3.0, 3.0), hu, FINE, turn_of(geometry)))
    assert found is not own and (found == own).all()


def test_a_reader_can_stop_it() -> None:
    class Stopped(Exception):
        pass

    def stop(_fraction: float, _step: str) -> None:
        raise Stopped

    chest = Chest()
    with pytest.raises(Stopped):
        take_in_bumps(chest.lung.astype(np.uint8), chest.upright, on_progress=stop)


def test_a_ball_is_round_a_rod_is_not_and_slices_of_any_thickness_agree() -> None:
    for spacing in ((1.0, 1.0, 1.0), (3.0, 1.0, 1.0)):
        z, y, x = (n * s - 15 for n, s in zip(np.indices((31, 31, 31)), spacing, strict=True))
        assert roundness(z**2 + y**2 + x**2 <= 100, spacing) == pytest.approx(1, abs=0.06)
        rod = (abs(z) <= 12) & (np.hypot(y, x) < 2)
        assert roundness(rod, spacing) < 0.25
    assert 0 < roundness(np.ones((1, 1, 1), bool), (5.0, 1.0, 1.0)) < 1


def test_the_ball_fills_a_narrow_pit_and_not_a_wide_one() -> None:
    lung = np.ones((20, 60, 60), bool)
    lung[:, :30, :] = False
    narrow, wide = lung.copy(), lung.copy()
    narrow[:, 30:36, 27:33] = False
    wide[:, 30:36, 5:55] = False
    assert closed(narrow, (1.0, 1.0, 1.0), 12.0)[5:15, 31:36, 27:33].all()
    assert not closed(wide, (1.0, 1.0, 1.0), 12.0)[5:15, 30:36, 25:35].any()


@pytest.mark.parametrize(
    ("diameter", "hu", "taken"), [(10, 30, True), (2, 30, False), (36, 30, False), (10, -90, False)]
)
def test_size_and_tissue_decide(diameter: float, hu: int, taken: bool) -> None:
    z, y, x = (n * 1.5 - 30 for n in np.indices((41, 41, 41)))
    lump = z**2 + y**2 + x**2 <= (diameter / 2) ** 2
    values = np.where(lump, hu, LUNG).astype(np.float32)
    zone = np.ones(lump.shape, bool)
    assert is_bump(lump, zone, values, (1.5, 1.5, 1.5)) is taken
    assert not is_bump(lump, lump, values, (1.5, 1.5, 1.5))  # wall all around
