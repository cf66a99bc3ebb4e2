"""Composition: builds store, jobs, desk and window, joins them, runs until the reader leaves."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import shiboken6
from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from ai.errors import HilumError
from ai.worker.shared import sweep
from viewer import __version__
from viewer.desk.desk import Desk
from viewer.desk.exporting import sweep_exports
from viewer.desk.moving import hand_over, take_over
from viewer.ending import end
from viewer.home import home
from viewer.jobs import Jobs
from viewer.language.spoken import speak, wanted
from viewer.logs import Logs
from viewer.notices import BANNER, REFUSED, WARN, Notice
from viewer.reading.library import Library, series_key
from viewer.reading.store import Store
from viewer.reading.unsaved import open_library, open_store
from viewer.theme import DIM, LEVELS, apply_theme
from viewer.views.early import load_early
from viewer.window.speaking import change_words, let_go, sight_of, take_sight, tell_again
from viewer.window.typed import TypedMeanwhile
from viewer.window.window import HilumWindow

EARLY_MS = 200
"""What the first picture needs is loaded so long after the first frame, which it must not delay."""
AI_AT_LATEST_MS = 3000
"""So long the AI's child waits for a study that opens."""


@dataclass(eq=False)
class Program:
    """All that runs in the window's process; another language changes jobs, desk and window."""

    app: QApplication
    store: Store
    library: Library
    logs: Logs
    passing_home: Path | None
    jobs: Jobs = field(init=False)
    desk: Desk = field(init=False)
    window: HilumWindow = field(init=False)

    def close(self) -> None:
        """Ends all of it, the window first: nothing of it is alive after this. Twice is once."""
        self.jobs.close()
        self.logs.close()  # who tells of bugs is gone next
        end(self.window, self.desk, self.jobs)
        self.store.close()
        self.library.close()
        if self.passing_home is not None:
            shutil.rmtree(self.passing_home, ignore_errors=True)

    def build(self, mode: str = "", jobs: Jobs | None = None) -> None:
        """Jobs, desk and window, joined and not yet shown."""
        self.jobs = jobs or Jobs()
        self.desk = Desk(self.store, self.library, self.jobs)
        if mode:
            self.desk.own_pass.start_in(mode)
        self.window = HilumWindow(self.desk)
        if self.store.trouble is not None:
            self.window.setWindowTitle(_tr("Hilum: readings are not saved"))
            self.desk.tell_unsaved()
        self.window.language_asked.connect(self._speak_soon)

    def speak(self, code: str) -> None:
        """The window anew in that language, over the same voxels and the same reading.

        Keys typed meanwhile are carried out by the new one. Only a scan that did not come whole is
        opened again.
        """
        typed = TypedMeanwhile()
        old = self.window, self.desk, self.jobs
        told = change_words(self.window, code)
        sight, mode = sight_of(self.window), self.desk.own_pass.chosen
        jobs = Jobs(after=self.jobs)
        again = reopening(self.desk)
        lying = hand_over(self.desk)
        sight = let_go(self.window, sight)
        if lying is None:
            self.desk.close()
        self.build(mode, jobs)
        take_sight(self.window, sight)
        self.window.setUpdatesEnabled(False)
        self.window.show()  # a scan is fitted to panes that have their room; and before the old
        if lying is not None:  # one goes: without a window the program would end
            again = None
            take_over(self.desk, lying)
        else:
            self.desk.out.take_over(old[1].out)
        tell_again(self.window, sight)
        for notice in told:
            self.desk.tell(notice)
        self.window.setUpdatesEnabled(True)
        typed.gather(self.window)
        end(*old)
        typed.hand_on(self.window)
        _begin(self.desk, again and partial(again, self.desk))

    def _speak_soon(self, code: str) -> None:
        """Once the key or click that asked for it is over, for its window ends."""
        QTimer.singleShot(0, self.app, lambda: self.speak(code))


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
    open_study: Callable[[], None] | None = None
    if study is not None:
        open_study = partial(desk.open, study)
    elif demo or pair:
        open_study = partial(desk.open_demo, pair=pair)
    program.window.show()
    QTimer.singleShot(0, desk, lambda: _begin(desk, open_study))
    _quit_on_signals(program)
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
    program = Program(app, store, library, logs, passing_home)
    program.build(mode)
    logs.watch(lambda: program.desk.tell(_bug()))
    if store.trouble is None and no_library is not None:
        program.desk.tell(Notice(no_library.sentence, no_library.remedy, REFUSED, BANNER))
    return program


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


def _begin(desk: Desk, open_study: Callable[[], None] | None) -> None:
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

    if open_study is None:
        start_the_rest()
        return
    desk.scan_completed.connect(start_the_rest)
    QTimer.singleShot(AI_AT_LATEST_MS, desk, start_the_rest)
    open_study()


def reopening(desk: Desk) -> Callable[[Desk], None] | None:
    """Opens on another desk what lies on this one: the same path, study and series."""
    scan, opened, only = desk.scan, desk.opening.opened, desk.opening.only
    if scan is None or opened is None:
        return None
    path, study, key = opened.path, scan.series.study_uid, series_key(scan.series.key)

    def again(other: Desk) -> None:
        other.open(path, study_uid=study, only=only)
        other.opening.prefer(key)

    return again


def _quit_on_signals(program: Program) -> None:
    """Ctrl+C in the terminal and a session's end close the window in order."""

    def leave(*_: object) -> None:
        if shiboken6.isValid(program.window):
            program.window.close()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    ticker = QTimer(program.app)  # Python looks at signals only when its own code runs
    ticker.timeout.connect(lambda: None)
    ticker.start(250)


def _bug() -> Notice:
    text = _tr("Something did not work; the details are in the log. Your reading is safe.")
    return Notice(text, "", WARN, BANNER)


def _tr(text: str) -> str:
    return QCoreApplication.translate("App", text)
