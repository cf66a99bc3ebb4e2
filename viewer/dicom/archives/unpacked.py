"""Private folders for what archives hold: owned by the window, gone with it, swept after a crash.

The child that unpacks may be killed and replaced at any time, so it must not own them.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from ai.worker.shared import is_alive

_NAME = re.compile(r"hilum-unpacked-(\d+)-\w+")


class Unpacked:
    """One folder that only this user may enter, with a fresh one in it for each archive."""

    def __init__(self) -> None:
        self._root = Path(tempfile.mkdtemp(prefix=f"hilum-unpacked-{os.getpid()}-"))

    def folder(self, job: str) -> Path:
        """Where the archive opened by this job may be unpacked; not made yet."""
        return self._root / re.sub(r"\W", "-", job)

    def remove(self) -> None:
        """Delete all of it. Twice is once."""
        shutil.rmtree(self._root, ignore_errors=True)


def sweep_unpacked() -> tuple[Path, ...]:
    """Delete what windows that were killed left behind; the folders."""
    swept = []
    for folder in Path(tempfile.gettempdir()).glob("hilum-unpacked-*"):
        match = _NAME.fullmatch(folder.name)
        with contextlib.suppress(OSError):
            if match and not is_alive(int(match[1])) and not folder.is_symlink():
                shutil.rmtree(folder)
                swept.append(folder)
    return tuple(swept)
