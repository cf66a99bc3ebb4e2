"""The gate's references of chests: training scans and changed copies, one source left out.

Copies are changed as scanners and bodies differ: noise, kernel, a shift of HU, air in the lungs,
contrast in the blood, part of the height.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.lungs.upright import stand_up
from ai.models.card import ModelCard
from ai.models.gate_bottleneck import MOST_DIRECTIONS, KnownToNetwork
from ai.models.gate_bottleneck import features as pooled
from ai.models.gate_checks import Sampled, coarse
from ai.models.gate_histogram import DIRECTIONS, KnownChests, distance, features, learnt
from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from ai.training.lungs_scans import TrainingScan

COPIES = 60
NETWORK_COPIES = 40
TUNED_COPIES, MOST_SOURCES = 16, 12
"""Of a network that is taught on a reader's machine: minutes, where 40 of all would be an hour."""
AMBER_SHARE = 0.99

Floats = NDArray[np.floating[Any]]


def reference(scans: Mapping[str, Sampled], *, copies: int = COPIES, seed: int = 1) -> KnownChests:
    """What chests look like, and from which distance on one is unusual.

    scans: by the name of their source; two at least. The threshold is the 99 % quantile of the
    distances of each source's copies to what the other sources alone would have taught.
    """
    rows = {
        name: _rows(scan, copies, [seed, n], lambda one: features(coarse(one)))
        for n, (name, scan) in enumerate(scans.items())
    }
    return _left_out_in_turn(rows, DIRECTIONS)


def network_reference(
    scans: Mapping[str, Volume], card: ModelCard, *, copies: int = NETWORK_COPIES, seed: int = 1
) -> KnownToNetwork:
    """Where chests lie at the bottleneck of the card's network, by the same rule.

    Raises what asking the network raises.
    """
    from ai.lungs.network import ask_network

    def row(scan: Sampled) -> Floats:
        return pooled(ask_network(_volume(scan.hu, scan.spacing_mm), card=card).bottleneck)

    rows = {}
    for n, (name, volume) in enumerate(scans.items()):
        upright = np.rint(stand_up(volume, spacing_mm=card.spacing_mm).hu).astype(np.int16)
        rows[name] = _rows(Sampled(upright, card.spacing_mm, 2), copies, [seed, n], row)
    return KnownToNetwork(card.weights_sha256, _left_out_in_turn(rows, MOST_DIRECTIONS))


def tuned_reference(
    scans: Sequence[TrainingScan], card: ModelCard, *, copies: int = TUNED_COPIES
) -> KnownToNetwork:
    """The same out of what a network was taught with here, one scan of each patient.

    scans: on the card's grid; two patients at least, and of more than MOST_SOURCES the first ones.
    Raises what asking the network raises.
    """
    one_each: dict[str, TrainingScan] = {}
    for scan in scans:
        one_each.setdefault(scan.patient, scan)
    chosen = list(one_each.values())[:MOST_SOURCES]
    volumes = {s.name: _volume(s.hu, card.spacing_mm) for s in chosen}
    return network_reference(volumes, card, copies=copies)


def _volume(hu: NDArray[np.int16], spacing_mm: tuple[float, float, float]) -> Volume:
    """Upright HU as a scan of its own; where it lay in the room does not matter."""
    grid = Geometry.axial(hu.shape, spacing_kji_mm=spacing_mm, origin_lps=(0, 0, 0))
    return Volume(grid, hu)


def _left_out_in_turn(rows: Mapping[str, Floats], most: int) -> KnownChests:
    """What all sources teach; the threshold is what the others alone would have taught of each."""
    apart = []
    for left_out, own in rows.items():
        rest = np.concatenate([r for n, r in rows.items() if n != left_out])
        others = learnt(rest, (), most=most)
        apart += [distance(row, others) for row in own]
    amber = round(float(np.quantile(apart, AMBER_SHARE)), 3)
    return learnt(np.concatenate(list(rows.values())), tuple(rows), amber=amber, most=most)


def _rows(scan: Sampled, copies: int, seed: list[int], of: Callable[[Sampled], Floats]) -> Floats:
    rng = np.random.default_rng(seed)
    return np.stack([of(scan), *(of(changed(scan, rng)) for _ in range(copies))])


def changed(scan: Sampled, rng: np.random.Generator) -> Sampled:
    """A copy as another scanner, dose or body might have given it."""
    hu = scan.hu.astype(np.float32)
    planes = hu.shape[0]
    keep = max(12, round(planes * rng.uniform(0.7, 1.0)))
    first = int(rng.integers(0, planes - keep + 1)) if keep < planes else 0
    hu = hu[first : first + keep]
    lung, blood = (hu > -980) & (hu < -600), (hu > 20) & (hu < 80)
    hu = hu + lung * rng.uniform(-50, 60) + blood * rng.uniform(-10, 120) * rng.random()
    if rng.random() < 0.5:
        hu = ndimage.gaussian_filter(hu, (0.0, *[rng.uniform(0.3, 0.8)] * 2))
    hu = hu + rng.normal(0, rng.uniform(2, 60), hu.shape) + rng.uniform(-12, 12)
    return replace(scan, hu=np.clip(np.rint(hu), -1024, 3071).astype(np.int16))
