"""Lets these tests load the set-up scripts, which nothing else may import."""

from __future__ import annotations

import sys
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "packaging"
# At the end: nothing in there may ever win over a library.
sys.path.append(str(SCRIPTS))
