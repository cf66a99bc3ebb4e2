"""The steps that a watched window takes, one after the other, each waited for.

["ready"]: the AI's child is up. ["quiet", n]: n children are up and rest. ["rest", ms].
["enter", name]: what follows is watched as that phase. ["open", folder], ["lungs"], ["nodules"],
["accept", n], ["edit", "finding" or "lung", strokes], ["export"]: what a reader does.
["memory", name]: what all processes hold.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from probe_hand import brush_stroke
from probe_memory import Quiet, family_of, held_by
from PySide6.QtCore import QObject, QTimer
from watchdog import Watchdog

HEAVY = (
    "torch", "highdicom", "pydicom", "scipy", "SimpleITK", "qtawesome", "matplotlib",
    "vtkmodules.vtkImagingCore", "vtkmodules.vtkRenderingOpenGL2", "vtkmodules.vtkRenderingCore",
)  # fmt: skip
READY_MS = 20
QUIET_MS = 500
KEY_MS = 300
MOVE_MS = 16


class Script(QObject):
    """Works through its steps; at the end it tells what was watched, and closes the window."""

    def __init__(
        self, window: Any, steps: Iterable[Sequence[Any]], say: Callable[..., None]
    ) -> None:
        super().__init__(window)
        self._window, self._desk, self._say = window, window.desk, say
        self._left = list(steps)
        self._watchdog: Watchdog | None = None
        self._wanted = ""
        self._no_mask = False
        self._quiet: Quiet | None = None
        self.begun = False
        self._desk.scan_completed.connect(self._opened)
        self._desk.jobs.answered.connect(self._answered)
        self._desk.reading_changed.connect(self._changed)

    def go_on(self) -> None:
        """The next step; the end where there is none."""
        self.begun = True
        if self._left:
            name, *needs = self._left.pop(0)
            getattr(self, f"do_{name}")(*needs)
        else:
            self._end()

    def _soon(self, ms: int = READY_MS) -> None:
        QTimer.singleShot(ms, self.go_on)

    def _end(self) -> None:
        self._say("modules", loaded=[name for name in HEAVY if name in sys.modules])
        if self._watchdog is not None:
            self._watchdog.close()
            self._say("watched", phases=[asdict(phase) for phase in self._watchdog.phases])
        self._window.close()

    # Steps

    def do_ready(self) -> None:
        """The AI's child is up: its start would be timed with what follows."""
        if self._desk.jobs.versions:
            self._soon()
        else:
            QTimer.singleShot(READY_MS, self.do_ready)

    def do_quiet(self, children: int) -> None:
        self._quiet = self._quiet or Quiet(os.getpid(), children)
        if self._quiet.now():
            self._quiet = None
            self._soon()
        else:
            QTimer.singleShot(QUIET_MS, lambda: self.do_quiet(children))

    def do_rest(self, ms: int) -> None:
        self._soon(ms)

    def do_enter(self, name: str) -> None:
        self._watchdog = self._watchdog or Watchdog(self)
        self._watchdog.enter(name)
        self._soon()

    def do_open(self, folder: str) -> None:
        self._wanted = "whole"
        self._say("given", folder=folder)
        self._desk.open(Path(folder))

    def _opened(self, _scan: Any) -> None:
        if self._wanted == "whole":
            self._wanted = ""
            self._soon()

    def do_lungs(self) -> None:
        self._wanted, self._no_mask = "lungs", True
        self._say("asked", kind="lungs")
        self._desk.segment_lungs()

    def _changed(self, reading: Any) -> None:
        """The first lungs of the reading are there, and drawn in this turn."""
        if self._no_mask and reading.lungs is not None:
            self._no_mask = False
            self._say("mask")

    def do_nodules(self) -> None:
        self._wanted = "nodules"
        self._desk.find_nodules()

    def do_export(self) -> None:
        self._wanted = "export"
        self._desk.export()

    def _answered(self, answer: tuple[Any, Any]) -> None:
        """The last word on a job: what was wanted, or why it could not be had."""
        job, message = answer
        sentence = getattr(message, "sentence", "")
        if sentence:
            self._say("failed", kind=job.kind, sentence=sentence)
        if job.kind == self._wanted:
            self._wanted = ""
            self._say("done", kind=job.kind, files=len(getattr(message, "files", ())))
            self._soon()

    def do_accept(self, count: int) -> None:
        """So many accepted findings, at a reader's pace; fewer where there are fewer."""
        from viewer.reading.events import Answer

        if count and self._desk.current is not None:
            self._desk.answer(Answer.ACCEPT)
            self._say("done", kind="accept")
            QTimer.singleShot(KEY_MS, lambda: self.do_accept(count - 1))
        else:
            self._soon()

    def do_edit(self, what: str, strokes: int) -> None:
        """A finding or the right lung: E, strokes, undo, redo, Enter; until it is counted."""
        self._window.side.open(0 if what == "finding" else 1)
        if self._desk.current is None and self._desk.order:
            self._desk.select(self._desk.order[0])  # the last one was judged
        self._window.editing.toggle()
        if self._desk.editing.target is None:
            self._say("failed", kind="edit", sentence=f"the {what} could not be edited")
            self._soon()
            return
        view = self._window.panes.views["axial"]
        acts = [act for n in range(strokes) for act in brush_stroke(view, n)]
        self._one_by_one([*acts, self._desk.undo, self._desk.redo, self._window.finish])

    def _one_by_one(self, acts: list[Callable[[], object]]) -> None:
        """At the pace of a hand; then, once the figures are counted again, the next step."""
        if acts:
            acts.pop(0)()
            QTimer.singleShot(MOVE_MS, lambda: self._one_by_one(acts))
        else:
            self._say("done", kind="edit")
            self._desk.editing.when_counted(self._soon)

    def do_memory(self, name: str) -> None:
        self._say("memory", name=name, **asdict(held_by(family_of(os.getpid()))))
        self._soon()
