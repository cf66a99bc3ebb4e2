"""The agent at the desk: which policy serves, what it decides, what it learns from the log."""

from __future__ import annotations

import json
from collections.abc import Set
from dataclasses import asdict, replace
from typing import Any

from ai.agent.policy import (
    Answered,
    Policy,
    Reason,
    from_json,
    prior,
    propose,
    seed_of,
    to_json,
    why,
)
from ai.errors import HilumError
from ai.scan.finding import Finding
from ai.worker.messages import Learn
from viewer.desk.track import Track
from viewer.desk.turn import Turn
from viewer.reading.events import HELD, FindingsProposed, Proposal, VerdictGiven
from viewer.reading.origin import came_in
from viewer.reading.policy_choices import (
    BACK,
    FREEZE,
    GO_ON,
    UNDO,
    PolicyChoice,
    Spans,
    Standing,
    StoredPolicy,
    inside,
)
from viewer.reading.reading import Reading, fold
from viewer.reading.store import Store


class AgentDesk:
    """One policy serves a study from its proposals on; a newer one serves from the next study.

    policy: the one that serves. It has learnt from the log up to a row, and this session's answers
    to what it proposed come on top.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turn = Turn()
        self._learning: dict[str, int] = {}
        self._ordered: tuple[Any, tuple[str, ...]] = None, ()
        self.track = Track(store)
        self.trouble = ""
        self.policy, self._learnt_to = self._newest()

    def serve(self, reading: Reading) -> None:
        """The policy that made a reading's proposals serves it again; else the newest does."""
        named = proposed_by(reading)
        self.policy, self._learnt_to = (named and self._known(named)) or self._newest()

    def take_over(self, other: AgentDesk) -> None:
        """The same policy serves on, and the order that is on screen stays: it was made by what the
        reader had seen at each answer, which nothing else knows."""
        self.policy, self._learnt_to = other.policy, other._learnt_to
        self._turn = other._turn

    def decide(self, findings: tuple[Finding, ...], series_uid: str) -> tuple[Proposal, ...]:
        """What is shown, what is held, in which order, by the newest policy."""
        self.policy, self._learnt_to = self._newest()
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

    def order(self, reading: Reading, seen: Set[str]) -> tuple[str, ...]:
        """Ids of what is not held, as it is to be read: what was proposed, then held ones that the
        reader asked for, and added ones."""
        self._be_the_one_for(reading)
        known = reading.proposals
        shown = [f for f in reading.findings if f.id in known and known[f.id].shown]
        first = self._turn.of(self.policy, shown, self._session(reading), seen)
        others = (f.id for f in reading.findings if f.id not in first)
        return (*first, *(i for i in others if reading.states[i] != HELD))

    def order_shown(self, reading: Reading, seen: Set[str], *, blind: bool) -> tuple[str, ...]:
        """The same; blind: without what the AI proposed. Kept, for it is asked for many times."""
        key = reading, self.policy, blind
        if self._ordered[0] != key:
            ids = self.order(reading, seen)
            if blind:
                ids = tuple(i for i in ids if i not in reading.proposals)
            self._ordered = key, ids
        return self._ordered[1]

    def why(self, reading: Reading, finding: Finding) -> tuple[Reason, ...]:
        """What speaks for and against this finding's place, strongest first."""
        self._be_the_one_for(reading)
        return why(self.policy, self._session(reading), finding)

    def learning(self, job: str) -> Learn | None:
        """What the worker is asked to learn; None when every reading left was learnt from."""
        standing = self.standing
        closed = self._store.last_seq("Closed")
        if standing.frozen or closed <= standing.settled:
            return None
        self._learning[job] = closed
        feedback = feedback_of(self._store, closed, without=standing.unlearnt)
        return Learn(job, to_json(prior()), json.dumps(feedback))

    def learnt(self, job: str, policy: str) -> None:
        """Keeps what the worker learnt; it serves from the next proposals on.

        Where the belief is another one, so is its version. Raises HilumError where it is no
        policy, or the disk refuses.
        """
        learnt_to = self._learning.pop(job)
        new, (before, _) = from_json(policy), self._newest()
        if (new.mean, new.covariance) == (before.mean, before.covariance):
            new = replace(new, version=before.version, parent=before.parent)
        else:
            last = max(p.version for p in self.versions())
            new = replace(new, version=last + 1, parent=before.id)
        self._store.keep_policy(StoredPolicy(new.id, new.parent, learnt_to, to_json(new)))

    # What the reader chooses

    @property
    def standing(self) -> Standing:
        """Which policy serves from the next study on, and what was chosen. Raises HilumError."""
        return self._store.policy_standing()

    def choices(self) -> tuple[PolicyChoice, ...]:
        """All that the reader chose, oldest first. Raises HilumError."""
        return self._store.policy_choices()

    @property
    def next_policy(self) -> Policy:
        """The one that serves from the next proposals on."""
        return self._newest()[0]

    def versions(self) -> tuple[Policy, ...]:
        """The prior and all that was ever learnt, as far as it can be read, oldest first.

        A reading that taught nothing is kept under the version before: one version, once.
        """
        read = (self._read(stored) for stored in self._store.policies())
        every = (prior(), *(found[0] for found in read if found))
        return tuple({policy.version: policy for policy in every}.values())

    @property
    def before(self) -> Policy | None:
        """The policy that can be gone back to; None while the prior serves."""
        now = self.next_policy
        return next((p for p in reversed(self.versions()) if p.id == now.parent), None)

    def roll_back(self) -> Policy | None:
        """The policy before serves from the next proposals on; what came since teaches nothing.

        Returns the one gone back to, None where there is none. Raises HilumError.
        """
        to = self.before
        if to is not None:
            self._store.keep_policy_choice(BACK, to.id)
        return to

    def undo_roll_back(self) -> bool:
        """The policy left serves again; False where none was, or something was learnt since."""
        if self.standing.back is None:
            return False
        self._store.keep_policy_choice(UNDO)
        return True

    def freeze(self, frozen: bool) -> None:
        """Frozen, nothing is learnt from readings that are left; later all of it is."""
        self._store.keep_policy_choice(FREEZE if frozen else GO_ON)

    def _be_the_one_for(self, reading: Reading) -> None:
        """Undo and redo may bring back what another policy proposed."""
        named = proposed_by(reading)
        if named and named != self.policy.id:
            self.serve(reading)

    def _session(self, reading: Reading) -> tuple[Answered, ...]:
        """The answers that the serving policy has not learnt from: none is counted twice."""
        return answers_of(reading, after=self._learnt_to)

    def _newest(self) -> tuple[Policy, int]:
        return self._read(self._store.newest_policy()) or (prior(), 0)

    def _known(self, policy_id: str) -> tuple[Policy, int] | None:
        start = prior()
        if start.id == policy_id:
            return start, 0
        return self._read(next((p for p in self._store.policies() if p.id == policy_id), None))

    def _read(self, stored: StoredPolicy | None) -> tuple[Policy, int] | None:
        if stored is None:
            return None
        try:
            return from_json(stored.body), stored.learnt_to
        except HilumError as error:
            self.trouble = error.sentence
            return None


