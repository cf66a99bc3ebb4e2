"""What readers made of the agent's marks, reading by reading; and running figures over them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from viewer.reading.events import ADDED, EDITED, HELD, OPEN_STATES, Answer, FindingsProposed
from viewer.reading.origin import told_state
from viewer.reading.reading import Reading

LAST = 20
"""Readings that a running figure looks back on."""
Z = 1.96
"""Of a 95 % interval."""
TAKEN = (Answer.ACCEPT.value, EDITED)


@dataclass(frozen=True)
class Judged:
    """One reading whose marks were judged to the last.

    above: candidates from the detector's operating point on that were not accepted, also held ones
    that nobody judged: what a fixed threshold would at most have shown in vain.
    nodules: accepted, edited and added; not what came in a file and was judged by nobody.
    """

    policy: str
    shown: int
    accepted: int
    false: int
    above: int
    nodules: int


@dataclass(frozen=True)
class Running:
    """A figure up to each reading, with its 95 % interval where it has one."""

    values: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


def judged_of(reading: Reading, operating_chance: float) -> Judged | None:
    """None where nothing was proposed, or a mark still waits for its answer."""
    states = reading.states
    proposed = [(f, states[f.id]) for f in reading.findings if f.id in reading.proposals]
    if not proposed or any(state in OPEN_STATES for _, state in proposed):
        return None
    shown = [state for _, state in proposed if state != HELD]
    taken = sum(state in TAKEN for state in shown)
    above = sum(f.chance >= operating_chance and s not in TAKEN for f, s in proposed)
    added = sum(told_state(f, states[f.id]) == ADDED for f in reading.findings)
    policy = next(
        (
            row.event.proposals[0].policy
            for row in reversed(reading.history)
            if isinstance(row.event, FindingsProposed)
            and row.seq not in reading.withdrawn
            and row.event.proposals
        ),
        "",
    )
    return Judged(policy, len(shown), taken, len(shown) - taken, above, taken + added)


def false_marks(readings: Sequence[Judged]) -> Running:
    """Marks shown in vain per scan over the last readings, with the score interval of a Poisson
    rate (Rao; k + z²/2 ± z√(k + z²/4), over n)."""
    values, low, high = [], [], []
    for last in _windows(readings):
        count, scans = sum(one.false for one in last), len(last)
        middle, away = count + Z * Z / 2, Z * math.sqrt(count + Z * Z / 4)
        values.append(count / scans)
        low.append(max(0.0, middle - away) / scans)
        high.append((middle + away) / scans)
    return Running(tuple(values), tuple(low), tuple(high))


def at_fixed_threshold(readings: Sequence[Judged]) -> Running:
    """The same of a fixed threshold, at most."""
    return Running(tuple(sum(o.above for o in last) / len(last) for last in _windows(readings)))


def accepted_share(readings: Sequence[Judged]) -> Running:
    """Accepted of shown over the last readings, in per cent; 0 where nothing was shown."""
    values = []
    for last in _windows(readings):
        shown = sum(one.shown for one in last)
        values.append(100.0 * sum(one.accepted for one in last) / shown if shown else 0.0)
    return Running(tuple(values))


def beginnings(readings: Sequence[Judged]) -> tuple[tuple[int, str], ...]:
    """(number of the reading, policy) where another policy than before began to serve."""
    return tuple(
        (n + 1, now.policy)
        for n, (before, now) in enumerate(pairwise(readings), 1)
        if now.policy != before.policy
    )


def _windows(readings: Sequence[Judged]) -> list[Sequence[Judged]]:
    return [readings[max(0, n - LAST) : n] for n in range(1, len(readings) + 1)]
