"""Who reads: a name given late keeps what was done without one; each other reader reads apart.

And what is said of a reading that is left, and of one that goes on.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ai.errors import HilumError
from viewer.keymaps import cap
from viewer.language.spoken import clause
from viewer.notices import INFO, Notice
from viewer.panels.study_words import study_told
from viewer.reading.library import reader_key, series_key
from viewer.reading.reader_events import ReaderNamed
from viewer.reading.signature import NOBODY
from viewer.reading.store import Store
from viewer.reading.worklist import IN_WORK, state_of

if TYPE_CHECKING:
    from viewer.desk.desk import Desk
    from viewer.dicom.series import Series


def tr(text: str) -> str:
    return QCoreApplication.translate("Desk", text)


def sit_down(desk: Desk, store: Store, name: str) -> None:
    """The named one reads from here on; an open reading of nobody becomes theirs."""
    was = desk.reader
    if not name or name == was:
        return
    begun = desk.reading is not None and bool(desk.reading.history)
    if begun and was == NOBODY and _take_along(desk, store, name):
        return
    forgotten = ""
    if begun or was != NOBODY:  # else it is one person, who says late who reads
        desk.laying.leave()
        if desk.waiting.forget():
            forgotten = tr("What {0} asked for before the study was there is not done.").format(was)
    stopped, again = _stopped_words(desk, was)
    desk.change_reader(name)
    if begun:
        text = tr("{0} reads on their own. The reading of {1} is kept under that name.")
        remedy = " ".join(part for part in (stopped, again, forgotten) if part)
        desk.tell(Notice(text.format(name, was), remedy, INFO))
    elif stopped:
        desk.tell(Notice(stopped, again, INFO))
    elif forgotten:
        desk.tell(Notice(forgotten, "", INFO))


def _stopped_words(desk: Desk, was: str) -> tuple[str, str]:
    """What the AI does now and will not go on with, and how to begin it again; or nothing."""
    key = _runs(desk)
    text = {
        "find-nodules": tr("The search for nodules was stopped with the reading of {0}."),
        "segment-lungs": tr("Segmenting the lungs was stopped with the reading of {0}."),
    }.get(key)
    if text is None:
        return "", ""
    return text.format(was), tr("{0} begins it again, in each reading.").format(cap(key))


def left_words(desk: Desk, coming: Series) -> tuple[str, str]:
    """The same where another series comes, in one text, and the action that leads back to it:
    asked before the open one is left, once what is typed lies in its reading.

    The study is named here where nothing else names it: a reading in work is said to be kept.
    """
    key, scan = _runs(desk), desk.scan
    if scan is None or not key:
        return "", ""
    again = tr("{0} begins it again there.").format(cap(key))
    if coming.study_uid == scan.series.study_uid:
        text = {
            "find-nodules": tr("The search for nodules was stopped with the series that was left."),
            "segment-lungs": tr("Segmenting the lungs was stopped with the series that was left."),
        }[key]
        return f"{text} {again}", ""
    if state_of(desk.reading) == IN_WORK:
        text = {
            "find-nodules": tr("The search for nodules was stopped."),
            "segment-lungs": tr("Segmenting the lungs was stopped."),
        }[key]
        return f"{text} {again}", ""
    text = {
        "find-nodules": tr("The search for nodules in {0}, was stopped."),
        "segment-lungs": tr("Segmenting the lungs of {0}, was stopped."),
    }[key]
    told = study_told(scan.series, hidden=desk.names_hidden)
    return f"{text.format(clause(told.title, told.day))} {again}", "previous-study"


def restored_words(at: str) -> str:
    """That a reading goes on; nothing where it begins. at: its last click, ISO 8601."""
    if not at:
        return ""
    moment = datetime.fromisoformat(at).astimezone()
    return tr("Reading restored to your last click, {0}.").format(f"{moment:%H:%M}")


def _runs(desk: Desk) -> str:
    """The action whose work the AI does now, or nothing."""
    if desk.nodules_wait or desk.jobs.running("nodules"):
        return "find-nodules"
    return "segment-lungs" if desk.jobs.running("lungs") else ""


def _take_along(desk: Desk, store: Store, name: str) -> bool:
    """False where the named reader has a reading of this series already, or the log refuses."""
    if desk.scan is None:
        return False
    desk.out.settle()  # what was typed lies under the old name until the log has it
    try:
        theirs = store.newest_of_series(series_key(desk.scan.series.key), reader_key(name))
    except HilumError:
        return False
    if theirs is not None or not desk.record(ReaderNamed(reader_key(name))):
        return False
    where = desk.out.organisation
    desk.library.set_setting("reader", name)
    if where and not desk.out.organisation:  # said by the same person, in this very reading
        desk.out.organisation = where
    desk.reading_changed.emit(desk.reading)
    return True
