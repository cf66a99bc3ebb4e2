"""The export passport: one card for each object that went out, and what was proven of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.keymaps import cap
from viewer.language.counted import counted
from viewer.panels.buttons import Button
from viewer.panels.coverage import CoverageRow
from viewer.panels.figures import state_word
from viewer.panels.page import Card, Glyph, Page
from viewer.panels.parts import IconMark, column, row, words
from viewer.reading.passport import Check, Passport, PassportObject
from viewer.reading.signature import NEVER, SIGNED

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

GOOD, BAD, UNSEEN = (
    ("done", "notice.good"),
    ("refused", "notice.refused"),
    ("info", "text.tertiary"),
)
MB, KB = 1_000_000, 1_000
PICTURE = "picture"
ROLES: dict[str, tuple[str, str]] = {
    "lungs": ("lungs", str(QT_TRANSLATE_NOOP("Passport", "Lungs"))),
    "nodules": ("nodules", str(QT_TRANSLATE_NOOP("Passport", "Findings"))),
    "sr": ("distance", str(QT_TRANSLATE_NOOP("Passport", "Measurements"))),
    "ko": ("key-image", str(QT_TRANSLATE_NOOP("Passport", "Key images"))),
    "figures": ("table", str(QT_TRANSLATE_NOOP("Passport", "Figures"))),
    "findings": ("table", str(QT_TRANSLATE_NOOP("Passport", "Findings"))),
    "picture": ("window", str(QT_TRANSLATE_NOOP("Passport", "Picture"))),
}
REPORT = ("text", str(QT_TRANSLATE_NOOP("Passport", "Report")))
CHECKS = {
    "Voxels re-read": str(QT_TRANSLATE_NOOP("Passport", "Voxels re-read")),
    "Overlap": str(QT_TRANSLATE_NOOP("Passport", "Overlap")),
    "Place in space": str(QT_TRANSLATE_NOOP("Passport", "Place in space")),
    "Figures re-read": str(QT_TRANSLATE_NOOP("Passport", "Figures re-read")),
    "Study": str(QT_TRANSLATE_NOOP("Passport", "Study")),
    "Frame of reference": str(QT_TRANSLATE_NOOP("Passport", "Frame of reference")),
    "Images named": str(QT_TRANSLATE_NOOP("Passport", "Images named")),
    "Verified": str(QT_TRANSLATE_NOOP("Passport", "Verified")),
    "Read back": str(QT_TRANSLATE_NOOP("Passport", "Read back")),
}
TOLD = {
    "the same": str(QT_TRANSLATE_NOOP("Passport", "the same")),
    "another one": str(QT_TRANSLATE_NOOP("Passport", "another one")),
    "as written": str(QT_TRANSLATE_NOOP("Passport", "as written")),
    "not as written": str(QT_TRANSLATE_NOOP("Passport", "not as written")),
    "by name, as signed": str(QT_TRANSLATE_NOOP("Passport", "by name, as signed")),
    "by nobody": str(QT_TRANSLATE_NOOP("Passport", "by nobody")),
    "not on this machine": str(QT_TRANSLATE_NOOP("Passport", "not on this machine")),
    "no answer": str(QT_TRANSLATE_NOOP("Passport", "no answer")),
    "{0:,} equal": str(QT_TRANSLATE_NOOP("Passport", "{0:,} equal")),
    "Dice {0}": str(QT_TRANSLATE_NOOP("Passport", "Dice {0}")),
    "Dice {0:.4f}": str(QT_TRANSLATE_NOOP("Passport", "Dice {0:.4f}")),
    "Dice {0:.4f}, lowest of {1}": str(
        QT_TRANSLATE_NOOP("Passport", "Dice {0:.4f}, lowest of {1}")
    ),
    "{0} of {1} positions": str(QT_TRANSLATE_NOOP("Passport", "{0} of {1} positions")),
    "{0} of {1} figures": str(QT_TRANSLATE_NOOP("Passport", "{0} of {1} figures")),
    "{0} of {1} images": str(QT_TRANSLATE_NOOP("Passport", "{0} of {1} images")),
    "{0} error, {1} warning": str(QT_TRANSLATE_NOOP("Passport", "{0} error, {1} warning")),
    "{0} error, {1} warnings": str(QT_TRANSLATE_NOOP("Passport", "{0} error, {1} warnings")),
    "{0} errors, {1} warning": str(QT_TRANSLATE_NOOP("Passport", "{0} errors, {1} warning")),
    "{0} errors, {1} warnings": str(QT_TRANSLATE_NOOP("Passport", "{0} errors, {1} warnings")),
}
"""What checks say, in the passport's own words."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Passport", text)


