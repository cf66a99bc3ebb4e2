"""The window's own process under a stopwatch: viewer.app.show as it is, its moments printed.

Run as a script with one JSON argument: {"study": folder or null, "then": steps, each a list of a
name and what it needs (probe_script.py has them), "key": true to press N once it is shown}. Each
moment is one line of JSON on stdout, its time on the system's monotonic clock and the CPU seconds
that this process had used by then. The window closes by itself.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]


def say(moment: str, **facts: Any) -> None:
    told = {"moment": moment, "at": time.monotonic(), "cpu": time.process_time(), **facts}
    print(json.dumps(told), flush=True)


def watch(orders: dict[str, Any]) -> int:
    """Shows the window and follows the orders; the window's exit code."""
    from probe_watched import show_watched

    return show_watched(orders, say)


if __name__ == "__main__":
    sys.path.insert(0, str(CHECKOUT))
    sys.exit(watch(json.loads(sys.argv[1])))
