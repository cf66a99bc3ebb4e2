"""The agent at the desk: which policy serves, what it decides, what it learns from the log."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from ai.agent.policy import (
    Answered,
    Policy,
    Reason,
    from_json,
    order,
    prior,
    propose,
    seed_of,
    to_json,
    why,
)
from ai.errors import HilumError
from ai.scan.finding import Finding
from ai.worker.messages import Learn
from viewer.reading.reading import HELD, Proposal, Reading, VerdictGiven
from viewer.reading.store import Store, StoredPolicy

_ANSWERS = ("accepted", "rejected", "undecided")


class AgentDesk:
    """One policy serves a study from its proposals on; a newer one serves from the next study."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.trouble = ""
        self.policy: Policy = self._newest()

    def decide(self, findings: tuple[Finding, ...], series_uid: str) -> tuple[Proposal, ...]:
        """What is shown, what is held, in which order, by the newest policy."""
        self.policy = self._newest()
        seed = seed_of(series_uid)
        return tuple(
            Proposal(
                finding=d.finding,
                shown=d.shown,
                rank=d.rank,
                propensity=d.propensity,
                policy=self.policy.id,
                seed=seed,
                value=d.value,
                reason=d.reason,
            )
            for d in propose(self.policy, findings, seed=seed)
        )

    def order(self, reading: Reading, seen: frozenset[str]) -> tuple[str, ...]:
        """Ids of what is not held: seen ones stay in place, the rest as the session has taught."""
        ids = [f for f in reading.findings if reading.states[f.id] != HELD]
        fixed = [f for f in ids if f.id in seen or f.id in reading.verdicts]
        loose = [f for f in ids if f not in fixed and f.id in reading.proposals]
        added = [f for f in ids if f not in fixed and f.id not in reading.proposals]
        later = order(self.policy, answers_of(reading), loose)
        return (*(f.id for f in fixed), *later, *(f.id for f in added))

    def why(self, reading: Reading, finding: Finding) -> tuple[Reason, ...]:
        """What speaks for and against this finding's place, strongest first."""
        return why(self.policy, answers_of(reading), finding)

    def learning(self, job: str) -> Learn | None:
        """What the worker is asked to learn; None when every reading left was learnt from."""
        stored = self._store.newest_policy()
        closed = self._store.last_seq("Closed")
        if closed <= (stored.learnt_to if stored else 0):
            return None
        self._learning_to = closed
        return Learn(job, to_json(prior()), json.dumps(feedback_of(self._store, closed)))

    def learnt(self, policy: str) -> None:
        """Keeps what the worker learnt; it serves from the next proposals on."""
        new = from_json(policy)
        self._store.keep_policy(StoredPolicy(new.id, new.parent, self._learning_to, policy))

    def _newest(self) -> Policy:
        stored = self._store.newest_policy()
        if stored is None:
            return prior()
        try:
            return from_json(stored.body)
        except HilumError as error:
            self.trouble = error.sentence
            return prior()


def answers_of(reading: Reading) -> tuple[Answered, ...]:
    """Every answer that counts, in the order given."""
    rows = []
    for row in reading.history:
        event = row.event
        if not isinstance(event, VerdictGiven) or row.seq in reading.withdrawn:
            continue
        finding = reading.finding(event.finding)
        if finding is not None:
            rows.append(Answered(finding, event.answer.value, seconds=event.seconds, by=event.by))
    return tuple(rows)


def feedback_of(store: Store, up_to: int) -> list[dict[str, Any]]:
    """Every answer of every reading up to a row of the log, as plain rows for the worker."""
    rows: list[dict[str, Any]] = []
    for reading_id in reversed(store.readings()):
        reading = store.reading(reading_id, voxels=False)
        if not any(row.seq <= up_to for row in reading.history):
            continue
        for answer in answers_of(reading):
            proposal = reading.proposals.get(answer.finding.id)
            rows.append(
                {
                    "reading": reading.id,
                    "reader": reading.reader,
                    "finding": answer.finding.id,
                    "state": answer.state,
                    "seconds": answer.seconds,
                    "by": answer.by,
                    "chance": answer.finding.chance,
                    "features": dict(answer.finding.features),
                    "measurement": asdict(answer.finding.measurement),
                    "shown": proposal.shown if proposal else True,
                    "propensity": proposal.propensity if proposal else 1.0,
                    "added": proposal is None,
                }
            )
    return rows
