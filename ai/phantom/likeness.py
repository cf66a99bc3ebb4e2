"""How near a synthetic chest comes to real ones: figures of its HU, its noise and its vessels.

The same figures are taken from every scan, upright and on slabs of one thickness, so that scans
of other grids can stand in one table. A phantom is like them where each of its figures lies
within the range that the real scans span.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.scan.labelmap import Labels
from ai.scan.volume import Volume

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Figures = dict[str, float]

SLAB_MM = 2.5
"""Slices are averaged to about this thickness before lungs, body and vessels are looked at."""
FROM_WALL_MM = 6.0
"""Vessels are counted farther than this from the pleura, where no wall is mistaken for one."""
ABOVE_LUNG_HU = (130.0, 250.0)
"""Bright is what stands out of the median lung by this: the first counts fine vessels too."""
AREAS_MM2 = (1.0, 4.0, 12.0, 40.0, np.inf)
BLOCK_MM, BLOCKS = 20.0, 60
"""Noise is measured in this many blocks of soft tissue, the most even ones of the scan."""


@dataclass(frozen=True)
class Row:
    """One figure of the table: the phantom's, and the least and the most of the real scans."""

    name: str
    phantom: float
    low: float
    high: float

    @property
    def within(self) -> bool:
        return self.low <= self.phantom <= self.high


def figures(volume: Volume, lungs: Labels) -> Figures:
    """What a scan looks like in numbers, by name (units in the names).

    volume: axial slices in either order. lungs: labels on its grid, 0 where there is no lung.
    Raises ValueError when no slice holds lung.
    """
    hu, lung = volume.hu, lungs > 0
    holding = np.flatnonzero(lung.any(axis=(1, 2)))
    if holding.size == 0:
        raise ValueError("no slice holds lung")
    tenth = (holding[-1] - holding[0]) // 10
    own = slice(holding[0] + tenth, holding[-1] + 1 - tenth)
    dk, dj, _ = volume.geometry.spacing_kji_mm
    several = max(1, round(SLAB_MM / dk))
    slabs, inside = _slabs(hu[own], several), _slabs(lung[own], several) > 0.5
    return {
        **_lung(slabs, inside, dj),
        **_body(slabs, inside, dj),
        **_noise(hu[own], lung[own], dj),
        **_vessels(slabs, inside, dj),
    }


def compare(phantom: Figures, real: Sequence[Figures]) -> tuple[Row, ...]:
    """The phantom's figures beside the range of those of real scans."""
    return tuple(
        Row(name, value, min(r[name] for r in real), max(r[name] for r in real))
        for name, value in phantom.items()
    )


def table(rows: Sequence[Row], real: Mapping[str, Figures] | None = None) -> str:
    """The comparison as lines of text, with a column for each real scan where they are given."""
    real = real or {}
    lines = [f"{'':34}{'phantom':>9}  {'range of real scans':>20}" + "".join(
        f"{name[-9:]:>11}" for name in real
    )]  # fmt: skip
    for row in rows:
        span = f"{row.low:.3g} to {row.high:.3g}"
        own = "".join(f"{f[row.name]:>11.3g}" for f in real.values())
        out = "" if row.within else "  outside"
        lines.append(f"{row.name:34}{row.phantom:>9.3g}  {span:>20}{own}{out}")
    return "\n".join(lines)


def _slabs(array: NDArray[Any], several: int) -> Floats:
    """Neighbouring slices averaged, several at a time; what is left over is dropped."""
    whole = len(array) // several
    parted = array[: whole * several].reshape(whole, several, *array.shape[1:])
    return parted.mean(axis=1, dtype=np.float32)


def _disc(radius_mm: float, pixel_mm: float) -> Bools:
    reach = max(1, round(radius_mm / pixel_mm))
    j, i = np.ogrid[-reach : reach + 1, -reach : reach + 1]
    return j * j + i * i <= reach * reach


