"""Below the rich phantom's diaphragm in one slice: liver, stomach, spleen, kidneys, bowel, fat.

Each organ is an ellipsoid with an uneven surface, or a few of them, worked out in its own box.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ai.phantom.anatomy import Image, bump
from ai.phantom.bones import blend, cover
from ai.phantom.look import Look
from ai.phantom.spine import rod
from ai.phantom.still import StillPlane

FAT_HU, MUSCLE_HU, GAS_HU = -106.0, 55.0, -930.0
TOP_MM = 128.0
"""Nothing of the belly stands higher."""
Textures = Mapping[str, NDArray[np.float32]]
Point = tuple[float, float, float]
STOMACH = (
    ((62.0, 2.0, 78.0), (37.0, 43.0, 25.0)),
    ((48.0, -34.0, 52.0), (27.0, 34.0, 36.0)),
)
SPLEEN = ((95.0, 46.0, 54.0), (40.0, 45.0, 52.0))
KIDNEYS = (((54.0, 50.0, 0.0), (25.0, 28.0, 44.0)), ((-62.0, 48.0, -6.0), (27.0, 29.0, 44.0)))
BOWEL = (
    ((99.0, -40.0, 68.0), (18.0, 22.0, 26.0)),
    ((84.0, -62.0, 36.0), (20.0, 15.0, 18.0)),
    ((50.0, -72.0, 22.0), (24.0, 13.0, 15.0)),
    ((8.0, -68.0, 12.0), (25.0, 14.0, 15.0)),
    ((-40.0, -66.0, 16.0), (23.0, 16.0, 17.0)),
    ((104.0, -4.0, 14.0), (15.0, 17.0, 30.0)),
)
LOOPS = (
    ((34.0, 6.0, 20.0), (17.0, 13.0, 12.0)),
    ((62.0, -2.0, 8.0), (14.0, 16.0, 14.0)),
    ((-22.0, -18.0, 16.0), (18.0, 13.0, 14.0)),
    ((26.0, -30.0, 4.0), (16.0, 14.0, 12.0)),
)


@dataclass(frozen=True)
class Filling:
    """How one body's organs lie and what they hold: mm and HU."""

    stomach: tuple[tuple[Point, Point], ...]
    bowel: tuple[tuple[Point, Point], ...]
    loops: tuple[tuple[Point, Point], ...]
    gas_y: float
    food_hu: float
    left_mm: float
    taper: float
    """How quickly the liver narrows to the front and left, per mm."""
    cleft: tuple[float, float, float]
    """Between the lobes of the liver: mm to the left, deep and half-wide."""


@lru_cache(maxsize=3)
def filling(own: int) -> Filling:
    """The organs of a body: full or empty, more or less to the side."""
    rng = np.random.default_rng([own, 37])

    def moved(
        organs: tuple[tuple[Point, Point], ...], far_mm: float, low: float, high: float
    ) -> tuple[tuple[Point, Point], ...]:
        made = []
        for (x, y, z), (a, b, c) in organs:
            dx, dy, dz = rng.normal(0, far_mm, 3)
            size = rng.uniform(low, high)
            made.append(((x + dx, y + dy, z + dz), (a * size, b * size, c * size)))
        return tuple(made)

    return Filling(
        stomach=moved(STOMACH, 4.5, 0.78, 1.08),
        bowel=moved(BOWEL, 5.0, 0.75, 1.15),
        loops=moved(LOOPS, 6.0, 0.8, 1.25),
        gas_y=float(rng.uniform(-52, -30)),
        food_hu=float(rng.uniform(12, 48)),
        left_mm=float(rng.normal(0, 9)),
        taper=float(rng.uniform(0.004, 0.016)),
        cleft=(float(rng.normal(6, 9)), float(rng.uniform(-8, 26)), float(rng.uniform(1.2, 4.2))),
    )


