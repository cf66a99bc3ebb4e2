"""Where the real scans lie, for the tests that read them."""

from __future__ import annotations

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def data_folder() -> Path | None:
    """The folder with real, de-identified scans, or None on a machine without.

    HILUM_DATA names it; else it is looked for as shared/data beside the checkout or inside it.
    """
    named = os.environ.get("HILUM_DATA")
    if named:
        return Path(named) if Path(named).is_dir() else None
    for folder in (CHECKOUT.parent / "shared" / "data", CHECKOUT / "shared" / "data"):
        if folder.is_dir():
            return folder
    return None


def scan(name: str) -> Path:
    """One folder below ct/ of the data folder. Raises FileNotFoundError when it is not there."""
    folder = data_folder()
    path = folder / "ct" / name if folder else None
    if path is None or not path.is_dir():
        raise FileNotFoundError(f"no scan named {name} in the data folder")
    return path
