"""Starting the watched window (probe_window.py) on a screen, and reading its moments."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROBE = Path(__file__).with_name("probe_window.py")
LONGEST_S = 180


@dataclass(frozen=True)
class Watched:
    """One life of the window: its moments in order, and when its process was asked for."""

    began: float
    moments: tuple[dict[str, Any], ...]

    def at(self, moment: str) -> float:
        """Seconds from the start of the process to the first moment of that name."""
        return float(self.first(moment)["at"]) - self.began

    def first(self, moment: str) -> dict[str, Any]:
        return next(m for m in self.moments if m["moment"] == moment)

    def after_given(self, moment: str) -> list[float]:
        """Seconds from each folder given to the next moment of that name."""
        spans, given = [], None
        for one in self.moments:
            if one["moment"] == "given":
                given = float(one["at"])
            elif one["moment"] == moment and given is not None:
                spans.append(float(one["at"]) - given)
                given = None
        return spans


def window(screen: dict[str, str], **orders: Any) -> Watched:
    """Lets the window live once by its orders, with a home of its own."""
    with tempfile.TemporaryDirectory(prefix="hilum-bench-home-") as home:
        env = {**os.environ, **screen, "HILUM_HOME": home, "QT_SCALE_FACTOR": "1"}
        began = time.monotonic()
        try:
            done = subprocess.run(
                [sys.executable, str(PROBE), json.dumps(orders)],
                env=env, capture_output=True, text=True, timeout=LONGEST_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as late:
            lines = bytes(late.stdout or b"").decode(errors="replace").splitlines()
            last = lines[-1] if lines else "nothing"
            told = bytes(late.stderr or b"").decode(errors="replace")[-2000:]
            text = f"the window was not done after {LONGEST_S} s, the last was {last} {told}"
            raise RuntimeError(text) from None
    if done.returncode != 0:
        raise RuntimeError(f"the window ended with {done.returncode}: {done.stderr[-2000:]}")
    moments = [json.loads(x) for x in done.stdout.splitlines() if x.startswith('{"moment"')]
    return Watched(began, tuple(moments))


OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}


@contextlib.contextmanager
def xvfb() -> Iterator[dict[str, str] | None]:
    """A virtual screen without a window manager, as environment; None without Xvfb or xdotool."""
    program = shutil.which("Xvfb")
    if program is None or shutil.which("xdotool") is None:
        yield None
        return
    far, near = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(near), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=(near,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(near)
    try:
        with os.fdopen(far) as told:
            number = told.readline().strip()
        yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{number}"} if number else None
    finally:
        server.terminate()
        server.wait()
