"""What the series on the desk really is: one header more is read elsewhere when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ai.worker.messages import Failed
from viewer.dicom.image_info import ImageInfo, image_info
from viewer.dicom.io_messages import DetailsRead, ReadDetails
from viewer.jobs import Job

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


class SeriesDetails(QObject):
    """Of one desk. Asked once for each series, and again where its header could not be read."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._job, self._key = "", ""
        self.info: ImageInfo | None = None
        self.trouble = ""  # why there is no info
        desk.jobs.answered.connect(self._answered)
        desk.scan_opened.connect(self._forget)

    def ask(self) -> None:
        """`changed` comes when it is there; at once where it is there already."""
        scan = self._desk.scan
        if scan is None or (scan.series.key == self._key and (self._job or self.info)):
            self.changed.emit()
            return
        pieces = scan.series.sources
        self._key, self.info, self.trouble = scan.series.key, None, ""
        self._job = self._desk.jobs.new_id("details")
        middle = pieces[len(pieces) // 2]
        wish = ReadDetails(self._job, str(middle.path), middle.frame)
        self._desk.jobs.ask_io("details", wish)
        self.changed.emit()

    def _forget(self, *_: object) -> None:
        self._job, self._key, self.info, self.trouble = "", "", None, ""
        self.changed.emit()

    def _answered(self, answer: tuple[Job, Any]) -> None:
        job, message = answer
        scan = self._desk.scan
        if job.id != self._job or scan is None:
            return
        self._job = ""
        if isinstance(message, DetailsRead):
            self.info = image_info(scan.series, message.details)
        elif isinstance(message, Failed):
            self._desk.jobs.clear(job.id)
            self.trouble = message.sentence
        self.changed.emit()
