"""The words of the browser: what a study is found by, its line, what is told at rest."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from viewer.dicom.names import name_matches, name_parts, search_key, shown_name
from viewer.dicom.series import Series
from viewer.language.spoken import say
from viewer.open_scan import odd_about
from viewer.panels.study_cuts import Told
from viewer.reading.library import KnownSeries
from viewer.reading.worklist import DONE, IN_WORK, UNREAD
from viewer.views.pane_text import date_text, time_text


def state_word(state: str) -> str:
    words = {UNREAD: tr("unread"), IN_WORK: tr("in work"), DONE: tr("done")}
    return words[state]


def tr(text: str) -> str:
    return QCoreApplication.translate("Studies", text)


def told_of(series: KnownSeries) -> tuple[str, str, str, str]:
    """What a study is found by: name, number, date, description."""
    return series.patient, series.patient_id, series.study_date, series.description


def matches(wanted: str, name: str, number: str, date: str, description: str) -> bool:
    """Whether a study is what a reader types: either half of a name, a number, a date, words."""
    key = search_key(wanted)
    if not key:
        return True
    return name_matches(name, wanted) or any(
        key in search_key(text) for text in (number, date, description)
    )


def study_told(series: Series | KnownSeries, *, hidden: bool = False, rank: int = 0) -> Told:
    """What a head tells of a study; hidden: neither name nor number of its patient."""
    day, time = date_text(series.study_date), time_text(series.study_time)
    if isinstance(series, Series):
        name, number = series.patient.name, series.patient.id
        text = series.study_description
    else:
        name, number, text = series.patient, series.patient_id, series.description
    if hidden:
        return Told(tr("Name hidden"), "", day, time, text, rank)
    title = shown_name(name) or number or tr("No name")
    return Told(title, "" if title == number else number, day, time, text, rank)


def study_line(told: Told) -> str:
    """Number, day and words in full length."""
    return " · ".join(part for part in (told.number, told.day, told.words) if part)


def study_tip(told: Told, name: str, number: str) -> str:
    """Every writing of the name, the number; below it day, time and words in full length."""
    who = " · ".join(dict.fromkeys(part for part in (*name_parts(name), number) if part))
    stamp = " ".join(part for part in (told.day, told.time) if part)
    below = " · ".join(part for part in (stamp, told.words) if part)
    return "\n".join(part for part in (who, below) if part)


def series_tip(series: Series) -> str:
    """Number and description of a series, and what is odd about it."""
    number = tr("Series {0}").format(series.number)
    first = " · ".join(part for part in (number, series.description) if part)
    return "\n".join([first, *map(say, odd_about(series))])


def trouble_of(series: Series) -> str:
    if series.refusal or series.ai_refusal:
        return "refused"
    return "warn" if series.warnings else ""
