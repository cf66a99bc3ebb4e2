"""Places in the lungs that stand out like a ball: local maxima of a multi-scale LoG.

Source: scale-normalised Laplacian of Gaussian, sigma = d / (2 sqrt 3) for a ball of diameter d
(Lindeberg 1998; for nodules Fotin et al., arXiv 1907.08328). By FFT: the filter is one product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.nodules.searchgrid import Level, SearchGrid
from ai.progress import OnProgress, ignore

Floats32 = NDArray[np.float32]

SOLID_MM = ((3.5, 5.0, 7.0, 10.0), (14.0, 20.0, 28.0, 36.0))
GLASS_MM = ((7.0, 10.0), (14.0, 20.0, 28.0))
"""Diameters looked for on the fine and on the coarse level."""
GLASS_CEILING_HU = -300.0
"""In the second channel all that is denser counts alike: vessels no longer drown ground glass."""
LEAST_SOLID_HU = 90.0
LEAST_GLASS_HU = 60.0
MOST_PER_SCALE = 700


@dataclass(frozen=True)
class Candidate:
    """One maximum in space and scale.

    wide: found on the coarse level; index_kji is on its level's grid. diameter_mm: of the ball that
    fits best. response_hu: of the filter, in HU (a ball of that size and contrast C gives some
    0.8 C). glass: found in the channel for ground glass.
    """

    index_kji: tuple[int, int, int]
    centre_lps: tuple[float, float, float]
    diameter_mm: float
    response_hu: float
    glass: bool
    wide: bool


def find_candidates(grid: SearchGrid, *, on_progress: OnProgress = ignore) -> tuple[Candidate, ...]:
    """All candidates, strongest first; of two that overlap the stronger stays."""
    found: list[Candidate] = []
    steps = sum(len(row) + 1 for row in SOLID_MM + GLASS_MM)
    done = 0
    for glass, rows in ((False, SOLID_MM), (True, GLASS_MM)):
        for level, diameters in zip((grid.fine, grid.coarse), rows, strict=True):
            on_progress(done / steps, "Filtering the lungs")
            hu = np.minimum(level.hu, np.float32(GLASS_CEILING_HU)) if glass else level.hu
            field = np.asarray(hu - np.float32(grid.lung_hu), dtype=np.float32)
            done += 1

            def tick(done: int = done) -> None:
                on_progress(done / steps, "Filtering the lungs")

            for diameter_mm, response in _responses(field, level.step_mm, diameters, tick):
                on_progress(done / steps, f"Filtering the lungs, {diameter_mm:g} mm")
                done += 1
                wide = level is grid.coarse
                found += _maxima(response, level, diameter_mm, glass=glass, wide=wide)
    on_progress(1.0, "Filtering the lungs")
    return _apart(found)


def sigma_mm(diameter_mm: float) -> float:
    """The Gaussian whose Laplacian answers most to a ball of that diameter."""
    return float(diameter_mm / (2 * np.sqrt(3)))


def _responses(
    field: Floats32, step_mm: float, diameters: tuple[float, ...], tick: Callable[[], None]
) -> Iterator[tuple[float, Floats32]]:
    """Scale-normalised LoG of a field on cubes, one diameter after the other.

    tick is called between the transforms, so that a job can be stopped there.
    On torch where there is one, faster than scipy on several cores; the figures are the same.
    """
    from scipy.fft import next_fast_len

    shape = [int(next_fast_len(n, real=True)) for n in field.shape]
    box = tuple(slice(0, n) for n in field.shape)
    padded = np.zeros(shape, dtype=np.float32)
    padded[box] = field
    square = _square_frequency(shape, step_mm)
    try:
        import torch
    except ImportError:
        from scipy.fft import irfftn, rfftn

        spectrum = rfftn(padded, workers=-1)
        tick()
        for diameter_mm in diameters:
            scaled = square * np.float32(sigma_mm(diameter_mm) ** 2)
            product = spectrum * (scaled * np.exp(scaled * np.float32(-0.5)))
            yield diameter_mm, irfftn(product, s=shape, workers=-1)[box].astype(np.float32)
        return
    with torch.inference_mode():
        frequency = torch.from_numpy(square)
        spectral = torch.fft.rfftn(torch.from_numpy(padded))
        tick()
        for diameter_mm in diameters:
            weight = frequency * sigma_mm(diameter_mm) ** 2
            weight *= torch.exp(weight * -0.5)
            yield diameter_mm, torch.fft.irfftn(spectral * weight, s=shape)[box].numpy()


def _square_frequency(shape: list[int], step_mm: float) -> Floats32:
    """Squared angular frequency in 1/mm2 of every term of the real transform."""
    k, j = (np.fft.fftfreq(n, step_mm) * 2 * np.pi for n in shape[:2])
    i = np.fft.rfftfreq(shape[2], step_mm) * 2 * np.pi
    return (
        (k**2).astype(np.float32)[:, None, None]
        + (j**2).astype(np.float32)[None, :, None]
        + (i**2).astype(np.float32)
    )


def _maxima(
    response: Floats32, level: Level, diameter_mm: float, *, glass: bool, wide: bool
) -> list[Candidate]:
    """Voxels at least as strong as their 26 neighbours, the strongest of one scale."""
    inner = (slice(1, -1),) * 3
    strong = np.zeros(response.shape, dtype=np.bool_)
    least_hu = LEAST_GLASS_HU if glass else LEAST_SOLID_HU
    strong[inner] = (response > least_hu)[inner] & level.search[inner]
    # flat indices: the neighbours are fixed steps away, and most voxels fall out at the first
    index = np.flatnonzero(strong)
    flat = response.ravel()
    value = flat[index]
    dj, dk = response.shape[2], response.shape[1] * response.shape[2]
    steps = [a * dk + b * dj + c for a in (0, -1, 1) for b in (0, -1, 1) for c in (0, -1, 1)]
    for step in steps[1:]:
        keep = value >= flat[index + step]
        index, value = index[keep], value[keep]
    order = np.argsort(-value, kind="stable")[:MOST_PER_SCALE]
    places = np.stack(np.unravel_index(index[order], response.shape), axis=1)
    return [
        Candidate(
            (int(place[0]), int(place[1]), int(place[2])),
            (float(lps[0]), float(lps[1]), float(lps[2])),
            diameter_mm,
            float(strength),
            glass,
            wide,
        )
        for place, lps, strength in zip(
            places, level.geometry.lps_of(places), value[order], strict=True
        )
    ]


def _apart(found: list[Candidate]) -> tuple[Candidate, ...]:
    """The strongest of those whose centres lie within half a diameter of each other."""
    order = sorted(found, key=lambda c: (-c.response_hu, c.centre_lps, c.diameter_mm))
    kept: list[Candidate] = []
    places, radii = np.empty((len(order), 3)), np.empty(len(order))
    for candidate in order:
        n = len(kept)
        place = np.array(candidate.centre_lps)
        gap = np.linalg.norm(places[:n] - place, axis=1)
        if not np.any(gap < np.minimum(radii[:n], candidate.diameter_mm / 2 + 1.0)):
            places[n], radii[n] = place, candidate.diameter_mm / 2
            kept.append(candidate)
    return tuple(kept)
