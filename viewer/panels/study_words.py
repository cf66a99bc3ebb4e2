"""The words of the browser: what a study is found by, its line, what is told at rest."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from viewer.dicom.names import name_matches, name_parts, search_key
from viewer.dicom.series import Series
from viewer.language.spoken import say
from viewer.open_scan import odd_about
from viewer.reading.library import KnownSeries
from viewer.reading.worklist import DONE, IN_WORK, UNREAD
from viewer.views.pane_text import date_text


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


def study_line(date: str, description: str) -> str:
    return " · ".join(part for part in (date_text(date), description) if part)


def study_tip(name: str, number: str, caption: str) -> str:
    """Every writing of the name, the number, and the caption in full length."""
    who = " · ".join(dict.fromkeys(part for part in (*name_parts(name), number) if part))
    return "\n".join(part for part in (who, caption) if part)


def series_tip(series: Series) -> str:
    """Number and description of a series, and what is odd about it."""
    number = tr("Series {0}").format(series.number)
    first = " · ".join(part for part in (number, series.description) if part)
    return "\n".join([first, *map(say, odd_about(series))])


def trouble_of(series: Series) -> str:
    if series.refusal or series.ai_refusal:
        return "refused"
    return "warn" if series.warnings else ""
