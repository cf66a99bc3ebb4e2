"""dciodvfy, the strictest judge of DICOM objects: asked where it is on this machine, never needed.

It runs beside the export in a process of its own. Only its counts are kept: its sentences quote
values of the file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

PROGRAM: Final = "dciodvfy"
LONGEST_S: Final = 30.0


class Verdict:
    """One file being judged. Ask `counts` once; `drop` where nobody wants to know any more.

    is_here: whether the program is on this machine.
    """

    def __init__(self, path: Path) -> None:
        self._running: subprocess.Popen[bytes] | None = None
        self.is_here = False
        program = shutil.which(PROGRAM)
        if program is None:
            return
        with contextlib.suppress(OSError):
            self._running = subprocess.Popen(
                [program, "-new", os.fspath(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            self.is_here = True

    def counts(self) -> tuple[int, int] | None:
        """Errors and warnings; None where it is not here, or did not answer."""
        if self._running is None:
            return None
        try:
            _, said = self._running.communicate(timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            self.drop()
            return None
        lines = said.decode("utf-8", errors="replace").splitlines()
        if self._running.returncode < 0:
            return None  # it fell over the file: that is no verdict
        return (
            sum(line.startswith("Error") for line in lines),
            sum(line.startswith("Warning") for line in lines),
        )

    def drop(self) -> None:
        """End it, whatever it was about to say."""
        if self._running is None or self._running.stderr is None or self._running.stderr.closed:
            return
        self._running.kill()
        self._running.stderr.close()  # not read to its end: a child of it may hold it open
        self._running.wait()
