"""The agent's policy: a Bayesian logistic over a safety set. It proposes and learns, both pure.

The parameters are a Gaussian belief about the weights of a logistic regression: will this reader
accept this candidate. Learning is the Laplace approximation of the belief after more answers
(MacKay 1992; Spiegelhalter and Lauritzen 1990). Showing errs to one side: a candidate is held only
where even an optimistic chance lies below break-even, and never when it is in the safety set. Until
enough nodules were judged, what was learnt only orders: the prior says what is held.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from ai.agent.features import FEATURES, USUAL, Row, features_of
from ai.agent.reward import RewardTable, reward_table
from ai.errors import BadInput
from ai.resources import resource
from ai.scan.finding import GROUND_GLASS, PART_SOLID, Finding

Matrix = NDArray[np.float64]

NEWTON_STEPS = 30
SMALL_STEP = 1e-9
LABELS = {
    "log_odds": "Detector score",
    "size": "Size",
    "ground_glass": "Ground glass",
    "part_solid": "Part-solid",
    "vessel": "Like a vessel",
    "pleura": "Close to the pleura",
    "height": "Height in the lung",
}


@dataclass(frozen=True)
class Policy:
    """A belief about the weights, and where it came from.

    mean: one weight for each of FEATURES. covariance: rows of the square matrix. answers, readings:
    how much it has learnt from. id: a hash of all of it.
    """

    version: int
    parent: str
    origin: str
    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    answers: int = 0
    accepted: int = 0
    readings: int = 0

    @property
    def id(self) -> str:
        return f"v{self.version}-{sha256(to_json(self).encode()).hexdigest()[:8]}"

    def orders_only(self, table: RewardTable | None = None) -> bool:
        """Whether it has learnt from too few judged nodules to say what is held."""
        return self.accepted < (table or reward_table()).order_only_under


@dataclass(frozen=True, eq=False)
class Answered:
    """An answer to one finding: its state from then on, seconds it took, the reader or a rule."""

    finding: Finding
    state: str
    seconds: float = 0.0
    by: str = "reader"


@dataclass(frozen=True)
class Decision:
    """One candidate shown or held. value: the expected chance of acceptance. propensity: the chance
    in (0, 1] that this policy decides so."""

    finding: str
    shown: bool
    rank: int
    propensity: float
    value: float
    reason: str


@dataclass(frozen=True)
class Reason:
    """One thing that speaks for (positive) or against a finding's place, in logits."""

    label: str
    value: float


def prior() -> Policy:
    """The policy before any answer. Raises BadInput where its file is unusable."""
    try:
        data = tomllib.loads(resource("agent", "prior.toml").read_text(encoding="utf-8"))
        rows = {row["feature"]: row for row in data["weight"]}
        mean = tuple(float(rows[name]["mean"]) for name in FEATURES)
        variance = np.array([float(rows[name]["sd"]) ** 2 for name in FEATURES])
        return Policy(1, "", str(data["origin"]), mean, _rows(np.diag(variance)))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise BadInput(f"The agent's prior cannot be used: {error}.") from error


def propose(
    policy: Policy, findings: Sequence[Finding], *, seed: int, table: RewardTable | None = None
) -> tuple[Decision, ...]:
    """One decision for each finding, in the order they are to be read; the same for one seed.

    Shown: the safety set, then by falling chance up to the budget what an optimist would show; by
    the prior's chance while the policy orders only, by its own from then on. One held candidate may
    be shown as an audit; its propensity is logged.
    """
    if not findings:
        return ()
    table = table or reward_table()
    rows = np.stack([features_of(f) for f in findings])
    expected = _logistic(_belief(policy, rows)[0])
    mean, sd = _belief(prior() if policy.orders_only(table) else policy, rows)
    chance = _logistic(mean)
    optimistic = _logistic(mean + table.optimism_sd * sd)
    by_chance = sorted(range(len(findings)), key=lambda n: (-chance[n], findings[n].id))
    reasons = {n: _safety(findings[n], len(findings), table) for n in by_chance}
    wanted = [n for n in by_chance if not reasons[n] and optimistic[n] >= table.break_even]
    for n in wanted[: table.budget]:
        reasons[n] = "worth a look"
    audited, propensities = _audit(by_chance, reasons, chance, seed, table)
    if audited is not None:
        reasons[audited] = "audit"
    # shown first, each by falling chance
    turn = sorted(by_chance, key=lambda n: (not reasons[n], -expected[n], findings[n].id))
    return tuple(
        Decision(
            findings[n].id,
            bool(reasons[n]),
            rank,
            propensities.get(n, 1.0),
            float(expected[n]),
            reasons[n] or "held",
        )
        for rank, n in enumerate(turn)
    )


