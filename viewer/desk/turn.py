"""Whose turn it is: findings as the agent proposed them, put in a new order by each answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from ai.agent.policy import Answered, Policy, order
from ai.scan.finding import Finding
from viewer.reading.events import OPEN_STATES

Key = tuple[object, ...]


class Turn:
    """The order of one list of proposals, after any row of answers.

    An answer puts what nobody has seen or answered yet in a new order, in the places that it has: a
    mark once seen never moves. Seen is what was answered, what came next by itself, and what else
    the reader went to in this session; only the last is not in the log. What was worked out is
    kept, so an answer costs one step, and undo and redo lead back to the order that was on screen.
    """

    def __init__(self) -> None:
        self._start: Key = ()
        self._known: dict[Key, tuple[str, ...]] = {}

    def of(
        self,
        policy: Policy,
        proposed: Sequence[Finding],
        answers: Sequence[Answered],
        gone_to: Set[str],
    ) -> tuple[str, ...]:
        """Ids of the proposed findings. answers: of this session, oldest first."""
        by_id = {finding.id: finding for finding in proposed}
        ids = tuple(by_id)
        if self._start != (policy.id, ids):
            self._start, self._known = (policy.id, ids), {}
        states: dict[str, str] = {}
        seen = set(ids[:1])
        key: Key = ()
        for number, answer in enumerate(answers, 1):
            states[answer.finding.id] = answer.state
            seen.add(answer.finding.id)
            key = (*key, (answer.finding.id, answer.state, answer.seconds))
            if key not in self._known:
                loose = [by_id[i] for i in ids if i not in seen and i not in gone_to]
                ranked = order(policy, answers[:number], loose)
                self._known[key] = _in_their_places(ids, ranked)
            ids = self._known[key]
            seen.update(_next_open(ids, answer.finding.id, states))
        return ids


def _in_their_places(ids: tuple[str, ...], ranked: Sequence[str]) -> tuple[str, ...]:
    """The ranked ones in the places that they have among all, the others where they are."""
    turn = iter(ranked)
    return tuple(next(turn) if i in ranked else i for i in ids)


def _next_open(ids: tuple[str, ...], after: str, states: Mapping[str, str]) -> tuple[str, ...]:
    """The finding that comes by itself after an answer, if one still waits."""
    start = ids.index(after) + 1 if after in ids else 0
    waiting = (i for i in ids[start:] + ids[:start] if states.get(i, OPEN_STATES[0]) in OPEN_STATES)
    return tuple(i for _, i in zip(range(1), waiting, strict=False))
