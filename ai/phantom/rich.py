"""The rich phantom: an uneven body, trees down to twigs, disease, a scanner's kernel and noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ai.phantom.anatomy import SIDE_DEG, cage
from ai.phantom.beat import Beat, seen_twice
from ai.phantom.chambers import Heart
from ai.phantom.disease import Disease
from ai.phantom.grain import grain
from ai.phantom.great import dense_veins
from ai.phantom.heart import mediastinum
from ai.phantom.lobes import Lobes
from ai.phantom.look import Look
from ai.phantom.lumps import Lump, paint_lumps
from ai.phantom.midst import organ_tubes
from ai.phantom.rich_slice import couch_y, draw, draw_couch, mottle
from ai.phantom.rich_tubes import (
    THREAD_SHARE,
    VESSEL_SHARE,
    arms_down,
    lung_airways,
    lung_vessels,
    raised_bones,
    shown,
)
from ai.phantom.scanner import Scanner
from ai.phantom.still import Depths, StillPlane
from ai.phantom.streaks import Streaks
from ai.phantom.tubes import MOST_UNEVEN, Axes, Block, paint
from ai.phantom.wall import body_mm
from ai.phantom.warp import Warp

OUTSIDE_HU = -1000.0
BODY_MM = (170.0, 116.0, 116.0)
"""The drawing's half-width, and its depth in front and behind, at the most."""
ROUGH, LUNG_ROUGHER = 0.045, 1.6
"""How uneven organs' tubes are, as a share of their radius; how much more so those of the lungs."""
TEXTURES = (("slow", 25.0), ("lobule", 7.0), ("fine", 2.2))


def trunk_box(axes: Axes, look: Look) -> tuple[slice, slice]:
    """Rows and columns that hold the trunk, with room for its unevenness."""
    more = 1.25 * look.fat_mm + 3 * look.uneven_mm
    half, front, back = (BODY_MM[n] * look.scale[min(n, 1)] + more for n in range(3))
    j = np.searchsorted(axes.y, (-front, back))
    i = np.searchsorted(axes.x, (-half, half))
    return slice(int(j[0]), int(j[1])), slice(int(i[0]), int(i[1]))


def resting_y(warp: Warp, look: Look) -> float:
    """Where the middle of the couch lies, well into the back, which gives way."""
    backs = []
    for z_mm in np.arange(60.0, 240.0, 12.0):
        outline = body_mm(z_mm, look)
        own = outline[SIDE_DEG < 26].max()
        backs.append((0.0, own, z_mm))
    return float(np.quantile(warp.shown(np.array(backs))[:, 1], 0.8)) - 13.5


