"""The report: the reader's own words, what will be written with them, and the signature."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QAction

from viewer import theme
from viewer.language.spoken import spoken
from viewer.panels.buttons import DONE, SOFT, Button
from viewer.panels.coverage import CoverageRow
from viewer.panels.name_hint import name_hint
from viewer.panels.page import Card, Page
from viewer.panels.parts import Field, column, row, words
from viewer.panels.writing import Writing
from viewer.reading.reading import Reading
from viewer.reading.report.text import report_text
from viewer.reading.signature import NOBODY, only_reopened

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

UNBROKEN = 10_000
"""Columns: the page breaks the lines itself."""


class ReportPage(Page):
    """Two fields that keep themselves, and below them the report as it will be written."""

    copied = Signal(str)
    done = Signal()  # a field was left: the focus goes back to where the keys work
    reason: Field

    def __init__(self, desk: Desk, actions: dict[str, QAction], keys: dict[str, str]) -> None:
        self._state = words("", "captionSecondary")
        super().__init__(QCoreApplication.translate("ReportPage", "Report"), self._state)
        self._desk, self._reading = desk, ""
        self.findings, self.impression = Writing(7), Writing(4)
        self.preview = words("", "caption", wrap=True)
        self.preview.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.preview.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inset = theme.size("space.m")
        self.set_body(
            words(self.tr("Findings"), "bodyStrong"),
            self.findings,
            words(self.tr("Impression"), "bodyStrong"),
            self.impression,
            words(self.tr("As it will be written"), "bodyStrong"),
            Card(column(self.preview, inset=(inset,) * 4)),
        )
        self.reason = Field()
        self.reason.setPlaceholderText(self.tr("Why it was amended, if it needs saying"))
        self.reason.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.reason.kept.connect(lambda _text: self._sign(actions))
        self.reason.left.connect(self.done)
        self.reasons: dict[str, str] = {}  # by reading: one half typed never goes to another study
        self.reason.textEdited.connect(self._reason_typed)
        self.organisation = Field()
        self.organisation.setPlaceholderText(self.tr("Organisation, for a report verified by name"))
        self.organisation.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.organisation.setText(desk.out.organisation)
        self.organisation.kept.connect(self.done)
        self.organisation.left.connect(self.done)
        self.organisation.editingFinished.connect(self._keep_organisation)
        self.organisation.textEdited.connect(self._say_who)
        self._whose = desk.reader
        self._signs_as = words("", "caption", wrap=True)
        self.copy = Button(self.tr("Copy report"))  # no icon: the narrow panel has no room
        self.copy.clicked.connect(lambda: self.copied.emit(self.text()))
        self._sign_text = actions["sign"].text()
        self.sign = Button(self._sign_text, icon="done", key=keys["sign"])
        self.sign.clicked.connect(actions["sign"].trigger)
        buttons = row(gap=theme.size("space.s"))
        buttons.addWidget(self.copy)
        buttons.addWidget(self.sign, 1)
        self.coverage = CoverageRow(actions, keys, leaving=True)
        self.set_foot(self.coverage, self.reason, self.organisation, self._signs_as, buttons)
        self.findings.setAccessibleName(self.tr("Findings"))
        self.impression.setAccessibleName(self.tr("Impression"))
        for field in (self.findings, self.impression):
            field.typed.connect(self._typed)
            field.kept.connect(self._keep)
            field.left.connect(self.done)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._draw_if_seen)
        desk.reading_changed.connect(self._changed)
        desk.out.settling.connect(self._settle)

    def shown(self) -> None:
        self._changed(self._desk.reading)
        self._draw()

    def text(self) -> str:
        """The report as plain text; nothing while no study is open."""
        content = self._desk.out.content()
        return report_text(content, language=spoken().code) if content is not None else ""

    def _changed(self, reading: Reading | None) -> None:
        """Words of another reading, or another window's, take the place of what stands here."""
        self._show_whose()
        told = reading.id if reading is not None else ""
        fields = self.findings, self.impression
        open_field = any(field.hasFocus() or field.waits for field in fields)
        if told != self._reading or not open_field:
            self._reading = told
            self.reason.setText(self.reasons.get(told, ""))
            findings, impression = self._desk.out.words
            self.findings.show_text(findings)
            self.impression.show_text(impression)
        for field in (self.findings, self.impression):
            field.setEnabled(reading is not None)
        if self.isVisible():
            self._soon.start()

    def _reason_typed(self, text: str) -> None:
        self.reasons[self._reading] = text

    def _typed(self) -> None:
        self._desk.out.typed(self.findings.text, self.impression.text)

    def _keep(self) -> None:
        self._desk.out.write(self.findings.text, self.impression.text)

    def _keep_organisation(self) -> None:
        if self._whose == self._desk.reader:
            self._desk.out.organisation = self.organisation.text()
        self._say_who()

    def _show_whose(self) -> None:
        """Another reader's organisation takes the place of what the one before typed."""
        if self._whose != self._desk.reader:
            self._whose = self._desk.reader
            self.organisation.setText(self._desk.out.organisation)

    def _say_who(self, *_: object) -> None:
        """Under which name a signature goes out: it is told before it is given, also as typed."""
        name, where = self._desk.reader, self.organisation.text().strip()
        if name == NOBODY:
            text = self.tr("Signed without a name: click the reader in the status bar to give one.")
        elif not where:
            text = self.tr("{0} is named in what is exported only with an organisation.")
        else:
            text = self.tr("The exported measurements name {0}, {1}, as who verified them.")
        how = name_hint(name) if where else ""
        self._signs_as.setText(" ".join(part for part in (text.format(name, where), how) if part))

    def _settle(self) -> None:
        self._keep_organisation()
        self.findings.keep_now()
        self.impression.keep_now()

    def _sign(self, actions: dict[str, QAction]) -> None:
        actions["sign"].trigger()
        self.done.emit()

    def _show_sign(self, reading: Reading | None) -> None:
        """What the button does now; signed, it waits for something that a signature can change."""
        signed = reading is not None and reading.signed
        amends = reading is not None and reading.signed_row > 0
        self.sign.set_kind(DONE if signed else SOFT)
        self.sign.setEnabled(not signed)
        stands = self.tr("Amended") if reading and reading.amended else self.tr("Signed")
        again = self.tr("Sign again") if amends else self._sign_text
        self.sign.setText(stands if signed else again)
        why = self.tr("Signed as it stands. Once something changes, it can be signed again.")
        self.sign.setToolTip(why if signed else "")

    def _draw_if_seen(self) -> None:
        if self.isVisible():
            self._draw()

    def _draw(self) -> None:
        reading = self._desk.reading
        self._say_who()
        content = self._desk.out.content()
        shown = report_text(content, language=spoken().code, width=UNBROKEN) if content else ""
        self.preview.setText(shown)
        amends = reading is not None and reading.signed_row > 0 and not reading.signed
        self.reason.setVisible(amends)
        if not amends:
            self.reasons.pop(self._reading, None)
            self.reason.clear()
        signed = reading is not None and reading.signed
        self._show_sign(reading)
        if reading is None or not reading.signed_row:
            self._state.setText(self.tr("not signed") if reading is not None else "")
            return
        when = datetime.fromisoformat(reading.signed_at).astimezone()
        text = self.tr("signed {0}") if signed else self.tr("signed {0}, changed since")
        if only_reopened(reading):
            text = self.tr("signed {0}, opened again")
        self._state.setText(text.format(f"{when:%H:%M}"))
