"""A network's answer and the body's outline are tidied as scipy's own steps would do it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from ai.lungs.body import body_mask, largest
from ai.lungs.tidy import LEAST_PIECE, beyond_air, tidied
from ai.lungs.upright import Turn, Upright
from ai.models.card import load_card

Bools = NDArray[np.bool_]
CROSS = ndimage.generate_binary_structure(3, 1)


def blobs(seed: int) -> NDArray[np.uint8]:
    """Two large lumps of 1 and 2, with crumbs of each in and beside them, and holes."""
    rng = np.random.default_rng(seed)
    z, y, x = np.indices((24, 30, 40))
    labels = np.zeros(z.shape, np.uint8)
    for side, middle in ((1, 10), (2, 29)):
        labels[(z - 12) ** 2 + (y - 15) ** 2 + (x - middle) ** 2 < 80] = side
    for _ in range(25):
        k, j, i = (int(rng.integers(0, n - 3)) for n in labels.shape)
        labels[k : k + 2, j : j + 2, i : i + 2] = rng.integers(0, 3)
    return labels


def by_scipy(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    sides = labels.copy()
    for side in (1, 2):
        pieces, count = ndimage.label(sides == side)
        sizes = ndimage.sum_labels(np.ones(sides.shape), pieces, np.arange(1, count + 1))
        other = ndimage.binary_dilation(sides == 3 - side)
        for n, size in enumerate(sizes, 1):
            if size < LEAST_PIECE * sizes.max():
                piece = pieces == n
                sides[piece] = 3 - side if (piece & other).any() else 0
    for side in (1, 2):
        sides[ndimage.binary_fill_holes(sides == side) & (sides == 0)] = side
    return sides


@pytest.mark.parametrize("seed", range(6))
def test_crumbs_go_or_turn_and_holes_are_filled(seed: int) -> None:
    labels = blobs(seed)
    chance = np.random.default_rng(seed).random(labels.shape, dtype=np.float32)
    given = labels.copy(), chance.copy()
    sides, sure = tidied(labels, chance)
    assert np.array_equal(sides, by_scipy(labels))
    assert sure.dtype == np.float32
    assert (sure[sides > 0] > 0.5).all() and (sure[sides == 0] <= 0.5).all()
    assert np.array_equal(labels, given[0]) and np.array_equal(chance, given[1])


def test_an_answer_without_lungs_stays_without() -> None:
    none = np.zeros((4, 5, 6), np.uint8)
    sides, sure = tidied(none, np.full(none.shape, 0.9, np.float32))
    assert not sides.any() and (sure == 0.5).all()


def test_planes_far_from_any_air_are_named() -> None:
    hu = np.full((60, 20, 20), 40.0, np.float32)
    hu[30:40, 5:15, 5:15] = -850
    sides = np.ones(hu.shape, np.uint8)
    turn = Turn((0, 1, 2), (False, False, False))
    upright = Upright(hu, (3.0, 3.0, 3.0), hu.astype(np.int16), (3.0, 3.0, 3.0), turn)
    card = load_card("lungs-unet")
    assert beyond_air(sides, upright, card).tolist() == [*range(22), *range(48, 60)]
    assert beyond_air(np.zeros_like(sides), upright, card).tolist() == []


def outlined(hu: NDArray[np.float32], spacing_mm: float) -> Bools:
    """body_mask plane by plane, by scipy."""
    tissue = hu > -500.0
    reach, bridge = max(1, round(3.0 / spacing_mm)), max(1, round(4.0 / spacing_mm))
    core = largest(ndimage.binary_erosion(tissue, CROSS, iterations=reach, border_value=1))
    body = ndimage.binary_dilation(core, CROSS, iterations=reach + 1) & tissue
    made = np.zeros_like(body)
    for plane, out in zip(body, made, strict=True):
        wide = np.pad(plane, bridge + 1)
        inside = ndimage.binary_fill_holes(ndimage.binary_closing(wide, iterations=bridge))
        inside &= ndimage.binary_erosion(inside, iterations=bridge) | wide
        out[...] = inside[bridge + 1 : -bridge - 1, bridge + 1 : -bridge - 1]
    return made


@pytest.mark.parametrize("spacing_mm", [2.0, 3.0, 4.0])
def test_the_bodys_outline_is_scipys_plane_by_plane(spacing_mm: float) -> None:
    rng = np.random.default_rng(6)
    z, y, x = np.indices((14, 50, 60))
    round_ = (y - 25) ** 2 / 400 + (x - 28) ** 2 / 700
    hu = np.where(round_ < 1, 40.0, -1000.0) + rng.normal(0, 200, z.shape)
    hu[:, 15:30, 20:40], hu[:, 46:48], hu[9] = -850, 100, -1000
    hu[:6, :27, 27:29] = -1000  # a gap in the wall
    made = body_mask(hu.astype(np.float32), (5.0, spacing_mm, spacing_mm))
    assert np.array_equal(made, outlined(hu.astype(np.float32), spacing_mm))
    assert made.any() and not made[9].any()
