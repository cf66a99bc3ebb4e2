"""Where icons, cards, tables, fonts and translations lie, and what this user added to them."""

from __future__ import annotations

import os
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


def user_folder() -> Path:
    """Where this user's own things lie: HILUM_HOME, else the system's place. It need not exist."""
    if chosen := os.environ.get("HILUM_HOME"):
        return Path(chosen).expanduser().absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "Hilum"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Hilum"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "hilum"


def own_models() -> Path:
    """The folder of this user's own model cards, each with its weights beside it."""
    return user_folder() / "models"
