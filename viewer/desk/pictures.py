"""Small pictures of series that lie in the open folder and were not opened: one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ai.worker.messages import Failed
from viewer.dicom.io_messages import PictureRead, ReadPicture
from viewer.dicom.series import Series
from viewer.jobs import Job

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


class Pictures(QObject):
    """Of one desk. Whatever a reader opens comes first: no picture is asked for while it loads."""

    read = Signal(object, object)  # Series, and a Volume of one slice

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._wanted: deque[Series] = deque()
        self._job = ""
        self._asked: Series | None = None
        desk.jobs.answered.connect(self._answered)

    def ask(self, wanted: Iterable[Series]) -> None:
        """These, in place of all that were wanted before; `read` tells of each that can be had."""
        self._wanted = deque(wanted)
        self._next()

    def _next(self) -> None:
        if self._job or not self._wanted or self._desk.opening.busy:
            return
        self._asked = self._wanted.popleft()
        self._job = self._desk.jobs.new_id("picture")
        self._desk.jobs.ask_io("picture", ReadPicture(self._job, self._asked))

    def _answered(self, answer: tuple[Job, Any]) -> None:
        job, message = answer
        if job.id != self._job:
            return
        series, self._job, self._asked = self._asked, "", None
        if isinstance(message, Failed):
            self._desk.jobs.clear(job.id)
        elif isinstance(message, PictureRead) and message.picture is not None:
            self.read.emit(series, message.picture)
        self._next()