def _inner(inside: Bools, margin_mm: float, pixel_mm: float) -> Bools:
    """What lies farther than a margin from the border, in the plane of the slices."""
    far = [ndimage.distance_transform_edt(plane) * pixel_mm > margin_mm for plane in inside]
    return np.array(far)


def _lung(slabs: Floats, inside: Bools, pixel_mm: float) -> Figures:
    values = slabs[_inner(inside, 2.0, pixel_mm)]
    low, quarter, half, upper, high = np.percentile(values, (5, 25, 50, 75, 95))
    return {
        "lung p5, HU": float(low),
        "lung p25, HU": float(quarter),
        "lung median, HU": float(half),
        "lung p75, HU": float(upper),
        "lung p95, HU": float(high),
        "lung below -950, %": 100 * float((values < -950).mean()),
        "lung above -500, %": 100 * float((values > -500).mean()),
    }


def _body(slabs: Floats, inside: Bools, pixel_mm: float) -> Figures:
    """Shares of tissue in the body without its lungs, couch left out."""
    body = np.array([_trunk(plane, pixel_mm) for plane in slabs])
    lung_share = float((inside & body).sum() / body.sum())
    rim = np.array([ndimage.binary_dilation(p, _disc(2.0, pixel_mm)) for p in inside])
    values = slabs[body & ~rim]
    fat = values[(values > -200) & (values < -30)]
    soft = values[(values >= -30) & (values < 130)]
    counted = values.size / 100
    return {
        "lung in the body, %": 100 * lung_share,
        "fat in the rest, %": fat.size / counted,
        "soft in the rest, %": soft.size / counted,
        "dense (130 to 300 HU), %": float(((values >= 130) & (values < 300)).sum()) / counted,
        "very dense (300 HU up), %": float((values >= 300).sum()) / counted,
        "fat, mode HU": _mode(fat),
        "soft, mode HU": _mode(soft),
    }


def _trunk(plane: Floats, pixel_mm: float) -> Bools:
    """The largest thing of a slice, thin couch and cloth cut off, its inside filled."""
    wide = np.pad(plane > -300, 1)
    thick = ndimage.distance_transform_edt(wide) * pixel_mm > 5
    pieces, count = ndimage.label(thick)
    if count == 0:
        return np.zeros(plane.shape, dtype=np.bool_)
    sizes = ndimage.sum_labels(thick, pieces, range(1, count + 1))
    core = pieces == 1 + int(np.argmax(sizes))
    trunk = ndimage.distance_transform_edt(~core) * pixel_mm < 6
    filled = ndimage.binary_fill_holes(trunk & wide)
    return np.asarray(filled, dtype=np.bool_)[1:-1, 1:-1]


def _mode(values: Floats) -> float:
    counts, edges = np.histogram(values, bins=np.arange(-202, 134, 4))
    smooth = ndimage.gaussian_filter1d(counts.astype(float), 1.5)
    return float(edges[int(np.argmax(smooth))] + 2)


