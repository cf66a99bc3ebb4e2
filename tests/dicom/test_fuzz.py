"""Whatever is damaged, the answer is a study or a sentence; HILUM_FUZZ=10000 asks for so many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SAMPLE = 300
AT_ONCE = 2000
SECONDS_A_CASE = 0.5


def test_damaged_studies_open_or_say_why_not_in_time_and_in_bounds() -> None:
    wanted = int(os.environ.get("HILUM_FUZZ", SAMPLE))
    for first in range(0, wanted, AT_ONCE):
        count = min(AT_ONCE, wanted - first)
        # a process of its own: a decoder that crashes must not take the tests with it
        done = subprocess.run(
            [sys.executable, "-m", "tests.dicom.fuzz", str(first), str(count)],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=60 + SECONDS_A_CASE * count,
            check=False,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert lines and lines[-1].get("end"), f"it fell over: {done.returncode} {done.stderr}"
        assert lines[:-1] == [] and done.stderr == ""
        outcomes = lines[-1]["outcomes"]
        assert sum(outcomes.values()) == count
        # whole series whose one slice is hurt are most of the cases, and they must open
        assert outcomes["refused"] < 0.35 * count