def title_of(one: PassportObject) -> str:
    """'Lungs · DICOM-SEG'."""
    return f"{tr(ROLES.get(one.role, REPORT)[1])} · {one.kind}"


def parts_of(one: PassportObject) -> str:
    """'2 segments · 266 frames · 8.7 MB'."""
    counted = (
        (one.segments, tr("segments")),
        (one.frames, tr("frames")),
        (one.groups, tr("measurement groups")),
        (one.rows, tr("rows")),
    )
    return " · ".join([*(f"{n} {what}" for n, what in counted if n), size_text(one.size_bytes)])


def size_text(size_bytes: int) -> str:
    if size_bytes >= MB / 10:
        return f"{size_bytes / MB:.1f} MB"
    return f"{size_bytes / KB:.1f} kB"


def short_hash(sha256: str) -> str:
    """'SHA-256 4f1c09d2 … a7e0'."""
    return f"SHA-256 {sha256[:8]} … {sha256[-4:]}"


def summary(passport: Passport) -> str:
    """The passport as plain lines, to be pasted. It names no patient."""
    lines = [f"{tr('Export passport')}, {passport.made_at}, {passport.made_by}", ""]
    for one in passport.objects:
        lines.append(f"{title_of(one)}: {one.file}, {parts_of(one)}")
        lines += [f"  {name_of(check)}: {told_of(check)}" for check in one.checks]
        lines.append(f"  SHA-256 {one.sha256}")
    lines.append("")
    lines += [f"{word}: {count}, {where}" for word, _, count, where in went_out(passport)]
    lines.append(f"{tr('Signature')}: {signed_words(passport)}")
    return "\n".join(lines)


def told_of(check: Check) -> str:
    """What a check says, in the reader's language."""
    return tr(TOLD.get(check.words, check.words)).format(*check.values)


def name_of(check: Check) -> str:
    return tr(CHECKS.get(check.name, check.name))


def went_out(passport: Passport) -> list[tuple[str, str, int, str]]:
    """For each word of a state: the word, the state of its glyph, how many, and where they are."""
    made: dict[str, tuple[str, int, str]] = {}
    for told in passport.went_out:
        word = state_word(told.state)
        word = word[:1].upper() + word[1:]
        where = tr("in the file") if told.in_file else tr("left out")
        state, count = made.get(word, (told.state, 0, ""))[:2]
        made[word] = state, count + told.count, where
    return [(word, state, count, where) for word, (state, count, where) in made.items()]


def signed_words(passport: Passport) -> str:
    """'signed 2026-03-04 14:02, amended 2 times'."""
    if passport.signed == NEVER:
        return tr("not signed")
    when = f"{datetime.fromisoformat(passport.signed_at).astimezone():%Y-%m-%d %H:%M}"
    text = tr("signed {0}") if passport.signed == SIGNED else tr("changed since signed {0}")
    told = text.format(when)
    if passport.amended == 1:
        return told + tr(", amended once")
    return told + (tr(", amended {0} times").format(passport.amended) if passport.amended else "")


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
            if self._desk.jobs.running("export") is not None:
                text = self.tr("The export is being written. Its passport comes with it.")
            self.set_body(words(text, "secondary", wrap=True))
            return
        good = passport.proven
        self._mark.set_icon(*(GOOD if good else BAD))
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
            words(self.tr("{0} of {1} marks judged").format(judged, whole), "caption"),
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
        return Card(column(head, *lines, sign, inset=(inset, gap, inset, gap), gap=6))

    def _copy(self) -> None:
        if self._desk.out.passport is not None:
            self.copied.emit(summary(self._desk.out.passport))
