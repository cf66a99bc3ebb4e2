"""What is being typed into a report, safe at once: a file of its own until the log has the words.

A row of the log for every few letters would bury what happened. So each state of both texts is one
line at the end of a private file; a kill loses nothing that was handed to it, and a power cut what
is younger than the disk takes for one write, which another thread waits for.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from viewer.home import private_file, subfolder


@dataclass(frozen=True)
class Typed:
    """Both texts as they stood, and when (ISO 8601, UTC)."""

    at: str
    findings: str
    impression: str


class Draft:
    """Of one reader's report of one series; both are keyed hashes."""

    def __init__(self, series: str, reader: str) -> None:
        self._name = f"{series}-{reader}.draft"
        self._file: int | None = None
        self._thread: threading.Thread | None = None
        self._again = threading.Event()

    def keep(self, findings: str, impression: str) -> None:
        """Both texts as they stand: a kill loses them no more. Raises HilumError and OSError."""
        if self._file is None:
            self._file = os.open(private_file(self._path), os.O_WRONLY | os.O_APPEND)
        told = {"at": _now(), "findings": findings, "impression": impression}
        os.write(self._file, json.dumps(told).encode() + b"\n")
        self._again.set()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._force, args=(os.dup(self._file),))
            self._thread.daemon = True
            self._thread.start()

    def read(self) -> Typed | None:
        """What was typed last; None where the log has it all. Raises HilumError."""
        try:
            lines = self._path.read_bytes().split(b"\n")
        except OSError:
            return None
        for line in reversed(lines):  # the last one may have been cut off
            with contextlib.suppress(ValueError, TypeError):
                return Typed(**json.loads(line))
        return None

    def drop(self) -> None:
        """The log has the words."""
        self.close()
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leaves what was typed where it is. Twice is once."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @property
    def _path(self) -> Path:
        return subfolder("drafts") / self._name

    def _force(self, file: int) -> None:
        """All that was written is on the disk; asked for again meanwhile, once more."""
        try:
            while self._again.is_set():
                self._again.clear()
                with contextlib.suppress(OSError):
                    os.fsync(file)
        finally:
            os.close(file)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
