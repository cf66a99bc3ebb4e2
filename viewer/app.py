"""Composition: builds store, jobs, desk and window, joins them, runs until the reader leaves."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from ai.errors import HilumError
from ai.worker.shared import sweep
from viewer import __version__
from viewer.desk.desk import Desk
from viewer.desk.exporting import sweep_exports
from viewer.home import home
from viewer.jobs import Jobs
from viewer.language.spoken import speak, wanted
from viewer.logs import Logs
from viewer.notices import BANNER, REFUSED, WARN, Notice
from viewer.reading.library import Library
from viewer.reading.store import Store
from viewer.reading.unsaved import open_library, open_store
from viewer.theme import DIM, LEVELS, apply_theme
from viewer.views.early import load_early
from viewer.window.window import HilumWindow

EARLY_MS = 200
"""What the first picture needs is loaded so long after the first frame, which it must not delay."""
AI_AT_LATEST_MS = 3000
"""So long the AI's child waits for a study that opens."""


@dataclass(frozen=True, eq=False)
class Program:
    """All that runs in the window's process."""

    app: QApplication
    store: Store
    library: Library
    jobs: Jobs
    desk: Desk
    window: HilumWindow
    logs: Logs
    passing_home: Path | None

    def close(self) -> None:
        self.jobs.close()
        self.store.close()
        self.library.close()
        self.logs.close()
        if self.passing_home is not None:
            shutil.rmtree(self.passing_home, ignore_errors=True)


def show(
    study: Path | None,
    *,
    demo: bool = False,
    pair: bool = False,
    mode: str = "",
    language: str = "",
) -> int:
    """Opens the window, on a study or the demo study where one is named; the exit code.

    pair: the demo study has an earlier one of the same patient beside it. mode: one of events.MODES
    for this window's readings, or as the reader left it. language: one of catalogue.LANGUAGES, or
    as the reader left it.
    """
    program = compose(mode=mode, language=language)
    desk = program.desk
    program.window.show()
    QTimer.singleShot(0, lambda: _begin(desk, study, demo=demo or pair, pair=pair))
    _quit_on_signals(program.window)
    try:
        return int(program.app.exec())
    finally:
        program.close()


def compose(*, mode: str = "", language: str = "") -> Program:
    """Everything built and joined, nothing shown yet.

    Where nothing can be saved the window opens all the same and says so: looking needs no log.
    """
    no_home, passing_home = _home_or_passing()
    logs = Logs()
    sweep()
    sweep_exports()
    store = open_store(home() / "readings.sqlite")
    store.trouble = no_home or store.trouble
    library, no_library = open_library(home() / "library.sqlite")
    app = _application(library.setting("level", DIM))
    speak(wanted(language or library.setting("language", "")))
    jobs = Jobs()
    desk = Desk(store, library, jobs)
    if mode:
        desk.own_pass.start_in(mode)
    window = HilumWindow(desk)
    logs.watch(lambda: desk.tell(_bug()))
    if store.trouble is not None:
        window.setWindowTitle(_tr("Hilum: readings are not saved"))
        desk.tell_unsaved()
    elif no_library is not None:
        desk.tell(Notice(no_library.sentence, no_library.remedy, REFUSED, BANNER))
    return Program(app, store, library, jobs, desk, window, logs, passing_home)


def _home_or_passing() -> tuple[HilumError | None, Path | None]:
    """Where there is no data folder, why, and a private one that goes with the window."""
    try:
        home()
    except HilumError as error:
        passing = Path(tempfile.mkdtemp(prefix="hilum-passing-"))
        os.environ["HILUM_HOME"] = str(passing)
        return error, passing
    return None, None


def _application(level: str) -> QApplication:
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Hilum")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("hilum")
    apply_theme(app, level if level in LEVELS else DIM)
    return app


def _begin(desk: Desk, study: Path | None, *, demo: bool, pair: bool = False) -> None:
    """Once the first frame is on the screen: the study opens, the children start.

    The AI's child loads torch for seconds of CPU. It lets a study that was asked for come first;
    a job for it starts it at once.
    """
    desk.jobs.warm_up_reading()
    QTimer.singleShot(EARLY_MS, desk, load_early)
    started = False

    def start_the_rest() -> None:
        nonlocal started
        if not started:
            started = True
            desk.jobs.warm_up()
            desk.learn()
            desk.leftovers.sweep()

    if study is None and not demo:
        start_the_rest()
        return
    desk.scan_completed.connect(start_the_rest)
    QTimer.singleShot(AI_AT_LATEST_MS, desk, start_the_rest)
    if study is not None:
        desk.open(study)
    else:
        desk.open_demo(pair=pair)


def _quit_on_signals(window: HilumWindow) -> None:
    """Ctrl+C in the terminal and a session's end close the window in order."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: window.close())
    ticker = QTimer(window)  # Python looks at signals only when its own code runs
    ticker.timeout.connect(lambda: None)
    ticker.start(250)


def _bug() -> Notice:
    text = _tr("Something did not work; the details are in the log. Your reading is safe.")
    return Notice(text, "", WARN, BANNER)


def _tr(text: str) -> str:
    return QCoreApplication.translate("App", text)
