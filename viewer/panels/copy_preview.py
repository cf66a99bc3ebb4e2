"""A copy without names: every tag that it changes, told before a file is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QWidget

from viewer import theme
from viewer.dicom.io_messages import Change
from viewer.keymaps import cap
from viewer.language.counted import counted
from viewer.language.spoken import say
from viewer.panels.buttons import Button
from viewer.panels.page import Page
from viewer.panels.parts import column, row, words

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

ACTIONS = {
    "kept": str(QT_TRANSLATE_NOOP("CopyPage", "kept")),
    "removed": str(QT_TRANSLATE_NOOP("CopyPage", "removed")),
    "emptied": str(QT_TRANSLATE_NOOP("CopyPage", "emptied")),
    "replaced": str(QT_TRANSLATE_NOOP("CopyPage", "replaced")),
    "another UID": str(QT_TRANSLATE_NOOP("CopyPage", "another UID")),
    "cleaned inside": str(QT_TRANSLATE_NOOP("CopyPage", "cleaned inside")),
    "set": str(QT_TRANSLATE_NOOP("CopyPage", "set")),
}
"""What a copy does to an attribute, in the words of the DICOM room."""


class CopyPage(Page):
    """Drawn from what the desk was told a copy of the open series would change."""

    def __init__(self, desk: Desk, actions: dict[str, QAction]) -> None:
        self._count = words("", "captionSecondary")
        super().__init__(QCoreApplication.translate("CopyPage", "Copy without names"), self._count)
        self._desk = desk
        self.keep_dates = QCheckBox(self.tr("Dates and times stay"))
        self.keep_dates.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.keep_dates.toggled.connect(self.shown)
        note = words(
            self.tr(
                "DICOM PS3.15 Basic Profile. Pixels are copied as they are: look at the pictures"
                " for text drawn into them before you pass them on."
            ),
            "caption",
            wrap=True,
        )
        self.write = Button(actions["write-copy"].text(), icon="export")
        self.write.clicked.connect(actions["write-copy"].trigger)
        buttons = row()
        buttons.addWidget(self.write, 1)
        self.set_foot(self.keep_dates, note, buttons)
        desk.copies.previewed.connect(self._changed)

    def shown(self) -> None:
        self._desk.copies.ask_preview(keep_dates=self.keep_dates.isChecked())

    def _changed(self) -> None:
        copies, scan = self._desk.copies, self._desk.scan
        changes = copies.changes
        self.write.setVisible(scan is not None)
        self.write.setEnabled(changes is not None)  # nothing is written that was not told before
        self._count.setText("")
        if changes is not None:
            count = counted(len(changes), self.tr("1 tag"), self.tr("{0} tags"))
            self._count.setText(count)
            lead = self.tr("The copy of this series differs from it in these tags.")
            lines = [self._line(change) for change in changes]
            self.set_body(words(lead, "secondary", wrap=True), *lines)
        elif scan is None:
            self.set_body(
                words(self.tr("No study is open. {0} opens one.").format(cap("open")), "secondary")
            )
        else:
            text = say(copies.trouble) or self.tr("The headers are being looked at.")
            self.set_body(words(text, "secondary", wrap=True))

    def _line(self, change: Change) -> QWidget:
        made = QWidget()
        action = self.tr(ACTIONS.get(change.action, change.action))
        head = row(words(change.name), None, words(action, "captionSecondary"),
                   gap=theme.size("space.s"))  # fmt: skip
        small = f"{change.tag} → {change.becomes}" if change.becomes else change.tag
        made.setLayout(column(head, words(small, "caption", wrap=True)))
        return made
