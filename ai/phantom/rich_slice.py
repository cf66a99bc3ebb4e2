"""One axial slice of the rich phantom before vessels and scanner: table, trunk, belly, lungs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ai.phantom.anatomy import CAGE_FRONT, Image, cage
from ai.phantom.belly import TOP_MM, Belly
from ai.phantom.bones import blend, cover
from ai.phantom.lobes import level_mm, oblique_mm
from ai.phantom.look import Look
from ai.phantom.midst import draw_fat
from ai.phantom.ribs import draw_ribs
from ai.phantom.shoulder import both_shoulders, draw_blades
from ai.phantom.spine import draw_vertebra
from ai.phantom.still import Depths, StillPlane
from ai.phantom.wall import draw_wall

AIR_HU, FAT_HU, MUSCLE_HU = -1000.0, -104.0, 58.0
CORTEX_HU, MARROW_HU = 640.0, 95.0
Textures = Mapping[str, NDArray[np.float32]]
"""slow (about 25 mm), lobule (7 mm), fine (3 mm): spread 1 each, (rows, columns)."""
PAD_MM = 11.0
"""The mattress on the couch."""
RIM_HU, RIM_MM = 42.0, 3.5
"""Under the pleura lobules are small and their walls many: lung is this much denser there."""
NET_HU = 12.0
"""What the fine net of twigs, laid over it later, adds to lung on the whole."""
GRAVITY_HU, FINE_HU, FISSURE_HU, HEAVY_HU, BREATH_MM = 0.62, 14.0, 90.0, 190.0, 2.6
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
    shoulders = both_shoulders(plane, textures, look)
    draw_wall(image, plane, textures, look, over_couch, edge_mm, shoulders)
    inside = plane.inside(cage(z_mm) - 2.2)
    lungs = np.maximum(depths.right, depths.left)
    blend(image, cover(inside, edge_mm), FAT_HU + 4 * textures["slow"])
    draw_fat(image, plane, textures)
    # muscle between the ribs lies on the pleura, with little fat there
    rim = np.minimum(inside, 3.2 - inside)
    full = np.clip(0.85 - 0.5 * textures["slow"] - 0.4 * textures["lobule"], 0, 1)
    blend(image, cover(rim, edge_mm) * cover(6 - np.abs(lungs), 3.0) * full, MUSCLE_HU - 18)
    if z_mm < TOP_MM:
        below = np.minimum(depths.belly, inside)
        Belly(image, plane, below, textures, edge_mm).draw(look)
    _draw_lungs(image, plane, depths, textures, look, edge_mm)
    draw_ribs(image, plane, textures, look, edge_mm)
    draw_blades(image, shoulders, edge_mm)
    _draw_breastbone(image, plane, textures, look, edge_mm)
    draw_vertebra(image, plane, textures, look, edge_mm)


def couch_y(x: Image, middle_y: float, look: Look) -> Image:
    """Where the couch's top lies: it is hollowed for the patient, more or less."""
    return middle_y - (0.0006 + 0.0006 * _share(look, 1)) * x * x


def draw_couch(
    image: Image, y: Image, x: Image, middle_y: float, look: Look, edge_mm: float
) -> None:
    """The couch, a carbon shell filled with foam. y, x: of the scan."""
    down, across = y[:, None], x[None, :]
    top = couch_y(across, middle_y, look)
    pad_mm = PAD_MM + 6 * _share(look, 2)
    inside = np.minimum(
        down - top - pad_mm, middle_y + pad_mm + 58 - 0.0009 * across * across - down
    )
    inside = np.minimum(inside, 0.6 * (175 + 40 * _share(look, 3) - np.abs(across)))
    pad = np.minimum(down - top, 150 - np.abs(across))
    blend(image, cover(pad, edge_mm) * (inside < 0) * (down < middle_y + pad_mm + 4), -984.0)
    blend(image, cover(inside, edge_mm), 180.0 + 420 * _share(look, 4))
    blend(image, cover(inside - 1.9 - 1.6 * _share(look, 5), edge_mm), -955.0)


def _share(look: Look, number: int) -> float:
    """0 to 1 by the dice of the body, another for each number."""
    return float(np.random.default_rng([look.own, 35, number]).uniform())


