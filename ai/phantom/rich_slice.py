"""One axial slice of the rich phantom before vessels and scanner: table, trunk, belly, lungs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ai.phantom.anatomy import CAGE_FRONT, SIDE_DEG, Image, bump, cage
from ai.phantom.belly import TOP_MM, Belly
from ai.phantom.bones import (
    blend,
    cover,
    draw_ribs,
    rib_heights,
)
from ai.phantom.lobes import level_mm, oblique_mm
from ai.phantom.look import Look
from ai.phantom.midst import draw_fat
from ai.phantom.spine import draw_vertebra, rod
from ai.phantom.still import Depths, StillPlane, by_angle
from ai.phantom.wall import draw_wall

AIR_HU, FAT_HU, MUSCLE_HU = -1000.0, -104.0, 58.0
CORTEX_HU, MARROW_HU = 640.0, 95.0
RIBS_Z = rib_heights(1.3)
"""Ribs run down to the front more steeply than in the plain phantom."""
RIB_ENDS = np.clip((SIDE_DEG - 20.5) / 5, 0, 1) ** 0.5
Textures = Mapping[str, NDArray[np.float32]]
"""slow (about 25 mm), lobule (7 mm), fine (3 mm): spread 1 each, (rows, columns)."""
PAD_MM = 11.0
"""The mattress on the couch."""
GRAVITY_HU, FINE_HU = 0.62, 24.5
"""Lung grows denser by this for each mm towards the back, of a patient on the back; and
is as uneven as this over a few mm."""


def draw(
    image: Image,
    plane: StillPlane,
    depths: Depths,
    textures: Textures,
    look: Look,
    over_couch: Image,
) -> None:
    """Fill a slice with HU, all but vessels, airways and the scanner's work.

    over_couch: height in mm above the couch, on which the back is pressed flat.
    """
    z_mm, edge_mm = plane.middle_z, max(plane.pixel_mm, 1.0)
    image.fill(AIR_HU)
    draw_wall(image, plane, textures, look, over_couch, edge_mm)
    inside = plane.inside(cage(z_mm) - 2.2)
    lungs = np.maximum(depths.right, depths.left)
    blend(image, cover(inside, edge_mm), FAT_HU + 4 * textures["slow"])
    draw_fat(image, plane, textures)
    # muscle between the ribs lies on the pleura, with little fat there
    rim = np.minimum(inside, 3.2 - inside)
    blend(image, cover(rim, edge_mm) * cover(6 - np.abs(lungs), 3.0), MUSCLE_HU - 18)
    if z_mm < TOP_MM:
        below = np.minimum(depths.belly, inside)
        Belly(image, plane, below, textures, edge_mm).draw(look)
    _draw_lungs(image, plane, lungs, textures, look, edge_mm)
    draw_ribs(
        image, plane, z_mm, edge_mm, marrow_hu=MARROW_HU, heights=RIBS_Z, ends=RIB_ENDS, thick=0.86
    )
    _draw_shoulder_blades(image, plane, textures, edge_mm)
    _draw_breastbone(image, plane, textures, edge_mm)
    draw_vertebra(image, plane, textures, edge_mm)


def couch_y(x: Image, middle_y: float) -> Image:
    """Where the couch's top lies: it is hollowed for the patient."""
    return middle_y - 0.0006 * x * x


def draw_couch(image: Image, y: Image, x: Image, middle_y: float, edge_mm: float) -> None:
    """The couch, a carbon shell filled with foam. y, x: of the scan."""
    down, across = y[:, None], x[None, :]
    inside = np.minimum(
        down - couch_y(across, middle_y) - PAD_MM,
        middle_y + PAD_MM + 58 - 0.0009 * across * across - down,
    )
    pad = np.minimum(down - couch_y(across, middle_y), 150 - np.abs(across))
    blend(image, cover(pad, edge_mm) * (inside < 0) * (down < middle_y + PAD_MM + 4), -984.0)
    blend(image, cover(inside, edge_mm), 210.0)
    blend(image, cover(inside - 2.4, edge_mm), -955.0)


