"""Vessel trees of the rich phantom, from trunk to twig, grown a generation at a time.

A tree is grown into the space it serves: leaves first, then a branch heads for the middle of its
leaves and parts them (after Wang, Bassingthwaighte and Sipp, 1992, as trees.py). Here partings are
uneven, so that a trunk goes on and sends out side branches, paths are curved, and all trees grow
at once, which lets them have tens of thousands of leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.intp]

MURRAY = 2.8
"""A branch's radius to this power is the sum of that over its children: 3 by Murray (1926), a
little less as measured in the arteries of the lung."""
REACH, EARLY, EARLY_REACH = (0.25, 0.45), 4, (0.07, 0.24)
"""How far towards the middle of its leaves a branch runs before it parts them; and the first
generations, which part near the root, so that their branches run far through the lung."""
SHARE = (0.12, 0.48)
"""What part of the leaves the lesser child gets."""
KEEP_WAY, STRAY = 0.45, 0.03


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

    def points(self, which: Ints, along: Floats) -> Floats:
        """Places on branches at a share of their way (0 start, 1 end)."""
        t = along[..., None]
        a, b, c = self.start[which], self.bend[which], self.end[which]
        return (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c


def grow(
    leaves: Floats, tree: Ints, roots: Floats, ways: Floats, rng: np.random.Generator
) -> Trees:
    """Trees from roots (T, 3) to every leaf (L, 3) of theirs. tree (L,): the tree of each leaf.

    ways (T, 3): unit vectors, how the trunks set out. Every tree needs a leaf.
    """
    start: Floats = roots
    way: Floats = ways
    parent, own_tree = np.full(len(roots), -1), np.arange(len(roots))
    points, label = leaves.astype(np.float64), np.asarray(tree, dtype=np.intp)
    rows, grown, generation = [], 0, 0
    while len(start):
        counts = np.bincount(label, minlength=len(start))
        middle = _means(points, label, counts)
        gap = middle - start
        far = np.linalg.norm(gap, axis=1, keepdims=True)
        ahead = gap / np.maximum(far, 1e-6) + KEEP_WAY * way
        ahead = _unit(ahead + STRAY * rng.normal(size=ahead.shape))
        single = counts == 1
        early = max(0.0, 1 - generation / EARLY)
        low, high = (a + early * (b - a) for a, b in zip(REACH, EARLY_REACH, strict=True))
        generation += 1
        end = np.where(
            single[:, None], middle, start + ahead * far * rng.uniform(low, high, (len(far), 1))
        )
        long = np.linalg.norm(end - start, axis=1, keepdims=True)
        rows.append((start, start + way * 0.26 * long, end, counts, parent, own_tree))
        onward = (end - start) / np.maximum(long, 1e-6)
        # leaves of branches that end here are done; the others are parted
        going = ~single[label]
        points, label = points[going], label[going]
        child = 2 * label + _parted(points, label, counts, middle, rng)
        kept, label = np.unique(child, return_inverse=True)
        mother = kept // 2
        number = np.bincount(label, minlength=len(kept))
        aim = _unit(_means(points, label, number) - end[mother])
        # a thick child goes on as its parent came, a thin one turns off
        keep = 0.93 * (number / counts[mother])[:, None]
        start, way = end[mother], _unit(aim * (1.15 - keep) + onward[mother] * keep)
        parent, own_tree = mother + grown, own_tree[mother]
        grown += len(counts)
    return Trees(*(np.concatenate([row[n] for row in rows]) for n in range(6)))


def _unit(ways: Floats) -> Floats:
    return ways / np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-6)


def _means(points: Floats, label: Ints, counts: Ints) -> Floats:
    sums = [np.bincount(label, points[:, n], minlength=len(counts)) for n in range(3)]
    return np.stack(sums, axis=1) / np.maximum(counts, 1)[:, None]


def _parted(
    points: Floats, label: Ints, counts: Ints, middle: Floats, rng: np.random.Generator
) -> Ints:
    """0 or 1 for every leaf: its branch's leaves cut across their widest direction."""
    spread = points - middle[label]
    second = np.zeros((len(counts), 3, 3))
    for a in range(3):
        for b in range(a, 3):
            total = np.bincount(label, spread[:, a] * spread[:, b], minlength=len(counts))
            second[:, a, b] = second[:, b, a] = total
    widest = np.linalg.eigh(second)[1][:, :, -1]
    largest = np.abs(widest).argmax(axis=1)
    # libraries differ in the sign
    widest = widest * np.sign(widest[np.arange(len(widest)), largest])[:, None]
    widest = widest * rng.choice([-1.0, 1.0], (len(widest), 1))
    along = (spread * widest[label]).sum(axis=1)
    order = np.lexsort((along, label))
    first = np.cumsum(counts * (counts > 1)) - counts * (counts > 1)
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    rank -= first[label]
    share = rng.uniform(*SHARE, len(counts))
    cut = np.clip(np.rint(counts * share), 1, np.maximum(counts - 1, 1))
    return (rank >= cut[label]).astype(np.intp)


def twigs(
    trees: Trees, *, many: int, long_mm: tuple[float, float], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Starts and ends of short straight twigs, several on each last branch, (N, 3)."""
    last = np.flatnonzero(trees.leaves == 1).repeat(many)
    start = trees.points(last, rng.uniform(0.1, 1.0, len(last)))
    way = _unit(trees.end[last] - trees.bend[last])
    way = _unit(way + rng.normal(size=way.shape) * 0.75)
    return start, start + way * rng.uniform(*long_mm, (len(last), 1))
