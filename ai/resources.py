"""Where icons, cards, tables, fonts and translations lie."""

from __future__ import annotations

import sys
from pathlib import Path

_CANDIDATES = (
    Path(__file__).resolve().parent.parent / "resources",
    Path(sys.prefix) / "share" / "hilum" / "resources",
)


def resource(*parts: str) -> Path:
    """The path of a shipped file or folder: beside the packages, else under the prefix's share."""
    for folder in _CANDIDATES:
        if folder.is_dir():
            return folder.joinpath(*parts)
    raise FileNotFoundError("Hilum's resources folder is missing; install it again.")
