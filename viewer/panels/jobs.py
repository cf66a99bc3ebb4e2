"""The strip over the status bar: each job that lives, how far it is, Cancel; gone with the last."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.language.spoken import say, tight
from viewer.open_scan import NEXT_MS
from viewer.panels.buttons import QUIET, Button
from viewer.panels.parts import box, column, ground, line, paint_icon, row, words

if TYPE_CHECKING:
    from viewer.desk.desk import Desk
    from viewer.jobs import Job

QUICK = ("open", "load", "second", "seg", "nifti", "preview", "edit")
"""Jobs that are mostly over before a strip is read: it comes only when they last."""

PATIENCE_S = 0.8
SILENT = ("learn", "details", "count", "picture")
TURNS = 8
JOB_SHARE, WAITING_SHARE = 3, 2
"""Of the strip's width: one that waits has no line to draw."""
AGAIN = {
    "lungs": "segment-lungs",
    "nodules": "find-nodules",
    "export": "",
    "compare": "compare-lungs",
}
"""The action by which a job that failed runs again; an export runs to the folder it had."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Jobs", text)


def job_name(kind: str) -> str:
    names = {
        "lungs": tr("Segment lungs"), "nodules": tr("Find nodules"), "export": tr("Export"),
        "load": tr("Reading images"), "open": tr("Looking into the study"),
        "second": tr("Reading the second series"), "prior": tr("Aligning the prior"),
        "demo": tr("Making the demo study"), "seg": tr("Reading a segmentation"),
        "compare": tr("Comparing the lungs"), "chance": tr("Chance map of the lungs"),
        "nifti": tr("Saving NIfTI"), "preview": tr("Looking at the headers"),
        "copy": tr("Copying without names"), "edit": tr("Changing the mask"),
    }  # fmt: skip
    return names.get(kind, kind)


def time_left(seconds: float | None) -> str:
    """'about 3 s left', rounded up; nothing where it is not known yet."""
    return "" if seconds is None else tr("about {0} s left").format(max(1, math.ceil(seconds)))


class Spinner(QWidget):
    """The busy icon, turned eight steps a second while it is in sight; or a still icon."""

    def __init__(self) -> None:
        super().__init__()
        side = theme.size("iconTool")
        self.setFixedSize(side, side)
        self._turn, self._name, self._role = 0, "busy", "text.secondary"
        self._timer = QTimer(self, interval=theme.size("spin"))
        self._timer.timeout.connect(self._step)

    def stand(self, name: str, role: str) -> None:
        self._name, self._role = name, role
        if name == "busy":
            self._timer.start()
        else:
            self._timer.stop()
        self.update()

    def _step(self) -> None:
        self._turn = (self._turn + 1) % TURNS
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._name == "busy":
            middle = QPointF(self.width() / 2, self.height() / 2)
            painter.translate(middle)
            painter.rotate(360 / TURNS * self._turn)
            painter.translate(-middle)
        paint_icon(painter, self._name, QRectF(self.rect()), self._role)
        painter.end()


class ProgressLine(QWidget):
    """A line of 3 px, filled as far as the job is."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(theme.size("progress"))
        self.setMinimumWidth(theme.size("space.xxl"))
        self._done = 0.0

    def set_done(self, done: float) -> None:
        if done != self._done:
            self._done = done
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        whole = QRectF(self.rect())
        painter.fillRect(whole, theme.color("line.strong"))
        whole.setWidth(whole.width() * min(1.0, self._done))
        painter.fillRect(whole, theme.color("accent.base"))
        painter.end()


