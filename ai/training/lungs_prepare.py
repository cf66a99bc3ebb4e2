"""Real scans and phantoms brought to the grid of the lung network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from ai.lungs.upright import stand_up
from ai.phantom.chest import Detail, chest
from ai.phantom.look import varied_look
from ai.scan.labelmap import Labels
from ai.scan.volume import Volume
from ai.training.lungs_scans import SPACING_MM, TrainingScan

GRID_MM = (SPACING_MM, SPACING_MM, SPACING_MM)


def prepare(
    volume: Volume,
    lungs: Labels,
    *,
    name: str,
    patient: str,
    wrong_mm: Sequence[tuple[float, float]] = (),
    synthetic: bool = False,
) -> TrainingScan:
    """A scan and its lungs (1 right, 2 left, on the volume's grid) on the network's grid.

    wrong_mm: ranges of height (z in LPS mm) where the mask was seen to be wrong.
    """
    upright = stand_up(volume, spacing_mm=GRID_MM)
    labels = np.zeros(upright.hu.shape, dtype=np.uint8)
    for side in (1, 2):
        share = (lungs == side).astype(np.int16) * 1000
        on_grid = stand_up(Volume(volume.geometry, share), spacing_mm=GRID_MM).hu
        labels[on_grid > 500] = side
    heights = _heights(volume, upright.hu.shape[0])
    counted = np.ones(len(heights), dtype=bool)
    for low, high in wrong_mm:
        counted &= ~((heights >= low) & (heights <= high))
    hu = np.clip(np.rint(upright.hu), -1024, 3071).astype(np.int16)
    return TrainingScan(name, patient, synthetic, hu, labels, counted)


def _heights(volume: Volume, planes: int) -> np.ndarray:
    """z in LPS mm of the planes of the upright grid, along the scan's own axis."""
    corners = np.array([[0, 0, 0], np.array(volume.geometry.shape_kji) - 1])
    lowest = volume.geometry.lps_of(corners)[:, 2].min()
    return lowest + SPACING_MM * np.arange(planes)


def with_vessels(lungs: Labels) -> Labels:
    """Labels with the holes of each slice filled: vessels that a source left out are lung here."""
    filled = lungs.copy()
    for k, plane in enumerate(lungs):
        for side in (1, 2):
            holes = ndimage.binary_fill_holes(plane == side) & (plane == 0)
            filled[k][holes] = side
    return filled


def phantoms(seeds: Sequence[int], *, detail: Detail = "plain") -> tuple[TrainingScan, ...]:
    """One phantom for every seed, each with other vessels, nodules and noise.

    detail: rich ones have other bodies and kernels too, and some are ill or lie otherwise. The
    shipped weights were trained with plain ones.
    """
    made = []
    for seed in seeds:
        noise_hu = float(np.random.default_rng([seed, 9]).uniform(5, 60))
        look = varied_look(seed) if detail == "rich" else None
        one = chest(
            "small", seed, nodules=seed % 3 > 0, noise_hu=noise_hu, detail=detail, look=look
        )
        name = f"phantom-{seed}"
        made.append(prepare(one.volume, one.lungs.labels, name=name, patient=name, synthetic=True))
    return tuple(made)
