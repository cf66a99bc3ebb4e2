"""What stands in the place of the second series until there is one: which it shall be."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.dicom.series import Series
from viewer.language.counted import counted
from viewer.language.signs import tidy
from viewer.panels.buttons import Button
from viewer.panels.parts import IconMark, column, ground, row, words
from viewer.reading.same_patient import OtherStudy
from viewer.views.pane_text import date_text

MOST = 8


def tr(text: str) -> str:
    return QCoreApplication.translate("Chooser", text)


def series_words(series: Series) -> str:
    """'Se 4 · Soft 5 mm · SOFT · 66 images'."""
    number = tr("Se {0}").format(series.number)
    thick = "" if series.thickness_mm is None else f"{tidy(series.thickness_mm)} mm"
    images = counted(len(series.sources), tr("1 image"), tr("{0} images"))
    parts = (number, series.description or thick, series.kernel, images)
    return " · ".join(part for part in parts if part)


def study_words(study: OtherStudy) -> str:
    """'2025-01-01 · Chest CT · 400 days earlier'."""
    days = study.days
    if days is None:
        age = tr("date unknown")
    elif days == 0:
        age = tr("same day")
    else:
        pattern = tr("{0} days earlier") if days > 0 else tr("{0} days later")
        if abs(days) == 1:
            pattern = tr("{0} day earlier") if days > 0 else tr("{0} day later")
        age = pattern.format(abs(days))
    parts = (date_text(study.study_date), study.description, age)
    return " · ".join(part for part in parts if part)


class Chooser(QWidget):
    """The patient's other studies and the other series of this one, each a button."""

    chosen = Signal(object)  # Series
    study_chosen = Signal(object)  # OtherStudy

    def __init__(self) -> None:
        super().__init__()
        ground(self, "window")
        self._head = words("", "bodyStrong", wrap=True)
        self._text = words("", "secondary", wrap=True)
        for label in (self._head, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._series: tuple[str, ...] | None = None
        self.buttons: list[Button] = []
        self._list = column(gap=theme.size("space.s"))
        inset, space = theme.size("space.xl"), theme.size("space.m")
        self.setLayout(
            column(
                None,
                row(None, IconMark("layout", "text.tertiary", "iconEmpty"), None),
                space,
                self._head,
                4,
                self._text,
                space,
                row(None, self._list, None),
                None,
                inset=(inset, 0, inset, 0),
            )
        )

    def offer(self, others: Sequence[Series], studies: Sequence[OtherStudy] = ()) -> None:
        """What can be chosen: studies first, as they come, then series."""
        keys = (*(study.study_uid for study in studies), *(series.key for series in others))
        if keys == self._series:
            return
        self._series = keys
        for old in self.buttons:
            self._list.removeWidget(old)
            old.deleteLater()
        self.buttons = []
        for study in studies[:MOST]:
            button = Button(study_words(study))
            button.clicked.connect(lambda _=False, study=study: self.study_chosen.emit(study))
            self._list.addWidget(button)
            self.buttons.append(button)
        for series in others[: max(0, MOST - len(studies))]:
            button = Button(series_words(series))
            button.clicked.connect(lambda _=False, series=series: self.chosen.emit(series))
            self._list.addWidget(button)
            self.buttons.append(button)
        if studies:
            self._head.setText(tr("Which scan shall stand here?"))
            self._text.setText(tr("Choose one, or drag it here from the list of studies."))
        elif others:
            self._head.setText(tr("Which series shall stand here?"))
            self._text.setText(tr("Choose one, or drag it here from the list of studies."))
        else:
            self._head.setText(tr("This study has no other series to compare."))
            self._text.setText(tr("Open a folder that holds an earlier study as well."))
