"""What the series on the desk really is: one header more is read elsewhere when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ai.worker.messages import Failed
from viewer.dicom.header_details import Details
from viewer.dicom.image_info import ImageInfo, image_info
from viewer.dicom.io_messages import DetailsRead, ReadDetails
from viewer.jobs import Job
from viewer.open_scan import OpenScan

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
        self._header: Details | None = None
        self.trouble = ""  # why there is no info
        desk.jobs.answered.connect(self._answered)
        desk.scan_opened.connect(self._forget)
        desk.scan_completed.connect(self._tell)

    def ask(self) -> None:
        """`changed` comes when it is there; at once where it is there already."""
        scan = self._desk.scan
        if scan is None or (scan.series.key == self._key and (self._job or self.info)):
            self.changed.emit()
            return
        pieces = scan.series.sources
        self._key, self.info, self.trouble = scan.series.key, None, ""
        self._header = None
        self._job = self._desk.jobs.new_id("details")
        middle = pieces[len(pieces) // 2]
        wish = ReadDetails(self._job, str(middle.path), middle.frame)
        self._desk.jobs.ask_io("details", wish)
        self.changed.emit()

    def _forget(self, *_: object) -> None:
        self._job, self._key, self.info, self.trouble = "", "", None, ""
        self._header = None
        self.changed.emit()

    def _tell(self, scan: OpenScan) -> None:
        """Anew once the slices were read: only then is known which are damaged."""
        if self._header is not None:
            told = self._desk.opening.told_of(scan.series)
            self.info = image_info(scan.series, self._header, told)
            self.changed.emit()

    def _answered(self, answer: tuple[Job, Any]) -> None:
        job, message = answer
        scan = self._desk.scan
        if job.id != self._job or scan is None:
            return
        self._job = ""
        if isinstance(message, DetailsRead):
            self._header = message.details
            self._tell(scan)
            return
        elif isinstance(message, Failed):
            self._desk.jobs.clear(job.id)
            self.trouble = message.sentence
        self.changed.emit()