def _noise(hu: NDArray[np.int16], lung: Bools, pixel_mm: float) -> Figures:
    """Spread, and where over frequency the power lies, in even soft tissue; and in plain lung."""
    wide = round(BLOCK_MM / pixel_mm)
    found: list[tuple[float, Floats]] = []
    for plane in hu[:: max(1, len(hu) // 60)].astype(np.float32):
        for j in range(0, plane.shape[0] - wide, wide // 2):
            for i in range(0, plane.shape[1] - wide, wide // 2):
                block = plane[j : j + wide, i : i + wide]
                middle = float(block.mean())
                if 0 < middle < 130 and block.min() > -150 and block.max() < 260:
                    flat = _flat(block)
                    slow = ndimage.gaussian_filter(flat, 2.0 / pixel_mm)
                    found.append((float(slow.std()), flat))
    found.sort(key=lambda pair: pair[0])
    blocks = [flat for _, flat in found[:BLOCKS]]
    if not blocks:
        return dict.fromkeys(("noise, HU", "noise peak, per mm", "noise mean, per mm"), np.nan)
    frequency, power = _radial_power(blocks, pixel_mm)
    amount = power * frequency
    return {
        "noise, HU": float(np.median([b.std() for b in blocks])),
        "noise peak, per mm": float(frequency[int(np.argmax(power))]),
        "noise mean, per mm": float((amount * frequency).sum() / amount.sum()),
        "lung grain, HU": _lung_grain(hu, lung, pixel_mm),
    }


def _flat(block: Floats) -> Floats:
    """A block without its mean and slope."""
    side = np.linspace(-1, 1, block.shape[0], dtype=np.float32)
    level = block - block.mean()
    for slope in (side[:, None] + 0 * side, side[None, :] + 0 * side[:, None]):
        level = level - slope * (level * slope).sum() / (slope * slope).sum()
    return level


def _radial_power(blocks: Sequence[Floats], pixel_mm: float) -> tuple[Floats, Floats]:
    """Noise power by frequency (per mm), averaged over blocks and directions."""
    wide = blocks[0].shape[0]
    power = np.mean([np.abs(np.fft.fft2(b)) ** 2 for b in blocks], axis=0)
    far = np.hypot(*np.meshgrid(np.fft.fftfreq(wide, pixel_mm), np.fft.fftfreq(wide, pixel_mm)))
    bins = np.arange(0.0, 0.62, 0.05)
    which = np.digitize(far.ravel(), bins) - 1
    inner = which < len(bins) - 1
    total = np.bincount(which[inner], power.ravel()[inner], len(bins) - 1)
    count = np.bincount(which[inner], minlength=len(bins) - 1)
    return (bins[:-1] + bins[1:]) / 2, total / np.maximum(count, 1)


def _lung_grain(hu: NDArray[np.int16], lung: Bools, pixel_mm: float) -> float:
    """Fine unevenness between the vessels: what is left of plain lung without its slow part."""
    spread = []
    for plane, inside in zip(hu[::5].astype(np.float32), lung[::5], strict=True):
        deep = ndimage.binary_erosion(inside, _disc(FROM_WALL_MM, pixel_mm))
        if deep.sum() < 500:
            continue
        plain = deep & (plane < np.median(plane[deep]) + ABOVE_LUNG_HU[0])
        away = ndimage.binary_erosion(plain, _disc(1.5, pixel_mm))
        if away.sum() > 200:
            spread.append(float((plane - ndimage.gaussian_filter(plane, 2 / pixel_mm))[away].std()))
    return float(np.median(spread)) if spread else float("nan")


def _vessels(slabs: Floats, inside: Bools, pixel_mm: float) -> Figures:
    """Bright pieces in a slice for each square cm of lung, by size, at two thresholds."""
    deep = _inner(inside, FROM_WALL_MM, pixel_mm)
    middle = float(np.median(slabs[deep]))
    counts = np.zeros((len(ABOVE_LUNG_HU), len(AREAS_MM2) - 1))
    share = np.zeros(len(ABOVE_LUNG_HU))
    for plane, here in zip(slabs, deep, strict=True):
        smooth = ndimage.gaussian_filter(plane, 0.6 / pixel_mm)
        for n, above in enumerate(ABOVE_LUNG_HU):
            bright = here & (smooth > middle + above)
            pieces, _ = ndimage.label(bright, np.ones((3, 3)))
            areas = np.bincount(pieces.ravel())[1:] * pixel_mm**2
            counts[n] += np.histogram(areas, AREAS_MM2)[0]
            share[n] += bright.sum()
    cm2 = deep.sum() * pixel_mm**2 / 100
    made: Figures = {}
    for n, above in enumerate(ABOVE_LUNG_HU):
        for low, count in zip(AREAS_MM2, counts[n], strict=False):
            name = f"+{above:.0f} HU, {low:.0f} mm2 up, per cm2"
            made[name] = float(count / cm2)
        made[f"+{above:.0f} HU, share of lung, %"] = 100 * float(share[n] / deep.sum())
    return made
