"""The program's own log and its crash trace: jobs and steps, never a patient, a UID or a path."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
import threading
from collections.abc import Callable
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from ai.errors import HilumError
from ai.trace import PrivateFormatter, crash_without_paths
from viewer import __version__
from viewer.home import private_file, subfolder

log = logging.getLogger(__name__)

LOG, CRASH, RAW_CRASH = "hilum.log", "crash.log", "crash.part"
MOST_BYTES = 1_000_000


class _Rotating(RotatingFileHandler):
    """Each new file is its owner's alone too."""

    def _open(self) -> TextIOWrapper:
        return private_file(Path(self.baseFilename)).open("a", encoding="utf-8")


class Logs:
    """Both files while the window runs. A folder that cannot be written costs the log, no more."""

    def __init__(self) -> None:
        self._handler: logging.Handler | None = None
        self._crash: TextIO | None = None
        self._hooks = sys.excepthook, threading.excepthook
        try:
            folder = subfolder("log")
            tidy_crash(folder)
            handler = _Rotating(
                folder / LOG, maxBytes=MOST_BYTES, backupCount=2, encoding="utf-8", delay=False
            )
            handler.setFormatter(
                PrivateFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
            )
            self._handler = handler
            logging.getLogger().addHandler(handler)
            self._crash = private_file(folder / RAW_CRASH).open("a", encoding="utf-8")
            faulthandler.enable(self._crash)
        except (OSError, HilumError):
            with contextlib.suppress(Exception):  # there is no stderr under pythonw
                faulthandler.enable()
        logging.getLogger().setLevel(logging.INFO)
        log.info("Hilum %s starts", __version__)

    def watch(self, on_bug: Callable[[], None]) -> None:
        """From here on an error that nobody caught is logged, and on_bug() tells the reader."""

        def caught(error: BaseException | None) -> None:
            if isinstance(error, Exception):
                log.error("nobody caught this", exc_info=error)
                with contextlib.suppress(Exception):
                    on_bug()

        def on_main(
            kind: type[BaseException], error: BaseException, trace: TracebackType | None
        ) -> None:
            caught(error)
            sys.__excepthook__(kind, error, trace)

        def on_thread(told: threading.ExceptHookArgs) -> None:
            caught(told.exc_value)
            threading.__excepthook__(told)

        sys.excepthook, threading.excepthook = on_main, on_thread

    def close(self) -> None:
        """Lets go of both files. Twice is once."""
        sys.excepthook, threading.excepthook = self._hooks
        if self._handler is not None:
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()
            self._handler = None
        if self._crash is not None:
            faulthandler.disable()
            self._crash.close()
            self._crash = None


def tidy_crash(folder: Path) -> None:
    """Moves the trace of a crash to crash.log without the paths that the interpreter wrote.

    It writes while it dies, and can leave nothing out; so the next start does. Raises OSError.
    """
    raw = folder / RAW_CRASH
    if not raw.exists() or not raw.stat().st_size:
        return
    text = crash_without_paths(raw.read_text(encoding="utf-8", errors="replace"))
    told = private_file(folder / CRASH)
    mode = "a" if told.stat().st_size + len(text) < MOST_BYTES else "w"
    with told.open(mode, encoding="utf-8") as file:
        file.write(text)
    raw.write_bytes(b"")
