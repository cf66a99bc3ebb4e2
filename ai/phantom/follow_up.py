"""Two scans of one synthetic patient: an earlier one, shifted, turned and breathed otherwise.

Two nodules have grown since, one is new, one is gone; the true motion is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ai.phantom.chest import MADE_BY, PLAIN_NOISE_HU, Detail, Phantom, Size, chest
from ai.phantom.growths import PhantomNodule
from ai.phantom.look import look_of
from ai.phantom.slices import Noise
from ai.progress import OnProgress, ignore, part
from ai.scan.finding import SOLID
from ai.scan.labelmap import LUNGS, LabelMap
from ai.scan.volume import Volume

Floats = NDArray[np.float64]

GROWN = {2: 6.5, 3: 5.0}
"""Number of the nodule, and its diameter in mm in the earlier scan."""
NEW = 5
GONE = PhantomNodule((72.0, 18.0, 96.0), 8.0, SOLID, 30.0, "LLZ")

TURN_DEG = 4.0
SHIFT_LPS = (9.0, -6.0, 14.0)
BREATH_MM = 9.0
"""How much lower the lungs' base lies in the earlier scan."""
BASE_MM, STILL_MM = 40.0, 190.0
"""Heights between which the breath fades from all to nothing."""
OUTSIDE_HU = -1000.0


@dataclass(frozen=True, eq=False)
class Pair:
    """prior_to_current: 4 x 4, LPS mm; the rigid part alone. prior_of: for each nodule of the
    current scan its number in the prior one, or None where it is new."""

    current: Phantom
    prior: Phantom
    prior_to_current: Floats
    prior_of: tuple[int | None, ...]
    gone: int


def pair(
    size: Size = "full",
    seed: int = 7,
    *,
    noise_hu: float | None = None,
    detail: Detail = "plain",
    on_progress: OnProgress = ignore,
) -> Pair:
    """The same arguments give the same voxels. Raises as chest does."""
    current = chest(
        size, seed, noise_hu=noise_hu, detail=detail, on_progress=part(on_progress, 0.0, 0.4)
    )
    kept = [n for n in range(len(current.nodules)) if n != NEW]
    before = [
        replace(current.nodules[n], diameter_mm=GROWN.get(n, current.nodules[n].diameter_mm))
        for n in kept
    ]
    growths = (*before, GONE)
    still = chest(
        size,
        seed,
        growths=growths,
        noise_hu=0.0,
        detail=detail,
        on_progress=part(on_progress, 0.4, 0.8),
    )
    if noise_hu is None:
        noise_hu = PLAIN_NOISE_HU if detail == "plain" else look_of(seed).noise_hu
    prior = _moved(still, noise_hu, part(on_progress, 0.8, 1.0))
    prior_of = tuple(kept.index(n) if n in kept else None for n in range(len(current.nodules)))
    back = np.asarray(np.linalg.inv(motion()), np.float64)
    return Pair(current, prior, back, prior_of, len(growths) - 1)


def motion() -> Floats:
    """4 x 4, LPS mm: where the current patient lies in the earlier scan, breath apart."""
    angle = np.radians(TURN_DEG)
    made = np.eye(4)
    made[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    made[:3, 3] = SHIFT_LPS
    return made


def breathed(lps: Floats) -> Floats:
    """Where points of the still patient lie after the earlier scan's breath, still unturned."""
    down = np.clip((STILL_MM - lps[..., 2]) / (STILL_MM - BASE_MM), 0.0, 1.0)
    made = np.array(lps, dtype=np.float64)
    made[..., 2] -= BREATH_MM * down
    return made


def _unbreathed(lps: Floats) -> Floats:
    """The way back: height is a piecewise straight function of height, turned round."""
    z = lps[..., 2]
    per_mm = BREATH_MM / (STILL_MM - BASE_MM)
    middle = (z + per_mm * STILL_MM) / (1 + per_mm)
    low = z + BREATH_MM
    made = np.array(lps, dtype=np.float64)
    made[..., 2] = np.where(z >= STILL_MM, z, np.where(low <= BASE_MM, low, middle))
    return made


def _moved(still: Phantom, noise_hu: float, on_progress: OnProgress) -> Phantom:
    """The still phantom as the earlier scanner saw it, on the same grid, with its own noise."""
    from scipy import ndimage

    geometry = still.volume.geometry
    back = np.linalg.inv(motion())
    hu = np.empty(geometry.shape_kji, np.int16)
    labels = np.empty(geometry.shape_kji, np.uint8)
    noise = Noise(still.seed + 1, geometry.shape_kji[1], noise_hu)
    _, rows, columns = geometry.shape_kji
    j, i = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    for k in range(geometry.shape_kji[0]):
        lps = geometry.lps_of(np.stack([np.full_like(j, k), j, i], axis=-1))
        here = _unbreathed(lps @ back[:3, :3].T + back[:3, 3])
        where = np.moveaxis(geometry.index_of(here), -1, 0)
        image = ndimage.map_coordinates(
            still.volume.hu, where, np.float32, order=1, mode="constant", cval=OUTSIDE_HU
        )
        nearest = np.rint(where).astype(int)
        labels[k] = ndimage.map_coordinates(still.lungs.labels, nearest, order=0, cval=0)
        noise.add(image, k)
        hu[k] = np.clip(np.rint(image), -1024, 3071)
        on_progress((k + 1) / geometry.shape_kji[0], "Making the earlier scan")
    nodules = tuple(replace(n, centre_lps=_placed(n.centre_lps)) for n in still.nodules)
    return Phantom(
        Volume(geometry, hu, f"{still.volume.series}-prior"),
        LabelMap(geometry, labels, LUNGS, MADE_BY),
        nodules,
        still.size,
        still.seed,
    )


def _placed(lps: tuple[float, float, float]) -> tuple[float, float, float]:
    x, y, z = (motion() @ np.append(breathed(np.array(lps)), 1.0))[:3]
    return round(float(x), 2), round(float(y), 2), round(float(z), 2)
