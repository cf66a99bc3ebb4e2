"""Copies that leave Hilum beside an export: lungs as NIfTI, and a series without its names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from ai.errors import OutsideError
from ai.worker.messages import Failed
from ai.worker.shared import Block
from viewer.desk.room import Room, want_lungs
from viewer.dicom.io_messages import (
    Change,
    CopyPreviewed,
    CopyWritten,
    LabelsRef,
    NiftiWritten,
    WriteCopy,
    WriteNifti,
)
from viewer.jobs import Job
from viewer.keymaps import cap
from viewer.language.counted import counted
from viewer.notices import BANNER, GOOD, INFO, WARN, Notice

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("Copies", text)


class Copies(QObject):
    """Of one desk. What is on its way goes on to its end when another study is opened."""

    previewed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._room = Room(self)
        self._blocks: dict[str, Block] = {}
        self._folders: dict[str, Path] = {}  # that jobs on their way write to
        self._preview, self._keep_dates = "", False  # the job whose answer still counts
        self.changes: tuple[Change, ...] | None = None
        self.trouble = ""  # why there is no preview
        desk.jobs.answered.connect(self._answered)
        desk.scan_opened.connect(self._forget)

    def save_nifti(self, path: Path) -> None:
        """The lungs of the open reading as labels on the scan's own grid."""
        desk, scan = self._desk, self._desk.scan
        reading = desk.reading
        lungs = reading.lungs if reading is not None else None
        if scan is None or reading is None or lungs is None:
            desk.tell(
                Notice(
                    tr("There are no lungs to save."),
                    tr("{0} segments them.").format(cap("segment-lungs")),
                    INFO,
                )
            )
            return
        job = desk.jobs.new_id("nifti")

        def ask(blocks: tuple[Block, ...]) -> None:
            self._note(job, path.parent)
            self._blocks[job] = blocks[0]
            labels = LabelsRef(blocks[0].ref, lungs.geometry, lungs.segments, lungs.made_by)
            desk.jobs.ask_io("nifti", WriteNifti(job, str(path), scan.series, labels))

        def refused(error: OutsideError) -> None:
            desk.tell(Notice(error.sentence, error.remedy, WARN, BANNER))

        self._room.make([want_lungs(reading)], ask, refused)

    def ask_preview(self, *, keep_dates: bool = False) -> None:
        """What a copy of the open series would change; `previewed` comes when it is known."""
        scan = self._desk.scan
        if keep_dates != self._keep_dates:
            self._forget()
            self._keep_dates = keep_dates
        if scan is not None and self.changes is None and not self._preview:
            self.trouble = ""
            self._preview = self._desk.jobs.new_id("preview")
            request = WriteCopy(self._preview, scan.series, keep_dates=keep_dates)
            self._desk.jobs.ask_io("preview", request)
        self.previewed.emit()

    def save_copy(self, folder: Path, *, keep_dates: bool = False) -> None:
        """The open series without its names, into a folder that is new or empty."""
        scan = self._desk.scan
        if scan is None:
            self._desk.tell(
                Notice(tr("No study is open. {0} opens one.").format(cap("open")), "", INFO)
            )
            return
        job = self._desk.jobs.new_id("copy")
        self._note(job, folder.parent)
        request = WriteCopy(job, scan.series, str(folder), keep_dates)
        self._desk.jobs.ask_io("copy", request)

    def _note(self, job: str, folder: Path) -> None:
        self._folders[job] = folder
        self._desk.leftovers.note(folder)

    def _forget(self, *_: object) -> None:
        if self._preview:
            self._desk.jobs.cancel(self._preview)
        self._preview, self.changes, self.trouble = "", None, ""
        self.previewed.emit()

    def _answered(self, answer: tuple[Job, Any]) -> None:
        job, message = answer
        if job.id in self._blocks:
            self._blocks.pop(job.id).free()
        if job.id in self._folders:
            whole = not isinstance(message, Failed)
            self._desk.leftovers.ended(self._folders.pop(job.id), whole=whole)
        if job.kind == "preview":
            self._take_preview(job, message)
        elif isinstance(message, Failed) and job.kind in ("nifti", "copy"):
            self._failed(job, message)
        elif isinstance(message, NiftiWritten):
            name = Path(message.path).name
            self._desk.tell(Notice(tr("{0} saved.").format(name), message.path, GOOD, BANNER))
        elif isinstance(message, CopyWritten):
            text = counted(
                message.files,
                tr("1 file copied without names."),
                tr("{0} files copied without names."),
            )
            said = " ".join([text, *message.sentences])
            self._desk.tell(Notice(said, message.folder, GOOD, BANNER))

    def _take_preview(self, job: Job, message: Any) -> None:
        if isinstance(message, Failed):
            self._desk.jobs.clear(job.id)
        if job.id != self._preview:
            return
        self._preview = ""
        if isinstance(message, CopyPreviewed):
            self.changes = message.changes
        elif isinstance(message, Failed) and not message.cancelled:
            self.trouble = f"{message.sentence} {message.remedy}".strip()
        self.previewed.emit()

    def _failed(self, job: Job, message: Failed) -> None:
        self._desk.jobs.clear(job.id)
        if message.cancelled:
            self._desk.tell(Notice(tr("Cancelled. Nothing was written."), "", INFO))
        else:
            self._desk.tell(Notice(message.sentence, message.remedy, WARN, BANNER))
