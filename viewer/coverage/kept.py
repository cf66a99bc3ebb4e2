"""What was seen since the log last heard of it, in a file of its own: a kill costs seconds at most.

A row of the log every few seconds, each with the whole count, would bury what happened. A thread
packs and writes it, so that no picture waits.
"""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

from ai.errors import HilumError
from viewer.coverage.seen import as_text
from viewer.home import home, private_file, subfolder


class SeenSince:
    """Of one reading, by its id."""

    def __init__(self, reading: str) -> None:
        self.reading = reading
        self._thread: threading.Thread | None = None
        self._last = b""

    def keep(self, packed: bytes) -> bool:
        """Seen.packed() as it stands; False where an earlier one is still being written."""
        if self._thread is not None and self._thread.is_alive():
            return False
        if packed == self._last:
            return True
        with contextlib.suppress(HilumError, OSError):
            path, aside = self._files(subfolder("seen"))

            def write() -> None:
                with contextlib.suppress(OSError):
                    private_file(aside).write_text(as_text(packed), "ascii")
                    aside.replace(path)  # whole at any moment

            self._thread = threading.Thread(target=write, name="seen", daemon=True)
            self._thread.start()
            self._last = packed
        return True

    def wait(self) -> None:
        """Until what was handed over is in the file."""
        if self._thread is not None:
            self._thread.join()

    def read(self) -> str:
        """As Seen.take_back takes it; nothing where the log has it all."""
        try:
            return self._files(home() / "seen")[0].read_text("ascii")
        except (HilumError, OSError, ValueError):
            return ""

    def drop(self) -> None:
        """The log has it."""
        self.wait()
        self._last = b""
        with contextlib.suppress(HilumError, OSError):
            for file in self._files(home() / "seen"):
                file.unlink(missing_ok=True)

    def _files(self, folder: Path) -> tuple[Path, Path]:
        """What is read, and what is being written."""
        return folder / f"{self.reading}.seen", folder / f"{self.reading}.part"
