"""What stands in the place of the second series until there is one: which it shall be."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.dicom.series import Series
from viewer.panels.buttons import Button
from viewer.panels.parts import IconMark, column, ground, row, words

MOST = 8


def tr(text: str) -> str:
    return QCoreApplication.translate("Chooser", text)


def series_words(series: Series) -> str:
    """'Se 4 · Soft 5 mm · SOFT · 66 images'."""
    number = tr("Se {0}").format(series.number)
    thick = "" if series.thickness_mm is None else f"{series.thickness_mm:g} mm"
    images = tr("{0} images").format(len(series.sources))
    parts = (number, series.description or thick, series.kernel, images)
    return " · ".join(part for part in parts if part)


class Chooser(QWidget):
    """The other series of the study, each a button."""

    chosen = Signal(object)  # Series

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

    def offer(self, others: Sequence[Series]) -> None:
        """The series that can be chosen."""
        keys = tuple(series.key for series in others)
        if keys == self._series:
            return
        self._series = keys
        for old in self.buttons:
            self._list.removeWidget(old)
            old.deleteLater()
        self.buttons = []
        for series in others[:MOST]:
            button = Button(series_words(series))
            button.clicked.connect(lambda _=False, series=series: self.chosen.emit(series))
            self._list.addWidget(button)
            self.buttons.append(button)
        if others:
            self._head.setText(tr("Which series shall stand here?"))
            self._text.setText(tr("Choose one, or drag it here from the list of studies."))
        else:
            self._head.setText(tr("This study has no other series to compare."))
            self._text.setText(tr("Open a folder that holds an earlier study as well."))
