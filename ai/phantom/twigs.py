"""Vessel trees of the rich phantom: a new twig leaves the tree where it costs least to get there.

Leaves come in by chance. Each is joined to the place on its tree from where the way to it and, at
a discount, the way back to the root are shortest together, so that trunks run straight out, side
branches leave them at a slant and what comes later fills the gaps between (a spanning tree that
minds its paths, after Cuntz, Forstner, Borst and Hausser, 2010). Radii follow Murray's law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.intp]

MURRAY = 2.12
"""A branch's radius to this power is the sum of that over its children: 3 by Murray (1926) for the
least work; less where trunks are wide for what they serve, as those of the lung are."""
BACK = 0.6
"""What a mm of the way back to the root counts beside one of new vessel: a side branch leaves a
straight trunk at the angle whose cosine this is."""
TURN, OUTSIDE_MM = 0.35, 40.0
"""How much longer a way counts that turns off sharply; and one that leaves its lobe."""
STEP_MM, KEEP_WAY = 4.0, 0.55
BATCH, NEAR, ALL_UP_TO = 0.06, 28, 160
"""Leaves that come in together, as a share of the tree; places looked at for each leaf; and up to
what size of tree all are."""


@dataclass(frozen=True, eq=False)
class Trees:
    """Branches of several trees, parents before children, in mm.

    start, bend, end (N, 3): each runs along the curve that leaves start towards bend and comes to
    end from there. leaves (N,): how many it serves. parent (N,): its number, -1 for a trunk.
    tree (N,): which tree it belongs to.
    """

    start: Floats
    bend: Floats
    end: Floats
    leaves: Ints
    parent: Ints
    tree: Ints

    def radii_mm(self, leaf_mm: float | Floats) -> Floats:
        """Radius of each branch by Murray's law, from that of a branch with one leaf."""
        return leaf_mm * self.leaves ** (1 / MURRAY)

    def tips(self) -> NDArray[np.bool_]:
        """Which branches end in a leaf."""
        return np.bincount(self.parent[self.parent >= 0], minlength=len(self.parent)) == 0

    def points(self, which: Ints, along: Floats) -> Floats:
        """Places on branches at a share of their way (0 start, 1 end)."""
        t = along[..., None]
        a, b, c = self.start[which], self.bend[which], self.end[which]
        return (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c


class Room:
    """Where each tree may run: voxels of a regular grid, numbered by tree, -1 where none may."""

    def __init__(self, points: Floats, tree: Ints, step_mm: float) -> None:
        self._low, self._step = points.min(axis=0) - step_mm, step_mm
        at = np.rint((points - self._low) / step_mm).astype(int)
        self._trees = np.full(at.max(axis=0) + 3, -1, dtype=np.int8)
        self._trees[tuple(at.T)] = tree

    def holds(self, points: Floats, tree: int) -> NDArray[np.bool_]:
        """Whether places (..., 3) lie in the room of a tree."""
        at = np.rint((points - self._low) / self._step).astype(int)
        at = np.clip(at, 0, np.array(self._trees.shape) - 1)
        return np.asarray(self._trees[at[..., 0], at[..., 1], at[..., 2]] == tree)


class _Growing:
    """One tree that grows: for every branch its curve, its parent and its way from the root."""

    def __init__(self, stem: Floats, number: int, room: Room | None) -> None:
        self._number, self._room = number, room
        self.curves = np.empty((0, 3, 3))
        self.parent = np.empty(0, dtype=np.intp)
        self.path, self.way = np.empty(0), np.empty((0, 3))
        self.tip = np.empty(0, dtype=np.bool_)
        self._stem = stem

    def set_out(self, first: Floats) -> None:
        """Run along the stem and on to the first leaf (3,)."""
        way, path = _unit(self._stem[1:2] - self._stem[:1]), np.zeros(1)
        for n, aim in enumerate((*self._stem[2:], first)):
            start = self._stem[n + 1 : n + 2]
            self._append(np.full(1, len(self.parent) - 1), start, way, path, aim[None, :])
            way, path = self.way[-1:], self.path[-1:]
        self.tip[:-1] = False

    def join(self, leaves: Floats) -> None:
        """Let leaves (L, 3) come in, each joined to the tree as it is."""
        joint = self._joints(leaves)
        self._append(joint, self.curves[joint, 2], self.way[joint], self.path[joint], leaves)

    def _joints(self, leaves: Floats) -> Ints:
        open_ends = np.flatnonzero(~self.tip)
        places = self.curves[open_ends, 2]
        if len(open_ends) <= ALL_UP_TO:
            near = np.broadcast_to(np.arange(len(open_ends)), (len(leaves), len(open_ends)))
        else:
            near = cKDTree(places).query(leaves, k=NEAR)[1]
        own = open_ends[near]
        gap = leaves[:, None, :] - self.curves[own, 2]
        far = np.maximum(np.linalg.norm(gap, axis=2), 1e-6)
        turn = 1 - (gap * self.way[own]).sum(axis=2) / far
        cost = far * (1 + TURN * turn) + BACK * self.path[own]
        if self._room is not None:
            for share in (0.25, 0.5, 0.75):
                there = self.curves[own, 2] + share * gap
                cost += OUTSIDE_MM * ~self._room.holds(there, self._number)
        return np.asarray(own[np.arange(len(own)), cost.argmin(axis=1)])

    def _append(
        self, joint: Ints, start: Floats, way: Floats, path: Floats, leaves: Floats
    ) -> None:
        far = np.maximum(np.linalg.norm(leaves - start, axis=1), 1e-3)
        aim = (leaves - start) / far[:, None]
        bend = start + (0.4 * far)[:, None] * _unit(aim * (1 - KEEP_WAY) + way * KEEP_WAY)
        # the trunk has a joint at least, however near its leaf
        least = 1 if len(self.parent) else 2
        pieces = np.maximum(least, np.ceil(far / STEP_MM)).astype(int)
        which = np.repeat(np.arange(len(far)), pieces)
        first = np.cumsum(pieces) - pieces
        place = np.arange(len(which)) - first[which]
        low, high = (place / pieces[which])[:, None], ((place + 1) / pieces[which])[:, None]
        a, b, c = start[which], bend[which], leaves[which]

        def on(s: Floats, t: Floats) -> Floats:
            return (1 - s) * (1 - t) * a + (s + t - 2 * s * t) * b + s * t * c

        curves = np.stack([on(low, low), on(low, high), on(high, high)], axis=1)
        before = np.where(place == 0, joint[which], len(self.parent) + np.arange(len(which)) - 1)
        self.curves = np.concatenate([self.curves, curves])
        self.parent = np.concatenate([self.parent, before])
        self.path = np.concatenate([self.path, path[which] + far[which] * high[:, 0]])
        self.way = np.concatenate([self.way, _unit(curves[:, 2] - curves[:, 1])])
        self.tip = np.concatenate([self.tip, place == pieces[which] - 1])


def grow(
    leaves: Floats, tree: Ints, stems: Sequence[Floats], rng: np.random.Generator,
    room: Room | None = None,
) -> Trees:  # fmt: skip
    """Trees to every leaf (L, 3) of theirs. tree (L,): the tree of each leaf.

    stems: for each tree the places (2 or more, 3) that it comes through: it begins at the second,
    as if it came from the first. room: where they may run, anywhere if None. Every tree needs a
    leaf.
    """
    parts, parents, trees, grown = [], [], [], 0
    for number, stem in enumerate(stems):
        own = leaves[tree == number].astype(np.float64)
        own = own[rng.permutation(len(own))]
        made, done = _Growing(stem, number, room), 1
        made.set_out(own[0])
        while done < len(own):
            many = max(1, int(BATCH * done))
            made.join(own[done : done + many])
            done += many
        parts.append(made.curves)
        parents.append(np.where(made.parent < 0, -1, made.parent + grown))
        trees.append(np.full(len(made.parent), number))
        grown += len(made.parent)
    curves, parent = np.concatenate(parts), np.concatenate(parents)
    return Trees(
        curves[:, 0], curves[:, 1], curves[:, 2], served(parent), parent, np.concatenate(trees)
    )


def served(parent: Ints) -> Ints:
    """How many leaves each branch serves, of branches that come after their parents."""
    counts = (np.bincount(parent[parent >= 0], minlength=len(parent)) == 0).tolist()
    above = parent.tolist()
    for n in range(len(above) - 1, -1, -1):
        if above[n] >= 0:
            counts[above[n]] += counts[n]
    return np.array(counts, dtype=np.intp)


def _unit(ways: Floats) -> Floats:
    return ways / np.maximum(np.linalg.norm(ways, axis=-1, keepdims=True), 1e-6)


def sprouts(
    trees: Trees, which: Ints, *, long_mm: tuple[float, float], rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Start, bend and end (N, 3) of the finest twigs, one for each branch named; they wind."""
    start = trees.points(which, rng.uniform(0.0, 1.0, len(which)))
    onward = _unit(trees.end[which] - trees.start[which])
    way = _unit(0.6 * onward + rng.normal(size=onward.shape) * 0.6)
    half = 0.5 * rng.uniform(*long_mm, (len(which), 1))
    bend = start + half * way
    return start, bend, bend + half * _unit(way + 0.6 * rng.normal(size=way.shape))