def _draw_shoulder_blades(
    image: Image, plane: StillPlane, textures: Textures, edge_mm: float
) -> None:
    """A thin plate behind each side of the cage, thick at its outer border, with its spine."""
    z_mm = plane.middle_z
    if not 124 < z_mm < 292:
        return
    up = float(np.clip((z_mm - 124) / 100, 0, 1))
    wide = 4 + 13 * up
    apart = SIDE_DEG - (47 + 9 * up)
    # the plate stands off the cage towards the shoulder
    lift = 12 + 3 * up + 0.62 * np.clip(apart + wide, 0, 60) + 3 * bump(apart, 0, wide / 2 + 4)
    thick = 1.1 + 3.2 * bump(apart, wide - 3, 4) + 1.2 * bump(apart, -wide, 4)
    height = by_angle(plane, cage(z_mm) + lift) - plane.radius
    sideways = by_angle(plane, (wide - np.abs(apart)) * (np.pi / 180 * 105))
    plate = by_angle(plane, thick) - np.abs(height + 0.5 * textures["lobule"])
    inside = np.minimum(plate - by_angle(plane, 3.4 * (apart / wide) ** 8), sideways)
    if z_mm > 222:  # the spine leaves the plate backwards, towards the tip of the shoulder
        along = by_angle(plane, (apart - (4 + 0.25 * (z_mm - 222))) * (np.pi / 180 * 105))
        inside = np.maximum(inside, rod(along, height, (-6, -1), (16, -20), 2.4, 3.8))
    blend(image, cover(inside, edge_mm), CORTEX_HU - 160)
    blend(image, cover(inside - 1.5, edge_mm), MARROW_HU + 80)


def _draw_breastbone(image: Image, plane: StillPlane, textures: Textures, edge_mm: float) -> None:
    """Manubrium and body of the breastbone, rounded, on the cage's front."""
    z_mm = plane.middle_z
    if not 84 < z_mm < 252:
        return
    half = float(np.interp(z_mm, (84, 100, 150, 200, 212, 240, 252), (5, 13, 17, 14, 20, 27, 20)))
    rows = np.flatnonzero(plane.y[:, plane.y.shape[1] // 2] < -float(CAGE_FRONT(z_mm)) + 14)
    part, x, y = image[rows], plane.x[rows], plane.y[rows]
    y = y + float(CAGE_FRONT(z_mm)) + 1.5 - 0.006 * x * x + 0.5 * textures["lobule"][rows]
    thick = 5.4 + 1.2 * (np.abs(x) / half) ** 2
    inside = (1 - ((np.abs(x) / half) ** 3.2 + (np.abs(y) / thick) ** 2.4) ** 0.4) * 5.8
    inside = np.minimum(inside, min(z_mm - 84, 252 - z_mm))
    blend(part, cover(inside, edge_mm), CORTEX_HU - 240)
    blend(part, cover(inside - 1.2, edge_mm), MARROW_HU + 30 + 8 * textures["fine"][rows])
    image[rows] = part


def _draw_lungs(
    image: Image, plane: StillPlane, lungs: Image, textures: Textures, look: Look, edge_mm: float
) -> None:
    blend(image, cover(lungs + 0.8, edge_mm), 25)  # pleura
    air = look.lung_hu + GRAVITY_HU * plane.y + 8 * textures["slow"] + 6 * textures["lobule"]
    air += FINE_HU * textures["fine"]
    over, high = oblique_mm(plane.x, plane.y, plane.z), level_mm(plane.x, plane.y, plane.z)
    sheet = np.clip(1.25 - np.abs(over), 0, 1)
    across = np.clip(1.1 - np.abs(high) * 0.8, 0, 1) * ((plane.x < 0) & (over > 0))
    air += np.maximum(sheet, across) * (60 / edge_mm)
    blend(image, cover(lungs, edge_mm), air)


def mottle(image: Image, textures: Textures) -> None:
    """Unevenness of what is dense: contrast that mixes with blood, and spongy bone."""
    mixed = (image > 140) & (image < 420)
    image += mixed * (30 * textures["fine"] + 16 * textures["lobule"] + 9 * textures["slow"])
