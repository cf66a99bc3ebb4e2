"""Disease in the rich phantom's lungs. Its labels stay: lung under fluid or full of it is lung.

Shares no code with ai/training/insert.py, which pastes into scans, nor with the frozen stress set.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.phantom.anatomy import Image
from ai.phantom.bones import blend, cover
from ai.phantom.lobes import Lobes, oblique_mm
from ai.phantom.look import Look
from ai.phantom.rich_slice import Textures
from ai.phantom.still import Depths, StillPlane
from ai.phantom.warp import Warp

Floats = NDArray[np.floating[Any]]

FLUID_HU, FULL_HU, HOLE_HU = 12.0, 38.0, -985.0
TILT = 0.13
"""Fluid stands higher towards the feet of a patient who lies a little raised."""
SQUEEZED_MM = 14.0


class Disease:
    """What a look asks for, laid into slices before and after the vessels."""

    def __init__(self, look: Look, lobes: Lobes, warp: Warp, seed: int) -> None:
        rng = np.random.default_rng([seed, 26])
        self._look = look
        self._wet, self._full = (int(s) for s in rng.integers(1, 3, 2))
        own = lobes.points_lps[lobes.sides == self._wet]
        height = _height(warp.shown(own))
        self._level = float(np.quantile(height, 1 - look.effusion)) if look.effusion else np.inf
        lower = lobes.lobes == (2 if self._full == 1 else 4)
        points = lobes.points_lps[lower]
        self._focus = np.quantile(points, (0.35, 0.65), axis=0)[rng.integers(0, 2), :]
        self._focus = self._focus + rng.normal(size=3) * 8
        far = np.linalg.norm(points - self._focus, axis=1)
        lung = np.count_nonzero(lobes.sides == self._full)
        share = min(1.0, look.consolidation * lung / max(1, len(points)))
        self._reach = float(np.quantile(far, share)) if look.consolidation else -np.inf

    def before_vessels(
        self, image: Image, plane: StillPlane, depths: Depths, textures: Textures
    ) -> Image | None:
        """Holes of emphysema; and airspace filled round a focus, as far as its lobe goes.

        What comes back: the share of fine vessels that is lost in each pixel's hole, if any.
        """
        lungs, holes = np.maximum(depths.right, depths.left), None
        if self._look.emphysema:
            # more in the upper parts; the quantile of a normal field is its share
            upper = np.clip((plane.z - 140) / 260, -0.4, 0.4)
            field = 0.75 * textures["lobule"] + 0.55 * textures["slow"] + upper
            holes = np.clip((field - _normal_quantile(1 - self._look.emphysema)) / 0.25, 0, 1)
            holes = holes * cover(lungs - 2, 2.0) * 0.9
            blend(image, holes, HOLE_HU)
        if self._look.consolidation:
            x, y, z = (a - f for a, f in zip((plane.x, plane.y, plane.z), self._focus, strict=True))
            far = np.sqrt(x * x + y * y + z * z) + 7 * textures["lobule"] + 5 * textures["slow"]
            own = depths.right if self._full == 1 else depths.left
            lower = -oblique_mm(plane.x, plane.y, plane.z)
            soft = np.clip((self._reach - far) / 9 + 0.5, 0, 1) ** 0.7
            share = soft * cover(np.minimum(own + 1.0, lower), 1.2)
            blend(image, 0.96 * share, FULL_HU + 14 * textures["fine"])
        return holes

    def after_vessels(
        self, image: Image, y: Floats, x: Floats, z_mm: float, depths: Depths, textures: Textures
    ) -> None:
        """Free fluid with a level, which lifts the lung and squeezes what lies on it."""
        if not self._look.effusion:
            return
        own = depths.right if self._wet == 1 else depths.left
        here = (y + TILT * (150.0 - z_mm)).astype(np.float32)[:, None]
        # it creeps up along the chest wall
        under = here - self._level + 9 * np.exp(-np.maximum(own, 0) / 7) - 2.5
        lung = cover(own + 1.0, 1.2)
        squeezed = np.clip(1 + under / SQUEEZED_MM, 0, 1) ** 2
        image += 0.75 * lung * squeezed * np.maximum(-20 - image, 0)
        blend(image, lung * cover(under, 1.5), FLUID_HU + 3 * textures["slow"])


def _height(lps: Floats) -> Floats:
    return lps[:, 1] + TILT * (150.0 - lps[:, 2])


def _normal_quantile(share: float) -> float:
    from statistics import NormalDist

    return NormalDist(0.0, 0.80).inv_cdf(min(max(share, 1e-4), 1 - 1e-4))
