"""One axial slice of the rich phantom before vessels and scanner: table, trunk, belly, lungs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ai.phantom.anatomy import PHI, SIDE_DEG, SPINE_Y, Image, bump, cage, muscle, skin
from ai.phantom.bones import (
    blend,
    cover,
    draw_breastbone,
    draw_ribs,
    draw_spine,
    rib_heights,
)
from ai.phantom.lobes import level_mm, oblique_mm
from ai.phantom.look import Look
from ai.phantom.still import Depths, StillPlane, by_angle

AIR_HU, FAT_HU, MUSCLE_HU = -1000.0, -104.0, 58.0
CORTEX_HU, MARROW_HU = 640.0, 95.0
RIBS_Z = rib_heights(1.55)
"""Ribs run down to the front more steeply than in the plain phantom."""
Textures = Mapping[str, NDArray[np.float32]]
"""slow (about 25 mm), lobule (7 mm), fine (3 mm): spread 1 each, (rows, columns)."""
GRAVITY_HU, FINE_HU = 0.62, 16.0
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
    _draw_wall(image, plane, textures, look, over_couch, edge_mm)
    inside = plane.inside(cage(z_mm) - 2.2)
    lungs = np.maximum(depths.right, depths.left)
    blend(image, cover(inside, edge_mm), FAT_HU + 8 * textures["slow"])
    # muscle between the ribs lies on the pleura, with little fat there
    rim = np.minimum(inside, 3.2 - inside)
    blend(image, cover(rim, edge_mm) * cover(6 - np.abs(lungs), 3.0), MUSCLE_HU - 18)
    if z_mm < 112:
        _draw_belly(image, plane, np.minimum(depths.belly, inside), textures, look, edge_mm)
    _draw_lungs(image, plane, lungs, textures, look, edge_mm)
    draw_ribs(image, plane, z_mm, edge_mm, marrow_hu=MARROW_HU, heights=RIBS_Z)
    _draw_shoulder_blades(image, plane, textures, edge_mm)
    draw_breastbone(image, plane, z_mm, edge_mm)
    draw_spine(image, plane, z_mm, edge_mm, marrow_hu=180.0, shell_hu=310.0)


def couch_y(x: Image, middle_y: float) -> Image:
    """Where the couch's top lies: it is hollowed for the patient."""
    return middle_y - 0.0006 * x * x


def draw_couch(image: Image, y: Image, x: Image, middle_y: float, edge_mm: float) -> None:
    """The couch, a carbon shell filled with foam. y, x: of the scan."""
    down, across = y[:, None], x[None, :]
    inside = np.minimum(
        down - couch_y(across, middle_y), middle_y + 32 - 0.0011 * across * across - down
    )
    blend(image, cover(inside, edge_mm), 60.0)
    blend(image, cover(inside - 1.5, edge_mm), -955.0)


def fat_mm(z_mm: float, look: Look) -> Image:
    """Fat under the skin beyond the plain phantom's, by direction."""
    flank = bump(SIDE_DEG, 95, 34)
    front = bump(SIDE_DEG, 143, 20) * bump(z_mm, 130, 55)
    back = bump(SIDE_DEG, 40, 26)
    thick = 0.35 + 0.22 * flank + 0.95 * front + 0.30 * back
    return look.fat_mm * thick * (1 - 0.55 / (1 + np.exp(-(z_mm - 235) / 14)))


