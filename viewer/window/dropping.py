"""What is dropped onto the window or chosen: one path, or several opened as one study."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData


@dataclass(frozen=True)
class Dropped:
    """path: what to open. only: where several were dropped, these alone of the folder `path`."""

    path: Path
    only: tuple[Path, ...] = ()


def dropped(mime: QMimeData) -> Dropped | None:
    """The files and folders of what is dragged; None where there are none on this machine."""
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    return together(paths) if paths else None


def together(paths: Sequence[Path]) -> Dropped:
    """One path as it is; several, of which there is at least one, as parts of their folder.

    Paths on two drives have no folder in common: all of them are opened, as the first one.
    """
    if len(paths) == 1:
        return Dropped(paths[0])
    try:
        folder = Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError:
        folder = paths[0]
    return Dropped(folder, tuple(paths))
