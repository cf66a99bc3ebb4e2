"""The export passport: one card for each object that went out, and what was proven of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.keymaps import cap
from viewer.language.counted import counted
from viewer.panels.buttons import Button
from viewer.panels.coverage import CoverageRow
from viewer.panels.page import Card, Glyph, Page
from viewer.panels.parts import IconMark, column, row, words
from viewer.panels.passport_words import (
    PICTURE,
    REPORT,
    ROLES,
    name_of,
    parts_of,
    read_words,
    short_hash,
    signed_words,
    size_text,
    summary,
    title_of,
    told_of,
    tr,
    went_out,
)
from viewer.reading.out.passport import Check, Passport, PassportObject
from viewer.reading.signature import SIGNED

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

GOOD, BAD, UNSEEN = (
    ("done", "notice.good"),
    ("refused", "notice.refused"),
    ("info", "text.tertiary"),
)


class PassportPage(Page):
    """Drawn from the passport that the desk keeps of the last export."""

    copied = Signal(str)

    def __init__(self, desk: Desk, actions: dict[str, QAction], keys: dict[str, str]) -> None:
        self._verdict = words("", "captionSecondary")
        self._mark = IconMark(*GOOD)
        note = QWidget()
        note.setLayout(row(self._mark, self._verdict, gap=theme.size("space.xs")))
        super().__init__(QCoreApplication.translate("Passport", "Export passport"), note)
        self._desk = desk
        self._note = note
        self._small = words("", "caption", wrap=True)
        self.folder = Button(self.tr("Show in folder"), icon="open")
        self.folder.clicked.connect(actions["open-export-folder"].trigger)
        self.copy = Button(self.tr("Copy summary"), icon="copy")
        self.copy.clicked.connect(self._copy)
        buttons = row(gap=theme.size("space.s"))
        buttons.addWidget(self.folder, 1)
        buttons.addWidget(self.copy, 1)
        self.coverage = CoverageRow(actions, keys, leaving=True)
        self.set_foot(self.coverage, self._small, buttons)
        desk.out.passport_changed.connect(self._changed)
        desk.jobs.changed.connect(self._job_changed)

    def shown(self) -> None:
        self._draw(self._desk.out.passport)

    def _job_changed(self, _jobs: object) -> None:
        if self.isVisible() and self._desk.out.passport is None:
            self.shown()

    def _changed(self) -> None:
        if self.isVisible():
            self.shown()

    def _draw(self, passport: Passport | None) -> None:
        for part in (self._note, self.copy, self.folder):
            part.setVisible(passport is not None)
        if passport is None:
            self._small.setText("")
            text = self.tr("Nothing has gone out of this reading yet. {0} exports.").format(
                cap("export")
            )
            if self._desk.out.exports.running:
                text = self.tr("The export is being written. Its passport comes with it.")
            self.set_body(words(text, "secondary", wrap=True))
            return
        good = passport.proven
        self._mark.set_icon(*(("good", "notice.good") if good else BAD))
        self._verdict.setText(self.tr("saved and verified") if good else self.tr("not proven"))
        lead = self.tr(
            "Each object was read back by separate code and compared with what was asked for."
        )
        pictures = [one for one in passport.objects if one.role == PICTURE]
        cards = [self._card(one) for one in passport.objects if one.role != PICTURE]
        if pictures:
            cards.append(self._pictures(pictures))
        # what went out comes first: below the cards of a whole export it would be out of sight
        self.set_body(words(lead, "secondary", wrap=True), self._went_out(passport), *cards)
        policies = ", ".join(passport.policies)
        agent = self.tr("Agent: policy {0}. ").format(policies) if policies else ""
        small = self.tr(
            "Marked {0}. {1}, {2}. {3}A later change makes a new object, never a silent overwrite."
        )
        reader = passport.reader[:1].upper() + passport.reader[1:]
        if passport.reader.startswith("reader "):
            reader = self.tr("Reader {0}").format(passport.reader.removeprefix("reader "))
        self._small.setText(
            small.format(passport.qualification, reader, passport.made_at[:16].replace("T", " "),
                         agent)
        )  # fmt: skip

    def _card(self, one: PassportObject) -> Card:
        inset, gap = theme.size("space.m"), theme.size("space.s")
        icon = ROLES.get(one.role, REPORT)[0]
        head = row(column(IconMark(icon, "text.secondary"), None), gap=gap)
        head.addLayout(column(words(title_of(one), "bodyStrong"), words(parts_of(one), "caption")))
        lines = [self._check(check) for check in one.checks]
        foot = words(f"{one.file} · {short_hash(one.sha256)}", "caption", wrap=True)
        return Card(column(head, *lines, foot, inset=(inset, gap, inset, gap), gap=6))

    def _pictures(self, pictures: list[PassportObject]) -> Card:
        """All of them on one card: what is proven of each is that its bytes are there."""
        inset, gap = theme.size("space.m"), theme.size("space.s")
        good = sum(one.proven for one in pictures)
        size = size_text(sum(one.size_bytes for one in pictures))
        head = row(column(IconMark(ROLES[PICTURE][0], "text.secondary"), None), gap=gap)
        files = counted(len(pictures), tr("1 file"), tr("{0} files"))
        title = f"{self.tr('Pictures')} · {pictures[0].kind}"
        head.addLayout(column(words(title, "bodyStrong"), words(f"{files} · {size}", "caption")))
        told = self.tr("{0} of {1} as written").format(good, len(pictures))
        line = self._line(GOOD if good == len(pictures) else BAD, tr("Read back"), words(told))
        place = pictures[0].file.rpartition("/")[0]
        foot = words(place, "caption", wrap=True)
        return Card(column(head, line, foot, inset=(inset, gap, inset, gap), gap=6))

    def _check(self, check: Check) -> QWidget:
        icon = UNSEEN if check.good is None else (GOOD if check.good else BAD)
        told = words(told_of(check))
        if check.good is None:
            told.setProperty("role", "secondary")
        return self._line(icon, name_of(check), told)

    def _line(self, icon: tuple[str, str], name: str, told: QWidget) -> QWidget:
        made = QWidget()
        parts = IconMark(*icon), words(name, "secondary"), None, told
        made.setLayout(row(*parts, gap=theme.size("space.s")))
        return made

    def _went_out(self, passport: Passport) -> Card:
        inset, gap = theme.size("space.m"), theme.size("space.s")
        judged, whole = passport.judged
        head = row(
            words(self.tr("What went out"), "bodyStrong"), None,
            words(self.tr("{0} of {1} candidates judged").format(judged, whole), "caption"),
        )  # fmt: skip
        lines = []
        for word, state, count, where in went_out(passport):
            number = words(f"{count}", "bodyStrong")
            number.setMinimumWidth(theme.size("space.xl"))
            number.setAlignment(Qt.AlignmentFlag.AlignRight)
            lines.append(row(Glyph(state), gap, words(word), None, words(where, "caption"), number))
        icon = "done" if passport.signed == SIGNED else "info"
        told = words(signed_words(passport), wrap=True)
        told.setAlignment(Qt.AlignmentFlag.AlignRight)
        sign = row(
            column(IconMark(icon, "text.secondary"), None),
            column(words(self.tr("Signature"), "secondary"), None), gap=gap,
        )  # fmt: skip
        sign.addWidget(told, 1)
        read = [words(sentence, "caption", wrap=True) for sentence in read_words(passport)]
        return Card(column(head, *lines, sign, *read, inset=(inset, gap, inset, gap), gap=6))

    def _copy(self) -> None:
        if self._desk.out.passport is not None:
            self.copied.emit(summary(self._desk.out.passport))
