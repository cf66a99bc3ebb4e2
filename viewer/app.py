"""Composition: builds store, jobs, desk and window, joins them, runs until the reader leaves."""

from __future__ import annotations

import faulthandler
import logging
import signal
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from ai.worker.shared import sweep
from viewer import __version__
from viewer.desk import Desk
from viewer.home import home, private_file, subfolder
from viewer.jobs import Jobs
from viewer.reading.library import Library
from viewer.reading.store import Store
from viewer.theme import apply_theme
from viewer.window import HilumWindow

log = logging.getLogger(__name__)


def show(study: Path | None, *, demo: bool = False) -> int:
    """Opens the window, on a study or the demo study where one is named; the exit code.

    Raises StoreError where the log cannot be used: without it a reading would be lost.
    """
    crash_log = _start_log()
    sweep()
    app = _application()
    store = Store(home() / "readings.sqlite")
    library = Library()
    jobs = Jobs()
    desk = Desk(store, library, jobs)
    window = HilumWindow(desk)
    window.show()
    QTimer.singleShot(0, lambda: _begin(desk, study, demo=demo))
    _quit_on_signals(window)
    try:
        return int(app.exec())
    finally:
        jobs.close()
        store.close()
        library.close()
        crash_log.close()


def _application() -> QApplication:
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Hilum")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("hilum")
    apply_theme(app)
    return app


def _begin(desk: Desk, study: Path | None, *, demo: bool) -> None:
    """Once the first frame is on the screen: the children start, the study opens."""
    desk.jobs.warm_up()
    if study is not None:
        desk.open(study)
    elif demo:
        desk.open_demo()
    desk.learn()


def _quit_on_signals(window: HilumWindow) -> None:
    """Ctrl+C in the terminal and a session's end close the window in order."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close())
    ticker = QTimer(window)  # Python looks at signals only when its own code runs
    ticker.timeout.connect(lambda: None)
    ticker.start(250)


def _start_log() -> TextIO:
    """Opens the program's log and the crash trace; both name jobs and steps, never patients."""
    folder = subfolder("log")
    handler = RotatingFileHandler(
        private_file(folder / "hilum.log"), maxBytes=1_000_000, backupCount=2, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    log.info("Hilum %s starts", __version__)
    crash_log = private_file(folder / "crash.log").open("a", encoding="utf-8")
    faulthandler.enable(crash_log)
    return crash_log
