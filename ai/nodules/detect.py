"""Nodules of a chest CT: find, grow, measure, judge."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from ai.models.card import ModelCard
from ai.nodules.candidates import Candidate, find_candidates
from ai.nodules.describe import Place, agent_features, centre_of, clues
from ai.nodules.grow import GrownMask, grow
from ai.nodules.measure import measure
from ai.nodules.rules import chance_rule, type_rule_of
from ai.nodules.searchgrid import SearchGrid, search_grid
from ai.nodules.suppress import Shape, shapes
from ai.nodules.zone import extents, lung_near, zone_of
from ai.progress import OnProgress, ignore, part
from ai.scan.finding import Finding, Measurement
from ai.scan.labelmap import LabelMap
from ai.scan.straight import Straight
from ai.scan.volume import Volume

KIND = "nodule"
MOST_FINDINGS = 60
MOST_GROWN = 200
"""Growing costs some 10 ms each; further down the list no nodule was ever seen."""
LEAST_MM = 3.0
MOST_MM = 45.0
FEWEST_VOXELS = 5
"""Fewer have no shape: on a very coarse scan every vessel would look like a ball."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A grown candidate with all that is known of it."""

    centre_lps: Place
    mask: GrownMask
    measurement: Measurement
    clues: dict[str, float]
    pleura_mm: float
    log_odds: float


def find_nodules(
    volume: Volume, lungs: LabelMap, *, card: ModelCard, on_progress: OnProgress = ignore
) -> tuple[Finding, ...]:
    """At most 60 places that may be nodules, the likeliest first.

    lungs: 1 right, 2 left, on the volume's grid; without any lung there is nothing to find.
    A scan of a tilted gantry is searched straight, and measured as it was stored.
    Each finding has a mask on the volume's grid, its figures, zone and chance. The ids depend on
    the series, the card and the place only: a second run gives the same ones.
    Raises ValueError when the grids differ, and whatever on_progress raises.
    """
    if not lungs.geometry.same_grid(volume.geometry):
        raise ValueError("lungs and scan lie on different grids")
    if (straight := Straight.of(volume.geometry)) is not None:
        turned = replace(lungs, geometry=straight.geometry, labels=straight.labels(lungs.labels))
        found = find_nodules(straight.volume(volume), turned, card=card, on_progress=on_progress)
        return _as_stored(volume, found, straight, card)
    on_progress(0.0, "Preparing the lungs")
    grid = search_grid(volume, lungs, card, on_progress=part(on_progress, 0.0, 0.1))
    if grid is None:
        return ()
    candidates = find_candidates(grid, on_progress=part(on_progress, 0.1, 0.6))
    judged = judge(volume, lungs, grid, candidates, card, part(on_progress, 0.6, 0.97))
    best = _apart(judged)[:MOST_FINDINGS]
    noise_hu = noise_of(volume, lungs)
    findings = tuple(
        _finding(volume, lungs, card, one, rank, noise_hu) for rank, one in enumerate(best, 1)
    )
    on_progress(1.0, "Done")
    return findings


def _as_stored(
    volume: Volume, found: tuple[Finding, ...], straight: Straight, card: ModelCard
) -> tuple[Finding, ...]:
    """Findings of the straight grid with masks and figures on the scan's own, sheared one."""
    rule = type_rule_of(card)
    stored = []
    for finding in found:
        mask = straight.mask_back(finding.mask) if finding.mask is not None else None
        if mask is not None and mask.voxels.any():
            figures = measure(volume, mask, rule=rule)
            stored.append(replace(finding, mask=mask, measurement=figures))
    return tuple(stored)


def judge(
    volume: Volume,
    lungs: LabelMap,
    grid: SearchGrid,
    candidates: tuple[Candidate, ...],
    card: ModelCard,
    on_progress: OnProgress = ignore,
) -> list[Judged]:
    """The most ball-like candidates, grown on the scan itself and judged, the likeliest first."""
    kept = _most_ball_like(candidates, shapes(grid, candidates))
    rule = type_rule_of(card)
    chances = chance_rule(card.id)
    judged = []
    for n, (candidate, shape) in enumerate(kept):
        on_progress(n / len(kept), f"Measuring candidate {n + 1} of {len(kept)}")
        seed = candidate.centre_lps
        if volume.geometry.nearest_voxel(seed) is None:
            continue
        mask = grow(volume, seed, lungs=lungs)
        figures = measure(volume, mask, rule=rule)
        if not _worth_judging(mask, figures):
            continue
        centre = centre_of(volume.geometry, mask)
        pleura_mm = grid.pleura_mm(centre)
        found = clues(volume.geometry, candidate, shape, mask, figures, pleura_mm=pleura_mm)
        judged.append(Judged(centre, mask, figures, found, pleura_mm, chances.log_odds(found)))
    return sorted(judged, key=lambda one: (-one.log_odds, one.centre_lps))