def proposed_by(reading: Reading) -> str:
    """Id of the policy that made the proposals that count, or nothing."""
    for row in reversed(reading.history):
        event = row.event
        if isinstance(event, FindingsProposed) and row.seq not in reading.withdrawn:
            return next((p.policy for p in event.proposals), "")
    return ""


def answers_of(reading: Reading, *, after: int = 0, without: Spans = ()) -> tuple[Answered, ...]:
    """Every answer that counts and stands behind that row of the log, in the order given."""
    rows = []
    for row in reading.history:
        event = row.event
        if row.seq <= after or not isinstance(event, VerdictGiven) or row.seq in reading.withdrawn:
            continue
        if inside(row.seq, without):
            continue
        finding = reading.finding(event.finding)
        if finding is not None:
            rows.append(Answered(finding, event.answer.value, seconds=event.seconds, by=event.by))
    return tuple(rows)


def feedback_of(store: Store, up_to: int, *, without: Spans = ()) -> list[dict[str, Any]]:
    """Every answer of every reading up to a row of the log, as plain rows for the worker.

    without: rows of the log whose answers are left out.
    """
    rows: list[dict[str, Any]] = []
    for reading_id in reversed(store.readings()):
        known = [row for row in store.rows(reading_id, voxels=False) if row.seq <= up_to]
        reading = fold(reading_id, known)
        for answer in answers_of(reading, without=without):
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
                    "added": proposal is None and not came_in(answer.finding, answer.state),
                    "taken_over": proposal is None and came_in(answer.finding, answer.state),
                }
            )
    return rows