class Painter:
    """Makes slabs of a rich phantom: HU and lung labels."""

    def __init__(
        self, axes: Axes, look: Look, warp: Warp, lobes: Lobes, seed: int, noise_hu: float
    ) -> None:
        self._axes, self._look, self._warp = axes, look, warp
        self._mediastinum = mediastinum()
        self._grains = {name: grain(seed, n, mm) for n, (name, mm) in enumerate(TEXTURES)}
        self._disease = Disease(look, lobes, warp, seed)
        self._heart, self._beat = Heart(look, seed), Beat(seed, warp)
        self._arms = arms_down(look) if look.arms_down else []
        self._firm = shown([*raised_bones(look), *organ_tubes(look, seed)], warp)
        vessels, self._threads = lung_vessels(seed, warp, VESSEL_SHARE * look.blood_hu)
        # a vessel lies on its airway, and may press on it
        self._tubes = [*lung_airways(seed, warp), *vessels]
        self._box = trunk_box(axes, look)
        y, x = axes.y[self._box[0]], axes.x[self._box[1]]
        back_y = resting_y(warp, look)
        self._couch = np.full((len(axes.y), len(axes.x)), OUTSIDE_HU, dtype=np.float32)
        draw_couch(self._couch, axes.y, axes.x, back_y, look, axes.edge_mm)
        self._over_couch = (couch_y(x, back_y, look)[None, :] - y[:, None]).astype(np.float32)
        pixel_mm = float(axes.x[1] - axes.x[0])
        self._streaks = Streaks(
            seed, axes.y, axes.x, noise_hu, shown(dense_veins(look, seed), warp)
        )
        self._scanner = Scanner(seed, look.kernel, len(axes.x), pixel_mm, noise_hu)

    def slab(self, which: slice, lumps: Sequence[Lump]) -> tuple[Block, NDArray[np.uint8]]:
        """HU and labels of some slices, noise and all."""
        axes = replace(self._axes, z=self._axes.z[which])
        block = np.full((len(axes.z), len(axes.y), len(axes.x)), OUTSIDE_HU, dtype=np.float32)
        labels = np.zeros(block.shape, dtype=np.uint8)
        uneven, most = np.zeros(block.shape, dtype=np.float32), MOST_UNEVEN / LUNG_ROUGHER
        box = self._box
        y, x = axes.y[box[0]], axes.x[box[1]]
        seen, shifts, lost = [], [], []
        for k, z in enumerate(axes.z):
            plane = StillPlane(y, x, float(z), self._warp)
            depths = Depths(y, x, float(z), self._warp, self._mediastinum)
            textures = {n: g.on_slice(y, x, float(z)) for n, g in self._grains.items()}
            # away from ribs and diaphragm fat bulges into the lungs here and there
            bulge = np.maximum(1.5 * textures["lobule"] + 1.8 * textures["slow"], 0)
            under_ribs = plane.inside(cage(plane.middle_z))
            bulge *= np.clip((under_ribs - 14) / 8, 0, 1)
            shifts.append(self._beat.shift(y, x, float(z), under_ribs))
            bulge *= np.clip((-depths.belly - 8) / 10, 0, 1)
            depths.right -= bulge
            depths.left -= bulge
            labels[k][box] = (depths.right > 0) + 2 * (depths.left > 0).astype(np.uint8)
            seen.append((depths, textures))
            rough = ROUGH * (0.4 * textures["lobule"] + textures["slow"])
            uneven[k][box] = np.clip(rough, -most, most)
            part = np.empty((len(y), len(x)), dtype=np.float32)  # whole rows: ribs are drawn flat
            draw(part, plane, depths, textures, self._look, self._over_couch)
            self._heart.draw(part, plane, depths, textures)
            lost.append(self._disease.before_vessels(part, plane, depths, textures))
            block[k][box] = part
        if self._arms:
            beside = np.full(block.shape, OUTSIDE_HU, dtype=np.float32)
            paint(beside, axes, self._arms)
            np.copyto(block, beside, where=block < -990)
        before = block[:, box[0], box[1]].copy()
        paint(block, axes, self._firm, uneven)
        for k, (depths, _) in enumerate(seen):  # what lies between the lungs stays out of them
            lungs = np.clip(np.maximum(depths.right, depths.left), 0, 1)
            block[k][box] += lungs * (before[k] - block[k][box])
        full = self._threads.fullness(axes)
        for k, holes in enumerate(lost):
            if holes is not None:
                full[k][box] *= 1 - holes
        block += full * (THREAD_SHARE * self._look.blood_hu - block)
        paint(block, axes, self._tubes, LUNG_ROUGHER * uneven)
        for k, shift in enumerate(shifts):
            if shift is not None:
                seen_twice(block[k][box], shift)
        paint_lumps(block, axes, lumps)
        for k, (depths, textures) in enumerate(seen):
            part = block[k][box]
            self._disease.after_vessels(part, y, x, float(axes.z[k]), depths, textures)
            mottle(part, textures)
            np.copyto(block[k], self._couch, where=block[k] < -990)
            self._streaks.add(block[k], which.start + k, float(axes.z[k]))
            self._scanner.see(block[k], box, which.start + k)
        return block, labels