def order(
    policy: Policy, answers: Sequence[Answered], findings: Sequence[Finding]
) -> tuple[str, ...]:
    """Ids of the findings, likeliest first after these answers (this session's)."""
    if not findings:
        return ()
    now = learn(policy, answers)
    mean, _ = _belief(now, np.stack([features_of(f) for f in findings]))
    turn = sorted(range(len(findings)), key=lambda n: (-mean[n], findings[n].id))
    return tuple(findings[n].id for n in turn)


def why(policy: Policy, answers: Sequence[Answered], finding: Finding) -> tuple[Reason, ...]:
    """What speaks for and against a finding against a usual candidate, strongest first.

    One part is what this session's answers changed: those that are not learnt from yet.
    """
    row = features_of(finding)
    before = np.array(policy.mean)
    parts = before * (row - USUAL)
    reasons = [
        Reason(LABELS[name], float(parts[n])) for n, name in enumerate(FEATURES) if name in LABELS
    ]
    change = float(row @ (np.array(learn(policy, answers).mean) - before))
    reasons.append(Reason("Your latest answers", change))
    reasons = [reason for reason in reasons if abs(reason.value) >= 0.05]
    return tuple(sorted(reasons, key=lambda reason: -abs(reason.value)))


def learn(
    policy: Policy,
    answers: Sequence[Answered],
    *,
    readings: int = 0,
    table: RewardTable | None = None,
) -> Policy:
    """The policy after these answers; the same one where none of them teaches anything.

    Answers by rule, in haste or undecided count nothing; those on findings a reader added teach
    nothing here, for no detector ever scored them.
    """
    table = table or reward_table()
    judged = [a for a in answers if a.finding.features or a.finding.chance < 1]
    weights = np.array([table.weight(a.state, a.seconds, a.by) for a in judged])
    if not weights.any():
        return policy
    rows = np.stack([features_of(a.finding) for a in judged])
    accepted = np.array([a.state in ("accepted", "edited") for a in judged], dtype=np.float64)
    mean, covariance = laplace(
        np.array(policy.mean), np.array(policy.covariance), rows, accepted, weights
    )
    counted = weights > 0
    return Policy(
        policy.version + 1,
        policy.id,
        policy.origin,
        tuple(mean.tolist()),
        _rows(covariance),
        policy.answers + int(counted.sum()),
        policy.accepted + int(accepted[counted].sum()),
        policy.readings + readings,
    )


def laplace(
    mean: Row, covariance: Matrix, rows: Matrix, accepted: Row, weights: Row
) -> tuple[Row, Matrix]:
    """Mean and covariance of the belief after these answers, by Newton steps that are halved
    wherever they would make the posterior less likely."""
    precision = np.linalg.inv(covariance)

    def loss(at: Row) -> float:
        score = rows @ at
        fit = weights @ (np.logaddexp(0.0, score) - accepted * score)
        away = at - mean
        return float(fit + 0.5 * away @ precision @ away)

    at = mean.copy()
    for _ in range(NEWTON_STEPS):
        chance = _logistic(rows @ at)
        slope = rows.T @ (weights * (chance - accepted)) + precision @ (at - mean)
        curve = precision + (rows * (weights * chance * (1 - chance))[:, None]).T @ rows
        step = np.linalg.solve(curve, slope)
        here = loss(at)
        while loss(at - step) > here and np.abs(step).max() > SMALL_STEP:
            step = step / 2
        at = at - step
        if np.abs(step).max() < SMALL_STEP:
            break
    chance = _logistic(rows @ at)
    curve = precision + (rows * (weights * chance * (1 - chance))[:, None]).T @ rows
    spread = np.linalg.inv(curve)
    return at, (spread + spread.T) / 2


