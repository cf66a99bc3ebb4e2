"""What one patient and one scanner look like: everything in which rich phantoms differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

Kernel = Literal["soft", "standard", "lung"]


@dataclass(frozen=True)
class Look:
    """Body, contrast, scanner and disease of a rich phantom.

    scale: size of the chest along x, y, z. fat_mm: fat under the skin. breast_mm: how far
    the breasts stand out.
    blood_hu: aorta and left heart, 45 without contrast. noise_hu: in soft tissue at the middle of
    the chest. slice_mm: slices are joined to about this thickness, 0 for as they are. effusion,
    consolidation: share of one lung, emphysema: share of both. feet_first: slices are stored from
    the head down. own: the dice of muscles and bones. muscle: how thick muscles are, marbled: how
    much fat they hold, as shares of the usual. aged: 0 to 1, spurs of the spine, chalk in gristle.
    """

    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    uneven_mm: float = 3.0
    fat_mm: float = 22.0
    breast_mm: float = 0.0
    lung_hu: float = -868.0
    blood_hu: float = 240.0
    kernel: Kernel = "standard"
    noise_hu: float = 16.0
    slice_mm: float = 0.0
    effusion: float = 0.0
    consolidation: float = 0.0
    emphysema: float = 0.0
    arms_down: bool = False
    feet_first: bool = False
    own: int = 0
    muscle: float = 1.0
    marbled: float = 1.0
    aged: float = 0.5


def look_of(seed: int) -> Look:
    """The look of a seed: another healthy body and another scanner for each."""
    rng = np.random.default_rng([seed, 20])
    scale = tuple(float(s) for s in rng.uniform((0.92, 0.93, 0.90), (1.03, 1.05, 1.02)))
    with_contrast = rng.uniform() < 0.8
    return Look(
        scale=(scale[0], scale[1], scale[2]),
        uneven_mm=float(rng.uniform(1.7, 2.9)),
        fat_mm=float(rng.uniform(14, 31)),
        lung_hu=float(rng.uniform(-895, -855)),
        blood_hu=float(rng.uniform(210, 416)) if with_contrast else 45.0,
        noise_hu=float(rng.uniform(13.4, 17.2)),
        breast_mm=float(max(0.0, rng.uniform(-22, 34))),
        own=seed,
        muscle=float(rng.uniform(0.9, 1.3)),
        marbled=float(rng.uniform(0.8, 1.9)),
        aged=float(rng.uniform(0.1, 1.0)),
    )


def varied_look(seed: int) -> Look:
    """The look of a seed for training: any kernel, and one in two is ill or lies otherwise."""
    rng = np.random.default_rng([seed, 27])
    kernels: tuple[Kernel, ...] = ("soft", "standard", "lung")
    look = replace(
        look_of(seed),
        kernel=kernels[int(rng.integers(3))],
        noise_hu=float(rng.uniform(8, 50)),
        arms_down=bool(rng.uniform() < 0.25),
        feet_first=bool(rng.uniform() < 0.25),
        slice_mm=float(rng.choice((0.0, 0.0, 6.0))),
    )
    ill = {
        "effusion": float(rng.uniform(0.05, 0.45)),
        "consolidation": float(rng.uniform(0.08, 0.40)),
        "emphysema": float(rng.uniform(0.1, 0.5)),
    }
    kind = str(rng.choice(("", "", "", *ill)))
    return replace(look, **{kind: ill[kind]}) if kind else look  # type: ignore[arg-type]