class Belly:
    """Lays the belly over a slice. below: depth in mm under the diaphragm and inside the ribs."""

    def __init__(
        self, image: Image, plane: StillPlane, below: Image, textures: Textures, edge_mm: float
    ) -> None:
        self._image, self._plane, self._below = image, plane, below
        self._textures, self._edge_mm = textures, edge_mm
        self._row = plane.y[:, plane.y.shape[1] // 2]
        self._column = plane.x[plane.x.shape[0] // 2]

    def draw(self, look: Look) -> None:
        contrast = (look.blood_hu - 45) / 200
        self._own = own = filling(look.own)
        slow, lobule, fine = (self._textures[n] for n in ("slow", "lobule", "fine"))
        blend(self._image, cover(self._below, self._edge_mm), MUSCLE_HU)
        strands = np.clip(lobule + 0.8 * fine - 1.1, 0, 1)
        fat = FAT_HU + 5 * slow + 120 * strands
        # the small vessels of the net and the mesentery
        fat += (150 + 130 * contrast) * np.clip(1.1 * fine + lobule - 2.3, 0, 1)
        blend(self._image, cover(self._below - 2.2, self._edge_mm), fat)
        z_mm = self._plane.middle_z
        if z_mm < 100:
            self._crura()
        if z_mm < 46:
            self._pancreas(contrast)
        for middle, half in KIDNEYS:
            self._kidney(middle, half, contrast)
        for middle, half in own.loops:
            self._ball(middle, half, 45 + 26 * contrast, 3.0)
            self._ball(middle, tuple(h - 4.0 for h in half), 30.0, 3.0)  # type: ignore[arg-type]
        self._spleen(contrast)
        self._liver(contrast)
        self._stomach(contrast)
        for middle, half in own.bowel:
            self._bowel(middle, half)

    def _part(self, middle: Point, half: Point) -> tuple[slice, slice] | None:
        x, y, z = middle
        a, b, c = (h + 8.0 for h in half)
        if abs(self._plane.middle_z - z) > c + 6:
            return None
        j = np.searchsorted(self._row, (y - b, y + b))
        i = np.searchsorted(self._column, (x - a, x + a))
        if j[0] >= j[1] or i[0] >= i[1]:
            return None
        return slice(int(j[0]), int(j[1])), slice(int(i[0]), int(i[1]))

    def _inside(self, box: tuple[slice, slice], middle: Point, half: Point, rough: float) -> Image:
        plane = self._plane
        x, y, z = middle
        a, b, c = half
        far = ((plane.x[box] - x) / a) ** 2 + ((plane.y[box] - y) / b) ** 2
        ball = (1 - np.sqrt(far + ((plane.z[box] - z) / c) ** 2)) * min(a, b)
        uneven = 0.7 * self._textures["slow"][box] + 0.3 * self._textures["lobule"][box]
        return np.minimum(ball + rough * uneven, self._below[box] - 3.2)

    def _lay(self, box: tuple[slice, slice], inside: Image, hu: Image | float) -> None:
        part = self._image[box]
        blend(part, cover(inside, self._edge_mm), hu)

    def _ball(self, middle: Point, half: Point, hu: float, rough: float) -> None:
        box = self._part(middle, half)
        if box is not None:
            fine = self._textures["lobule"][box]
            self._lay(box, self._inside(box, middle, half, rough), hu + 8 * fine)

    def _liver(self, contrast: float) -> None:
        """The right half, and a left lobe that runs over the midline before the stomach."""
        plane, z_mm = self._plane, self._plane.middle_z
        box = (slice(None), slice(0, int(np.searchsorted(self._column, 80.0))))
        x, y = plane.x[box], plane.y[box]
        slow, lobule, fine = (self._textures[n][box] for n in ("slow", "lobule", "fine"))
        # how far to the left it comes: in front much, behind the great vein little
        front = np.clip((2 - y) / 44, 0, 1)
        left = float(np.interp(z_mm, (0, 18, 34, 52, 84, 120), (-58, -46, -6, 52, 58, 40)))
        left += self._own.left_mm
        edge = -16 - 0.35 * np.clip(y, 0, 80) + (left + 16) * front * front * (3 - 2 * front)
        edge -= (0.10 + 0.006 * max(0.0, 60 - z_mm)) * np.clip(-40 - y, 0, 60)
        edge -= self._own.taper * np.clip(-26 - y, 0, 90) ** 2
        inside = np.minimum(self._below[box] - 1.8, (edge - x) * 0.8 + 4.0 * slow + lobule)
        # the cleft between the lobes, and the gate below
        at, deep, wide = self._own.cleft
        if 30 < z_mm < 66 and deep > 8:
            cleft = rod(x, y, (at, -112), (at - 7, -96 + deep), wide, 0.5)
            inside = np.minimum(inside, -cleft - 1.2 * slow - 0.6 * lobule)
        if z_mm < 50:
            gate = rod(x, y, (-6, -18), (-40, -16), 9.0 * (50 - z_mm) / 30, 4.0)
            inside = np.minimum(inside, -gate + 1.5 * lobule)
        hu = 54 + 9 * contrast + 1.5 * fine + lobule + 2 * slow
        self._lay(box, inside, hu)
        self._ball((-38.0, -44.0, 16.0), (15.0, 21.0, 22.0), 8.0, 1.0)  # gall bladder

    def _stomach(self, contrast: float) -> None:
        for grow, hu in ((0.0, 52 + 9 * contrast), (-3.6, self._own.food_hu)):
            for middle, half in self._own.stomach:
                own = tuple(h + grow for h in half)
                box = self._part(middle, own)  # type: ignore[arg-type]
                if box is None:
                    continue
                lobule, fine = self._textures["lobule"][box], self._textures["fine"][box]
                inside = self._inside(box, middle, own, 3.5)  # type: ignore[arg-type]
                food = hu + (15 * lobule + 9 * fine if grow < 0 else 6 * fine)
                self._lay(box, inside + (0.0 if grow == 0 else 2.0 * lobule + fine - 1.2), food)
                if grow < 0:  # gas rises to the front
                    self._lay(
                        box, np.minimum(inside - 1, self._own.gas_y - self._plane.y[box]), GAS_HU
                    )

    def _spleen(self, contrast: float) -> None:
        middle, half = SPLEEN
        box = self._part(middle, half)
        if box is None:
            return
        plane = self._plane
        inside = self._inside(box, middle, half, 5.0)
        hollow = np.hypot((plane.x[box] - 54) / 32, (plane.y[box] - 18) / 34)
        rough = 1.5 * self._textures["lobule"][box] + 4 * self._textures["slow"][box]
        inside = np.minimum(inside, (hollow - 1) * 28 + rough)
        streak = self._textures["slow"][box] + self._textures["lobule"][box]
        hu = 52 + 58 * contrast + 9 * contrast * np.clip(streak, -1.5, 1.5)
        self._lay(box, inside, hu + 4 * self._textures["fine"][box])

    def _kidney(self, middle: Point, half: Point, contrast: float) -> None:
        box = self._part(middle, half)
        if box is None:
            return
        plane, lobule = self._plane, self._textures["lobule"][box]
        inside = self._inside(box, middle, half, 1.5)
        self._lay(box, inside, 40 + 100 * contrast)
        rays = np.abs((np.arctan2(plane.y[box] - middle[1], plane.x[box] - middle[0]) * 7) % 2 - 1)
        self._lay(box, inside - 5.5 - 2.5 * rays, 36 + 44 * contrast)
        toward = np.sign(middle[0]) * (plane.x[box] - middle[0])
        height = bump(plane.middle_z, middle[2], 24)
        sinus = inside - 13 + 4 * float(height) - 0.5 * toward + 2 * lobule
        self._lay(box, np.minimum(sinus, inside + 4), FAT_HU + 40)

    def _bowel(self, middle: Point, half: Point) -> None:
        """A wall, stool with bubbles, and gas in front."""
        box = self._part(middle, half)
        if box is None:
            return
        lobule, fine = self._textures["lobule"][box], self._textures["fine"][box]
        inside = self._inside(box, middle, half, 4.0)
        self._lay(box, inside, 50.0)
        bubbles = np.clip(1.3 * fine + 0.7 * lobule - 0.4, 0, 1.4)
        self._lay(box, inside - 2.4, 20 - 420 * bubbles)
        gas = np.minimum(inside - 2.4, middle[1] - 0.2 * half[1] - self._plane.y[box])
        self._lay(box, gas + 3 * lobule - 3, GAS_HU)

    def _crura(self) -> None:
        """The legs of the diaphragm beside the great artery, and the muscle over the spine."""
        box = self._part((4.0, 34.0, self._plane.middle_z), (44.0, 44.0, 1.0))
        if box is None:
            return
        x, y = self._plane.x[box], self._plane.y[box]
        bent = x + 1.2 * self._textures["lobule"][box]
        legs = np.maximum(
            rod(bent, y, (-15, 44), (-4, 20), 3.2, 4.6), rod(bent, y, (33, 52), (27, 26), 2.6, 4.0)
        )
        legs = np.maximum(legs, rod(bent, y, (-4, 20), (10, 14), 3.6, 2.4))
        self._lay(box, np.minimum(legs, self._below[box] + 3), MUSCLE_HU)

    def _pancreas(self, contrast: float) -> None:
        box = self._part((24.0, -6.0, 26.0), (62.0, 26.0, 20.0))
        if box is None:
            return
        lobule = self._textures["lobule"][box]
        wide = 9.0 * float(bump(self._plane.middle_z, 28, 14))
        body = rod(self._plane.x[box], self._plane.y[box], (-22, -8), (70, 18), wide, 0.8 * wide)
        body = np.minimum(body + 2.6 * lobule, self._below[box] - 3)
        self._lay(box, body, 44 + 42 * contrast)