def _worth_judging(mask: GrownMask, figures: Measurement) -> bool:
    fits = LEAST_MM <= figures.mean_diameter_mm <= MOST_MM
    return mask.grew and fits and int(mask.voxels.sum()) >= FEWEST_VOXELS


def _most_ball_like(
    candidates: tuple[Candidate, ...], shape_of: tuple[Shape, ...]
) -> list[tuple[Candidate, Shape]]:
    """The candidates worth growing: strong, curved alike in all directions, not tiny."""

    def worth(pair: tuple[Candidate, Shape]) -> float:
        candidate, shape = pair
        size = min(candidate.diameter_mm, 20.0) ** 0.5
        return candidate.response_hu * shape.blobness * size

    pairs = list(zip(candidates, shape_of, strict=True))
    return sorted(pairs, key=worth, reverse=True)[:MOST_GROWN]


def _apart(judged: list[Judged]) -> list[Judged]:
    """Of two whose centres lie in each other's mask the likelier stays."""
    kept: list[Judged] = []
    for one in judged:
        if not any(_same_thing(one, other) for other in kept):
            kept.append(one)
    return kept


def _same_thing(one: Judged, other: Judged) -> bool:
    gap_mm = float(np.linalg.norm(np.subtract(one.centre_lps, other.centre_lps)))
    widest = max(one.measurement.mean_diameter_mm, other.measurement.mean_diameter_mm)
    if gap_mm > widest:
        return False
    if gap_mm < 0.5 * min(one.measurement.mean_diameter_mm, other.measurement.mean_diameter_mm):
        return True
    shared = _shared_voxels(one.mask, other.mask)
    return shared > 0.3 * min(int(one.mask.voxels.sum()), int(other.mask.voxels.sum()))


def _shared_voxels(one: GrownMask, other: GrownMask) -> int:
    low = np.maximum(one.start_kji, other.start_kji)
    high = np.minimum(
        np.add(one.start_kji, one.voxels.shape), np.add(other.start_kji, other.voxels.shape)
    )
    if np.any(high <= low):
        return 0
    parts = [
        mask.voxels[
            tuple(slice(a - s, b - s) for a, b, s in zip(low, high, mask.start_kji, strict=True))
        ]
        for mask in (one, other)
    ]
    return int((parts[0] & parts[1]).sum())


def noise_of(volume: Volume, lungs: LabelMap) -> float:
    """Noise of the scan in HU: spread of the steps between neighbouring pixels in the lungs."""
    steps = []
    for k in range(0, volume.hu.shape[0], 4):
        both = (lungs.labels[k, :, 1:] > 0) & (lungs.labels[k, :, :-1] > 0)
        hu = volume.hu[k].astype(np.int32)
        steps.append((hu[:, 1:] - hu[:, :-1])[both])
    values = np.abs(np.concatenate(steps))
    return float(np.median(values) * 1.4826 / np.sqrt(2)) if values.size else 0.0


def _finding(
    volume: Volume, lungs: LabelMap, card: ModelCard, one: Judged, rank: int, noise_hu: float
) -> Finding:
    label = lung_near(lungs, one.centre_lps)
    extent = extents(lungs).get(label)
    k, j, i = (int(n) for n in np.round(volume.geometry.index_of(one.centre_lps)))
    name = f"{volume.series}|{card.id}|{card.version}|{k},{j},{i}"
    return Finding(
        id=hashlib.sha256(name.encode()).hexdigest()[:12],
        kind=KIND,
        centre_lps=one.centre_lps,
        slice_index=k,
        zone=zone_of(lungs, one.centre_lps),
        chance=float(1 / (1 + np.exp(-one.log_odds))),
        measurement=one.measurement,
        made_by=card.made_by,
        features=agent_features(
            one.clues,
            one.measurement,
            log_odds=one.log_odds,
            height=extent.height_fraction(one.centre_lps[2]) if extent else 0.5,
            side={1: -1.0, 2: 1.0}.get(label, 0.0),
            pleura_mm=one.pleura_mm,
            noise_hu=noise_hu,
            thickness_mm=volume.geometry.spacing_kji_mm[0],
            rank=rank,
        ),
        mask=one.mask,
    )
