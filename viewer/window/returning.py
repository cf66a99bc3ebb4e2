"""Another study takes the place of one in work: that it is kept is said, with the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from viewer.dicom.series import Series
from viewer.language.spoken import clause
from viewer.notices import TOAST, Notice
from viewer.open_scan import OpenScan
from viewer.panels.study_words import study_told
from viewer.reading.reading import Reading
from viewer.reading.worklist import IN_WORK, state_of

if TYPE_CHECKING:
    from viewer.window.window import HilumWindow


def tr(text: str) -> str:
    return QCoreApplication.translate("Returning", text)


@dataclass(frozen=True, eq=False)
class Way:
    """Back, as one window knew it: the study before, by its UID, and what lay there last."""

    before: str = ""
    here: Series | None = None
    reading: Reading | None = None


class Returning(QObject):
    """Of one window. before: the study that was open before this one, by its UID, or nothing."""

    def __init__(self, window: HilumWindow) -> None:
        super().__init__(window)
        self._window, self._desk = window, window.desk
        self.before = ""
        self._here: Series | None = None
        self._reading: Reading | None = None
        self._said: Notice | None = None
        window.desk.scan_opened.connect(self._scan_opened)
        window.desk.reading_changed.connect(self._reading_changed)
        window.desk.noticed.connect(self._noticed)

    def go(self) -> None:
        """Back to that study; then this one is the one before."""
        if not self.before or not self._desk.shelf.open_study(self.before):
            self._desk.tell(Notice(tr("No other study was open before this one.")))

    def hand_over(self) -> Way:
        """For the window that takes this one's place."""
        return Way(self.before, self._here, self._reading)

    def take_over(self, way: Way) -> None:
        self.before, self._here, self._reading = way.before, way.here, way.reading

    def _reading_changed(self, reading: Reading) -> None:
        if self._desk.scan is not None:
            self._here, self._reading = self._desk.scan.series, reading

    def _noticed(self, notice: Notice) -> None:
        if notice.place == TOAST:
            self._said = notice

    def _scan_opened(self, scan: OpenScan) -> None:
        """The reading that was left has had its last step; the new one is told of after this."""
        was, reading, self._said = self._here, self._reading, None
        if was is None or was.study_uid == scan.series.study_uid:
            return
        self.before = was.study_uid
        if state_of(reading) == IN_WORK:
            QTimer.singleShot(0, self, lambda: self._tell(was))

    def _tell(self, left: Series) -> None:
        """With what was said of the new study meanwhile, whose toast this takes the place of."""
        told = study_told(left, hidden=self._desk.names_hidden)
        which = clause(told.title, told.day)
        text = tr("The reading of {0}, is kept and not signed.")
        if self._desk.unsaved is not None:
            text = tr("The reading of {0}, is kept until Hilum is closed, and not signed.")
        said = self._said
        more, second = (said.sentence, said.action) if said is not None else ("", "")
        sentence = " ".join(part for part in (text.format(which), more) if part)
        self._desk.tell(Notice(sentence, action="previous-study", second=second))
