"""Everything round in the rich phantom, where it lies in the scan: organs, vessels, airways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.phantom.great import along, windpipe
from ai.phantom.lobes import (
    ARTERY_LEAF_MM,
    VEIN_LEAF_MM,
    Lobes,
    bronchus_of,
    grow_lobes,
    hila_of,
)
from ai.phantom.look import Look
from ai.phantom.marks import Curves, joined, marks
from ai.phantom.organs import (
    AIRWAY_WALL_MM,
    LEFT_BRONCHUS,
    RIGHT_BRONCHUS,
    WALL_HU,
)
from ai.phantom.ribs import long_bones
from ai.phantom.threads import Threads, spun
from ai.phantom.tubes import Tube, chain
from ai.phantom.twigs import Trees, sprouts
from ai.phantom.vessels import STEP_MM
from ai.phantom.warp import Warp

LUMEN_HU = -960.0
TUBES_FROM_MM = 2.2
"""Vessels of this radius and more are painted as tubes, thinner ones are threads."""
AIRWAYS_FROM_MM, AIRWAY_SHARE, TRUNK_MM, AT_HEART_MM = 0.85, 0.62, 2.8, 6.6
SPROUTS, SPROUTS_TO, SPROUT_MM, SPROUT_WIDE_MM = 1, 12, (4.0, 13.0), (0.22, 0.46)
"""The finest twigs: how many on each branch that serves so many leaves at the most, how long, and
their radius. None stands out alone: together they are the fine net that lung shows."""
NET_MM3, NET_MM, NET_WIDE_MM = 105.0, (3.5, 11.0), (0.20, 0.40)
"""Fine lines between the vessels, walls of lobules and what runs in them: the room for one of them,
how long, their radius."""
TIP_SHARE = 0.4
"""What is left of the radius of a last branch at its end."""
VESSEL_SHARE, THREAD_SHARE, FAINT = 0.92, 0.58, 0.72
"""Contrast in thick and in thin vessels of the lung, as a share of the aorta's; and in the
thinnest of the thick ones, as a share of the thick."""


Floats = NDArray[np.floating[Any]]


def shown(tubes: Sequence[Tube], warp: Warp) -> list[Tube]:
    """Tubes of the drawing where they come to lie in the scan, long ones in pieces."""
    starts, ends = (np.array([getattr(t, end) for t in tubes]) for end in ("start", "end"))
    pieces = np.maximum(1, np.linalg.norm(ends - starts, axis=1) // 12).astype(int)
    which = np.repeat(np.arange(len(tubes)), pieces)
    place = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    low, high = place / pieces[which], (place + 1) / pieces[which]
    way = (ends - starts)[which]
    first, last = (warp.shown(starts[which] + t[:, None] * way) for t in (low, high))
    wide = float(np.mean(warp.scale))
    made = []
    for n, t0, t1, p, q in zip(
        which.tolist(), low, high, first.tolist(), last.tolist(), strict=True
    ):
        tube = tubes[n]
        r0, r1 = (wide * (tube.start_mm + t * (tube.end_mm - tube.start_mm)) for t in (t0, t1))
        made.append(Tube((p[0], p[1], p[2]), (q[0], q[1], q[2]), float(r0), float(r1), tube.hu))
    return made


def calmed(radii_mm: NDArray[np.floating]) -> NDArray[np.floating]:
    """Radii of which the widest are held back: near the heart vessels part before they widen."""
    return np.minimum(radii_mm, TRUNK_MM + 0.6 * (radii_mm - TRUNK_MM))


@lru_cache(maxsize=2)
def lung_vessels(seed: int, warp: Warp, thick_hu: float) -> tuple[tuple[Tube, ...], Threads]:
    """Thick vessels as tubes, all others as threads, where they lie in the scan."""
    lobes = grow_lobes(seed)
    rng = np.random.default_rng([seed, 24])
    tubes: list[Tube] = []
    parts: list[Curves] = []
    kinds = (
        (lobes.arteries, ARTERY_LEAF_MM, [h.artery for h in hila_of(seed)]),
        (lobes.veins, VEIN_LEAF_MM, [h.vein for h in hila_of(seed)]),
    )
    for trees, leaf_mm, stems in kinds:
        radii = calmed(trees.radii_mm(leaf_mm))
        for stem, trunk in zip(stems, radii[trees.parent < 0], strict=True):
            own = stem[: max(2, len(stem) - 1)]
            wide = np.linspace(max(float(trunk), AT_HEART_MM), float(trunk), len(own))
            tubes += along([(*p, float(r)) for p, r in zip(own, wide, strict=True)], thick_hu)
        # a branch narrows towards its end, where its larger child goes on
        ends = np.where(trees.tips(), TIP_SHARE, 0.97) * radii
        thick = radii >= TUBES_FROM_MM
        which = np.flatnonzero(thick)
        tubes += _as_tubes(trees, radii, ends, which, thick_hu)
        fine = np.flatnonzero(trees.leaves <= SPROUTS_TO).repeat(SPROUTS)
        a, b, c = sprouts(trees, fine, long_mm=SPROUT_MM, rng=rng)
        wide = rng.uniform(*SPROUT_WIDE_MM, len(a))
        parts.append((a, b, c, wide, 0.5 * wide))
        thin = ~thick
        parts.append(
            (trees.start[thin], trees.bend[thin], trees.end[thin], radii[thin], ends[thin])
        )
    parts.append(_net(lobes, rng))
    scars, blebs = marks(lobes, seed)
    parts.append(scars)
    start, bend, end, r0, r1 = joined(parts)
    return tuple(shown([*blebs, *tubes], warp)), spun(
        warp.shown(start), warp.shown(bend), warp.shown(end), r0, r1
    )


def _net(lobes: Lobes, rng: np.random.Generator) -> Curves:
    """Fine winding lines all over the lungs."""
    inner = lobes.points_lps[lobes.depths_mm > 2.0]
    many = int(len(inner) * STEP_MM**3 / NET_MM3)
    middle = inner[rng.choice(len(inner), size=many)] + rng.uniform(-2, 2, (many, 3))
    ways = rng.normal(size=(2, many, 3))
    ways[1] = 0.9 * ways[1] - ways[0]
    ways /= np.linalg.norm(ways, axis=2, keepdims=True)
    half = 0.5 * rng.uniform(*NET_MM, (many, 1))
    wide = rng.uniform(*NET_WIDE_MM, many)
    return middle + half * ways[0], middle, middle + half * ways[1], wide, 0.7 * wide


def _as_tubes(
    trees: Trees, radii: NDArray[np.floating], ends: NDArray[np.floating], which: NDArray[np.intp],
    hu: float,
) -> list[Tube]:  # fmt: skip
    made: list[Tube] = []
    # contrast fades towards the thin ones, which are threads
    faint = np.interp(radii, (TUBES_FROM_MM, 1.5 * TUBES_FROM_MM), (FAINT, 1.0)) * hu
    for n in which:
        t = np.linspace(0, 1, 3)
        places = trees.points(np.full(3, n), t)
        wide = radii[n] + t * (ends[n] - radii[n])
        rows = [(*map(float, p), float(r)) for p, r in zip(places, wide, strict=True)]
        made += chain(rows, float(faint[n]))  # type: ignore[arg-type]
    return made


@lru_cache(maxsize=2)
def lung_airways(seed: int, warp: Warp) -> tuple[Tube, ...]:
    """Walls and then hollows of the airways, each beside its artery."""
    trees = grow_lobes(seed).arteries
    radii = AIRWAY_SHARE * calmed(trees.radii_mm(ARTERY_LEAF_MM))
    tubes: list[Tube] = []
    # where the airway of each branch ends, and to which side of its artery it lies
    joints: dict[int, tuple[Floats, Floats]] = {}
    for n in np.flatnonzero(radii >= AIRWAYS_FROM_MM):
        parent = int(trees.parent[n])
        if parent < 0:
            path = bronchus_of(int(trees.tree[n]), seed)[:2]
            tubes += chain([(*p, 4.8 - 0.5 * m) for m, p in enumerate(path)], LUMEN_HU)
            start: Floats = np.array(path[-1], dtype=np.float64)
            away = start - trees.start[n]
        elif parent in joints:
            start, away = joints[parent]
        else:
            continue
        # it keeps its side of the artery, however this turns
        onward = trees.end[n] - trees.bend[n]
        onward = onward / max(float(np.linalg.norm(onward)), 1e-6)
        away = away - (away @ onward) * onward
        away = away / max(float(np.linalg.norm(away)), 1e-6)
        end = trees.end[n] + away * (radii[n] * (1 / AIRWAY_SHARE + 1.0) + 0.5)
        joints[int(n)] = (end, away)
        ends = [(*map(float, p), float(r)) for p, r in ((start, radii[n]), (end, radii[n] * 0.97))]
        tubes += chain(ends, LUMEN_HU)  # type: ignore[arg-type]
    main = (*windpipe(seed), *RIGHT_BRONCHUS, *LEFT_BRONCHUS)
    walls = [t.widened(AIRWAY_WALL_MM, WALL_HU) for t in main]
    walls += [t.widened(0.30 + 0.09 * t.end_mm, WALL_HU) for t in tubes]
    hollows = [replace(t, hu=LUMEN_HU) for t in main] + tubes
    return tuple(shown([*walls, *hollows], warp))


def arms_down(look: Look) -> list[Tube]:
    """Both arms beside the trunk: skin, fat, muscle and the hollow bone."""
    made: list[Tube] = []
    for side in (-1, 1):
        x = side * (178 + 0.8 * look.fat_mm)
        path = [(x, 12, -30, 1.0), (x + 2 * side, 8, 120, 1.0), (x - 24 * side, 4, 262, 1.0)]
        for wide, hu in ((46.0, -104.0), (37.0, 55.0), (11.0, 640.0), (6.5, 20.0)):
            made += chain([(px, py, pz, wide * scale) for px, py, pz, scale in path], hu)
    return made


def raised_bones(look: Look) -> tuple[Tube, ...]:
    """Collar bones and the heads of the arms; these hang lower where the arms lie down."""
    if not look.arms_down:
        return long_bones(look.own)
    return tuple(t for t in long_bones(look.own) if max(t.start[2], t.end[2]) < 300)