class JobRow(QWidget):
    """One job: icon, name, step, line, time left, Cancel; or why it stopped, and Run again."""

    cancelled = Signal()
    again = Signal()
    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.spinner = Spinner()
        self.name, self.step = words("", "bodyStrong"), words("", "caption")
        self.step.setMinimumWidth(0)
        self.line = ProgressLine()
        self.left = words("", "caption")
        self.cancel = Button(tr("Cancel"), key="Esc", small=True)
        self.run_again = Button(tr("Run again"), small=True)
        self.clear = Button(tr("Clear"), kind=QUIET, small=True)
        self.cancel.clicked.connect(self.cancelled)
        self.run_again.clicked.connect(self.again)
        self.clear.clicked.connect(self.cleared)
        inset, gap = theme.size("space.m"), theme.size("space.m")
        self.parting = line(upright=True)  # from the job before
        self.parting.setFixedHeight(theme.size("jobstrip"))
        parts = (self.parting, self.spinner, self.name, self.step)
        made = row(*parts, inset=(inset, 0, inset, 0), gap=gap)
        made.addWidget(self.line, 1, Qt.AlignmentFlag.AlignVCenter)
        for part in (self.left, self.cancel, self.run_again, self.clear):
            made.addWidget(part)
        self._made = made
        self.setLayout(made)
        self.job: Job | None = None

    def show_job(
        self, job: Job, step: str, *, failed: bool, by_escape: bool = True, of: str = ""
    ) -> None:
        """by_escape: it is this one that Esc stops. of: what it is called where it stopped and is
        of another reading than the one that is open: then it is not run again from here."""
        self.job = job
        self.cancel.show_key(by_escape)
        name = job_name(job.kind)
        self.name.setText(tr("{0} stopped").format(of or name) if failed else name)
        self.spinner.stand(
            "warn" if failed else "busy", "notice.warn" if failed else "text.secondary"
        )
        text = (
            tight(" ".join(say(part) for part in (job.sentence, job.remedy) if part))
            if failed
            else step
        )
        self.step.setText(text)
        self.line.set_done(job.fraction)
        self.left.setText("" if failed else time_left(job.seconds_left(time.monotonic())))
        self.line.setVisible(not failed)
        self.left.setVisible(not failed)
        self.cancel.setVisible(not failed)
        self.run_again.setVisible(failed and not of and job.kind in AGAIN)
        self.clear.setVisible(failed)
        self._made.setStretchFactor(self.step, 1 if failed else 0)

    def show_waiting(self, kind: str, step: str) -> None:
        """A job that comes when the one before it is done."""
        self.name.setText(job_name(kind))
        self.step.setText(step)
        self.spinner.stand("waits", "text.secondary")
        self.left.setText(tr("next"))
        for part in (self.line, self.cancel, self.run_again):
            part.hide()
        self.left.show()
        self.clear.setText(tr("Remove"))
        self.clear.show()
        self._made.setStretchFactor(self.step, 1)


class JobStrip(QWidget):
    """All jobs worth showing, side by side."""

    run_again = Signal(str)  # id of an action

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        ground(self, "panel")
        self.setFixedHeight(theme.size("jobstrip"))
        self._desk = desk
        self.job_rows: dict[str, JobRow] = {}
        self._row = row()
        whole = column(line())
        whole.addWidget(box(self._row), 1)
        self.setLayout(whole)
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self.refresh)
        self._gone = QTimer(self, singleShot=True)
        self._gone.timeout.connect(self.hide)
        desk.jobs.changed.connect(self.refresh)
        desk.editing.changed.connect(self.refresh)
        desk.reading_changed.connect(self.refresh)
        self.refresh()  # what stopped before the language changed is told on

    def refresh(self, *_: object) -> None:
        """Everything anew from the desk's jobs."""
        shown = [job for job in self._desk.jobs.living if self._worth_showing(job)]
        waiting = self._desk.nodules_wait and any(job.kind == "lungs" for job in shown)
        wanted = [job.id for job in shown] + (["waiting"] if waiting else [])
        for gone in [key for key in self.job_rows if key not in wanted]:
            old = self.job_rows.pop(gone)
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        first, others = self._desk.stopped_first, self._desk.out.exports
        for job in shown:
            self._row_of(job.id).show_job(
                job, self._step(job), failed=job.state != "running",
                by_escape=first is not None and job.id == first.id, of=others.other(job.id),
            )  # fmt: skip
        if waiting:
            self._row_of("waiting").show_waiting("nodules", tr("after the lungs"))
        for n, shown_row in enumerate(self.job_rows.values()):
            shown_row.parting.setVisible(n > 0)
        scan = self._desk.scan
        if not wanted and scan is not None and scan.is_big and not self.isHidden():
            self._gone.start(NEXT_MS)  # all panes grow then
            return
        self._gone.stop()
        self.setVisible(bool(wanted))

    def _row_of(self, key: str) -> JobRow:
        if key not in self.job_rows:
            made = JobRow()
            made.cancelled.connect(lambda: self._desk.jobs.cancel(key))
            if key == "waiting":
                made.cleared.connect(self._desk.forget_nodules)
                made.cleared.connect(self.refresh)
            else:
                made.cleared.connect(lambda: self._desk.jobs.clear(key))
            made.again.connect(lambda: self._again(made))
            self.job_rows[key] = made
            self._row.addWidget(made, WAITING_SHARE if key == "waiting" else JOB_SHARE)
            made.show()
        return self.job_rows[key]

    def _again(self, made: JobRow) -> None:
        if made.job is None:
            return
        if made.job.kind == "export":
            self._desk.out.export_again(made.job.id)
        else:
            self.run_again.emit(AGAIN[made.job.kind])

    def _worth_showing(self, job: Job) -> bool:
        if job.kind in SILENT:
            return False
        waited = time.monotonic() - job.begun
        if job.kind in QUICK and job.state == "running" and waited < PATIENCE_S:
            if not self._later.isActive():
                self._later.start(round(1000 * (PATIENCE_S - waited)) + 20)
            return False
        return True

    def _step(self, job: Job) -> str:
        scan = self._desk.scan
        if job.kind == "load" and scan is not None:
            whole = len(scan.series.sources)
            return tr("{0} of {1}").format(round(job.fraction * whole), whole)
        step = say(job.step)
        return step if step != job_name(job.kind) else ""