def _draw_wall(
    image: Image, plane: StillPlane, textures: Textures, look: Look, over_couch: Image,
    edge_mm: float,
) -> None:  # fmt: skip
    """Skin, fat with its strands, and the wall's muscles with fat between their layers."""
    z_mm = plane.middle_z
    body = np.minimum(plane.inside(skin(z_mm) + fat_mm(z_mm, look)), over_couch)
    blend(image, cover(body, edge_mm), 5)
    strands = np.clip(1 - 6 * np.abs(textures["lobule"] + 0.4), 0, 1)
    fat = FAT_HU + 7 * textures["slow"] + 26 * strands * (textures["slow"] > -0.2)
    blend(image, cover(body - 1.6, edge_mm), fat)
    outside = muscle(z_mm) + 2.8
    wall = plane.inside(outside)
    meat = MUSCLE_HU - 4 + 5 * textures["fine"] - 40 * np.clip(textures["lobule"] - 1.4, 0, 1)
    blend(image, cover(wall, edge_mm), meat)
    room = outside - cage(z_mm)
    for at, wave, turns in ((0.30, 1.8, 5), (0.55, 1.6, 7), (0.78, 2.2, 3)):
        course = room * at + wave * np.sin(turns * PHI + z_mm / 37)
        faint = 140 * np.clip(np.sin(turns * PHI + 2 + z_mm / 29) + 0.35, 0, 1) * (room > 10)
        gap = np.abs(wall - by_angle(plane, course))
        wide = 1.5 + 0.7 * np.sin(textures["slow"])
        image -= by_angle(plane, faint) * np.clip(1.6 - gap / wide, 0, 1)
    y0 = float(SPINE_Y(z_mm)) + 38
    for side in (-1, 1):
        long = (1 - np.hypot((plane.x - (side * 25)) / 21, (plane.y - y0) / 15)) * 16
        blend(image, cover(long, edge_mm), meat)


def _draw_shoulder_blades(
    image: Image, plane: StillPlane, textures: Textures, edge_mm: float
) -> None:
    """A thin plate behind each side of the cage, thick at its outer border, with its spine."""
    z_mm = plane.middle_z
    if not 124 < z_mm < 292:
        return
    up = float(np.clip((z_mm - 124) / 100, 0, 1))
    wide = 4 + 22 * up
    apart = SIDE_DEG - (47 + 9 * up)
    # the plate stands off the cage towards the shoulder
    lift = 13 + 4 * up + 0.22 * np.clip(apart + wide, 0, 60) + 3 * bump(apart, 0, wide / 2 + 4)
    thick = 1.1 + 3.2 * bump(apart, wide - 3, 4) + 1.2 * bump(apart, -wide, 4)
    height = by_angle(plane, cage(z_mm) + lift) - plane.radius
    sideways = by_angle(plane, (wide - np.abs(apart)) * (np.pi / 180 * 105))
    plate = by_angle(plane, thick) - np.abs(height + 0.5 * textures["lobule"])
    inside = np.minimum(plate, sideways)
    if z_mm > 222:  # the spine leaves the plate backwards, towards the tip of the shoulder
        along = apart - (2 + 0.25 * (z_mm - 222))
        ridge = by_angle(plane, 13 - 0.55 * np.abs(along)) - np.abs(height + 7) * 1.0
        lean = by_angle(plane, 3.2 - 0.9 * np.abs(along - 2))
        inside = np.maximum(inside, np.minimum(np.minimum(ridge, lean), -height + 2))
    blend(image, cover(inside, edge_mm), CORTEX_HU - 160)
    blend(image, cover(inside - 1.5, edge_mm), MARROW_HU + 80)


def _draw_belly(
    image: Image, plane: StillPlane, below: Image, textures: Textures, look: Look, edge_mm: float
) -> None:
    """Diaphragm, liver, spleen and stomach below the domes."""
    contrast = (look.blood_hu - 45) / 200
    blend(image, cover(below, edge_mm), MUSCLE_HU - 6)
    deep = below - 2.0
    fat = cover(deep, edge_mm) * cover(plane.x - 18 + 0.3 * plane.y, 8.0)
    blend(image, fat, FAT_HU + 8 * textures["slow"])
    edge = (34 - 0.35 * max(0.0, 60 - plane.middle_z)) - 0.35 * (plane.y + 20)
    liver = 58 + 34 * contrast + 3 * textures["fine"]
    blend(image, cover(np.minimum(deep, edge - plane.x), edge_mm), liver)
    for x, y, z, a, b, c, hu in (
        (80, 36, 30, 44, 46, 50, 50 + 58 * contrast),
        (56, -18, 28, 46, 50, 50, 32.0),
    ):
        ball = 1 - np.sqrt(
            ((plane.x - x) / a) ** 2 + ((plane.y - y) / b) ** 2 + ((plane.z - z) / c) ** 2
        )
        organ = np.minimum(ball * 40 + 2 * textures["slow"], deep)
        blend(image, cover(organ, edge_mm), hu + 4 * textures["fine"])
        if x == 56:  # gas rises to the front of the stomach
            gas = np.minimum(organ - 4, -34 - plane.y)
            blend(image, cover(gas, edge_mm), -960.0)


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