def _draw_breastbone(
    image: Image, plane: StillPlane, textures: Textures, look: Look, edge_mm: float
) -> None:
    """Manubrium and body of the breastbone, rounded, on the cage's front."""
    z_mm = plane.middle_z
    low = 80 + 10 * _share(look, 6)
    if not low < z_mm < 252:
        return
    z_at = (80, 92, 104, 150, 196, 206, 212, 240, 252)
    half = float(np.interp(z_mm, z_at, (4, 5, 13, 17, 13.5, 14, 20, 28, 20)))
    half *= 0.88 + 0.22 * _share(look, 7)
    deep = float(np.interp(z_mm, z_at, (2.6, 3.4, 5, 5.2, 4.8, 5.4, 6.4, 7.4, 6)))
    rows = np.flatnonzero(plane.y[:, plane.y.shape[1] // 2] < -float(CAGE_FRONT(z_mm)) + 14)
    part = image[rows]
    lobule, slow, fine = (textures[n][rows] for n in ("lobule", "slow", "fine"))
    x = plane.x[rows] + 0.8 * slow + 3 * (_share(look, 8) - 0.5)
    tilt, bow = 0.10 * (_share(look, 9) - 0.5), 0.003 + 0.005 * _share(look, 10)
    y = plane.y[rows] + float(CAGE_FRONT(z_mm)) + 1.5 - bow * x * x + tilt * x + 0.5 * lobule
    thick = deep * (1 + 0.22 * (np.abs(x) / half) ** 2)
    inside = (1 - ((np.abs(x) / half) ** 2.9 + (np.abs(y) / thick) ** 2.2) ** 0.42) * deep
    # the two parts meet in a plate of gristle
    joint = float(np.clip(1.5 - abs(z_mm - 206) / 1.2, 0, 1))
    rind = np.maximum(1.0 + 0.35 * lobule + 0.2 * fine, 0.4)
    blend(part, cover(inside + 0.3 * lobule, edge_mm), CORTEX_HU - 60 - 400 * joint)
    marrow = MARROW_HU + 5 + 25 * fine + 12 * lobule + 15 * slow
    blend(part, cover(inside - rind, edge_mm), marrow * (1 - 0.4 * joint))
    image[rows] = part


def _draw_lungs(
    image: Image, plane: StillPlane, depths: Depths, textures: Textures, look: Look, edge_mm: float
) -> None:
    lungs = np.maximum(depths.right, depths.left)
    blend(image, cover(lungs + 0.8, edge_mm), 25)  # pleura
    slow, lobule = textures["slow"], textures["lobule"]
    air = look.lung_hu - NET_HU + GRAVITY_HU * plane.y + 10 * slow + 6 * lobule
    air += FINE_HU * textures["fine"]
    air += RIM_HU * np.exp(-np.maximum(lungs, 0) / RIM_MM)
    over, high = oblique_mm(plane.x, plane.y, plane.z), level_mm(plane.x, plane.y, plane.z)
    over, high = over + 1.5 * slow, high + 1.5 * slow
    sheet = np.clip(1.25 - np.abs(over), 0, 1)
    across = np.clip(1.1 - np.abs(high) * 0.8, 0, 1) * ((plane.x < 0) & (over > 0))
    # fissures are thin, and here and there open
    whole = np.clip(0.75 + 0.4 * (slow + lobule), 0, 1.3)
    air += np.maximum(sheet, across) * whole * (FISSURE_HU / edge_mm)
    if plane.middle_z < 200:
        air += _heavy(plane, lungs, textures, look)
    # the diaphragm moves while a slice is taken, in one body more than in another
    breath_mm = BREATH_MM * _share(look, 11)
    blurred = edge_mm + breath_mm * np.clip(1.5 - np.abs(lungs + depths.belly), 0, 1)
    blend(image, cover(lungs, blurred), air)


def _heavy(plane: StillPlane, lungs: Image, textures: Textures, look: Look) -> Image:
    """HU more of lung that lies low and falls together a little under the pleura."""
    most = HEAVY_HU * np.random.default_rng([look.own, 37]).uniform() ** 1.5
    first = int(np.searchsorted(plane.y[:, plane.y.shape[1] // 2], 20))
    made = np.zeros(lungs.shape, dtype=np.float32)
    low = np.clip((plane.y[first:] - 28) / 34, 0, 1) * np.clip((200 - plane.z[first:]) / 60, 0, 1)
    patchy = np.clip(0.7 + 0.5 * textures["lobule"][first:] + textures["slow"][first:], 0, 2)
    made[first:] = most * low * patchy * np.exp(-np.maximum(lungs[first:], 0) / 4.5)
    return made


def mottle(image: Image, textures: Textures) -> None:
    """Unevenness of what is dense: contrast that mixes with blood, and spongy bone."""
    mixed = (image > 140) & (image < 420)
    image += mixed * (12 * textures["fine"] + 9 * textures["lobule"] + 9 * textures["slow"])
