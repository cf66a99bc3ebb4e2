"""An acknowledged stroke survives a kill."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.editing.test_edits import random_stroke
from tests.reading.samples import Log, lungs, proposed
from viewer.reading.reading import fold
from viewer.reading.store import Store

ROOT = Path(__file__).resolve().parents[2]
FIRST_STROKE = 4
"""Its row: the reading begins, lungs and candidates come before it."""


@pytest.mark.parametrize("strokes", [1, 7, 30])
def test_every_stroke_that_was_acknowledged_is_there_after_a_kill(
    strokes: int, tmp_path: Path
) -> None:
    path = tmp_path / "readings.sqlite"
    words = [sys.executable, "-m", "tests.editing.strokes", str(path)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(strokes)]
        process.kill()
        said += [int(line) for line in process.stdout if line.endswith("\n")]
    store = Store(path)
    assert store.broken_at() is None
    rows = store.rows("r")
    store.close()
    assert rows[-1].seq >= said[-1] and said[0] == FIRST_STROKE
    expected = Log()
    expected.add(lungs())
    expected.add(proposed("ab"))
    for number in range(len(rows) - FIRST_STROKE + 1):
        expected.add(random_stroke(number))
    back = fold("r", rows)
    assert back.lungs is not None and expected.reading.lungs is not None
    assert np.array_equal(back.lungs.labels, expected.reading.lungs.labels)
    for name in "ab":
        one, other = back.finding(name), expected.reading.finding(name)
        assert one is not None and other is not None
        assert one.mask is not None and other.mask is not None
        assert np.array_equal(one.mask.on((6, 8, 10)), other.mask.on((6, 8, 10)))