def to_json(policy: Policy) -> str:
    """The policy as text, the same text for the same policy."""
    data = {
        "features": list(FEATURES),
        "version": policy.version,
        "parent": policy.parent,
        "origin": policy.origin,
        "mean": list(policy.mean),
        "covariance": [list(row) for row in policy.covariance],
        "answers": policy.answers,
        "accepted": policy.accepted,
        "readings": policy.readings,
    }
    return json.dumps(data, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Policy:
    """The policy of a text. Raises BadInput where it is not one that this agent can serve."""
    try:
        data = json.loads(text)
        mean = np.array(data["mean"], dtype=np.float64)
        covariance = np.array(data["covariance"], dtype=np.float64)
        size = len(FEATURES)
        if tuple(data["features"]) != FEATURES or covariance.shape != (size, size):
            raise ValueError("it was made for other features")
        if mean.shape != (size,) or not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
            raise ValueError("its numbers are not finite")
        np.linalg.cholesky(covariance)
        return Policy(
            int(data["version"]),
            str(data["parent"]),
            str(data["origin"]),
            tuple(mean.tolist()),
            _rows(covariance),
            int(data["answers"]),
            int(data["accepted"]),
            int(data["readings"]),
        )
    except (KeyError, TypeError, ValueError, np.linalg.LinAlgError) as error:
        raise BadInput(
            f"A stored policy cannot be used: {error}.", "The agent goes on with its prior."
        ) from error


def _safety(finding: Finding, among: int, table: RewardTable) -> str:
    """Why a finding is always shown, or nothing."""
    figures = finding.measurement
    if among == 1:
        return "sole candidate"
    if finding.chance < table.safety_operating_chance:
        return ""
    if figures.mean_diameter_mm >= table.safety_diameter_mm:
        return "safety set: size"
    if figures.type == PART_SOLID and table.safety_part_solid:
        return "safety set: part-solid"
    if figures.type == GROUND_GLASS and figures.mean_diameter_mm >= table.safety_ground_glass_mm:
        return "safety set: ground glass"
    return "safety set: detector score" if finding.chance >= table.safety_chance else ""


def _audit(
    by_chance: Sequence[int], reasons: dict[int, str], chance: Row, seed: int, table: RewardTable
) -> tuple[int | None, dict[int, float]]:
    """The held candidate that is shown all the same, if any, and the propensities that follow."""
    held = [n for n in by_chance if not reasons[n] and chance[n] >= table.audit_least_chance]
    if not held or table.audit_chance <= 0:
        return None, {}
    each = table.audit_chance / len(held)
    propensities = dict.fromkeys(held, 1 - each)
    rng = np.random.default_rng(seed)
    if rng.random() >= table.audit_chance:
        return None, propensities
    chosen = held[int(rng.integers(len(held)))]
    return chosen, {**propensities, chosen: each}


def _belief(policy: Policy, rows: Matrix) -> tuple[Row, Row]:
    """Mean and standard deviation of each row's logit."""
    covariance = np.array(policy.covariance)
    variance = np.einsum("nd,de,ne->n", rows, covariance, rows)
    return rows @ np.array(policy.mean), np.sqrt(np.maximum(variance, 0.0))


def _logistic(score: Row) -> Row:
    return 1.0 / (1.0 + np.exp(-np.clip(score, -40.0, 40.0)))


def _rows(matrix: Matrix) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in matrix.tolist())


def seed_of(series_uid: str) -> int:
    """The seed of a series: window and batch, first run and second, draw the same audit."""
    return int(sha256(series_uid.encode()).hexdigest()[:8], 16)
