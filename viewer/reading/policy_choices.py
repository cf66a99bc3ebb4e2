"""Which stored policy serves: the one learnt last, unless the reader went back or froze it.

Choices are rows of the log like all else, one after the other: going back is undone by a further
choice, and what was learnt stays stored. Up to schema 9 they were one text beside the log.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ai.errors import OutsideError

BACK: Final = "back"
UNDO: Final = "undo"
FREEZE: Final = "freeze"
GO_ON: Final = "go on"

AGENT: Final = "agent"
"""Stands in the place of a reading's id where a row is of none."""

Spans = tuple[tuple[int, int], ...]
"""Rows of the log from behind the first to the second of each pair."""


@dataclass(frozen=True)
class StoredPolicy:
    """A policy as text, and the last row of the log that it has learnt from."""

    id: str
    parent: str
    learnt_to: int
    body: str


@dataclass(frozen=True)
class PolicyChoice:
    """What the reader chose. policy: id of the one gone back to. seq: of its row in the log; of
    one chosen before schema 10 the log's last row then."""

    kind: str
    policy: str = ""
    seq: int = 0


@dataclass(frozen=True)
class Standing:
    """What follows from all choices.

    serves: from the next proposals on; None is the prior. back: the going back that is in force
    and may be undone. unlearnt: rows whose answers teach nothing any more. settled: the row of the
    log up to which there is nothing left to learn.
    """

    serves: StoredPolicy | None
    frozen: bool = False
    back: PolicyChoice | None = None
    unlearnt: Spans = ()
    settled: int = 0


def standing(policies: Sequence[StoredPolicy], choices: Sequence[PolicyChoice]) -> Standing:
    """policies: as they were stored, oldest first. choices: oldest first."""
    active: list[PolicyChoice] = []
    frozen = False
    for choice in choices:
        if choice.kind == BACK:
            active.append(choice)
        elif choice.kind == UNDO and active:
            active.pop()
        elif choice.kind in (FREEZE, GO_ON):
            frozen = choice.kind == FREEZE
    by_id = {policy.id: policy for policy in policies}
    ranked = sorted(policies, key=lambda policy: policy.learnt_to)  # of equals the later one last
    newest = ranked[-1] if ranked else None
    learnt_to = newest.learnt_to if newest else 0
    spans = tuple((by_id[c.policy].learnt_to if c.policy in by_id else 0, c.seq) for c in active)
    if active and learnt_to <= active[-1].seq:
        last = active[-1]
        return Standing(by_id.get(last.policy), frozen, last, spans, last.seq)
    return Standing(newest, frozen, None, spans, learnt_to)


def inside(seq: int, spans: Spans) -> bool:
    """Whether a row of the log lies in one of them."""
    return any(first < seq <= last for first, last in spans)


def from_text(text: str) -> tuple[PolicyChoice, ...]:
    """What was chosen before schema 10. Raises OutsideError where the text holds no choices."""
    try:
        return tuple(
            PolicyChoice(str(row["kind"]), str(row["policy"]), int(row["seq"]))
            for row in json.loads(text)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise OutsideError(
            "What was chosen for the agent cannot be read from the log.",
            "hilum doctor tells whether the log is whole.",
        ) from error
