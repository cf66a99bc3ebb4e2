"""What a drop onto the window means: one path, or several that are opened as one study."""

from __future__ import annotations

import os
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
    if not paths:
        return None
    if len(paths) == 1:
        return Dropped(paths[0])
    try:
        folder = Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError:  # on two drives: they have no folder in common
        return Dropped(paths[0])
    return Dropped(folder, tuple(paths))
