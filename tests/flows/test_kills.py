"""Killed at any moment, a reading folds back to the last step that the reader saw kept."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.flows.kill import Kept, fault_of, kill_window, lose_children, schedule

KILLS = int(os.environ.get("HILUM_KILLS", "12"))
"""Of the window: two in three uniform in time, the others inside a write. On demand: 200."""
CHILDREN = max(4, KILLS // 2) if KILLS > 12 else 4
"""Of the AI's worker, and as many of the I/O processes."""
SEEDS = (20260101, 20260102, 20260103)
SECONDS = 1.0 if KILLS <= 12 else 6.0


def test_a_killed_window_loses_no_step_that_was_kept(begun):
    kept, steps, inside = Kept(), 0, 0
    third = KILLS // 3
    for kill in schedule(20260101, KILLS - third, seconds=SECONDS, inside=third):
        said = kill_window(begun, kill, seconds=60)
        assert "Traceback" not in said.errors, said.errors
        kept.take(said)
        kept.check()
        steps, inside = steps + said.steps, inside + said.in_write
    assert steps > KILLS, "the windows were killed before they did anything"
    assert inside > 0, "no window was killed inside a write"


@pytest.mark.parametrize("kind", ["ai", "io"])
def test_a_killed_child_costs_one_sentence_and_the_reading_stays(begun, kind):
    lost: list[dict[str, Any]] = []
    for seed in SEEDS:  # on a busy machine every kill of a few may come beside the work
        some = list(lose_children(begun, seed, kind, CHILDREN))
        assert len(some) == CHILDREN
        lost += some
        if any(row["told"] for row in lost):
            break
    assert [fault for row in lost if (fault := fault_of(row))] == [], lost
    assert any(row["told"] for row in lost), lost
    Kept().check()
