"""Learning from the log: answers of readings that were left, to the next policy."""

from __future__ import annotations

import json
from typing import Any

from ai.agent.policy import Answered, from_json, learn, to_json
from ai.errors import BadInput
from ai.scan.finding import Finding, Measurement
from ai.scan.labelmap import MadeBy

NOBODY = MadeBy("", "")


def learn_json(policy: str, feedback: str) -> str:
    """The policy as text after feedback as text; the same input gives the same text, always.

    feedback: a JSON list of answers, oldest first, each with reading, finding, state, seconds, by,
    chance, features and measurement. Raises BadInput where either text cannot be used.
    """
    before = from_json(policy)
    try:
        rows = json.loads(feedback)
        answers = [_answer(row) for row in rows]
        readings = len({row["reading"] for row in rows})
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput("The feedback to learn from cannot be read.") from error
    return to_json(learn(before, answers, readings=readings))


def _answer(row: dict[str, Any]) -> Answered:
    finding = Finding(
        id=str(row["finding"]),
        kind="nodule",
        centre_lps=(0.0, 0.0, 0.0),
        slice_index=0,
        zone="",
        chance=float(row["chance"]),
        measurement=Measurement(**row["measurement"]),
        made_by=NOBODY,
        features=tuple((str(k), float(v)) for k, v in row["features"].items()),
    )
    return Answered(finding, str(row["state"]), float(row["seconds"]), str(row["by"]))
