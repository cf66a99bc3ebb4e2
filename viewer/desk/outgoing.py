"""What the reader says of the reading as a whole: own words, signature, and what went out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from ai.errors import HilumError
from viewer.coverage.rules import GOAL, percent
from viewer.desk.drafting import Drafting
from viewer.desk.exports import Exports
from viewer.language.counted import counted
from viewer.notices import BANNER, GOOD, WARN, Notice, of_error
from viewer.reading.events import OPEN_STATES
from viewer.reading.library import reader_key
from viewer.reading.out.passport import Passport, passport_of
from viewer.reading.reader_events import Amended, Reopened, ReportWritten, Signed
from viewer.reading.reading import Reading
from viewer.reading.report.content import ReportContent, report_content
from viewer.reading.signature import NOT_SIGNED, Signature, signature_of, signature_words

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("Outgoing", text)


class Outgoing(QObject):
    """Of one desk. A passport is kept as it came, or read again from the file that went out."""

    passport_changed = Signal()
    settling = Signal()  # what is being typed is to be kept now

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._drafting = Drafting(desk)
        self._passport: Passport | None = None
        self.exports = Exports(desk)
        self._told: Callable[[Exports], Notice] | None = None

    @property
    def passport(self) -> Passport | None:
        """Of the last export of the open reading; None where nothing went out."""
        reading = self._desk.reading
        if reading is None:
            return None
        if self._passport is None or self._passport.reading != reading.id:
            self._passport = last_passport(self._desk.library.exports_of(reading.id))
        return self._passport

    @property
    def folder(self) -> Path | None:
        """Where the last export of the open reading lies."""
        reading = self._desk.reading
        files = self._desk.library.exports_of(reading.id) if reading is not None else ()
        return Path(files[-1]).parent if files else None

    @property
    def words(self) -> tuple[str, str]:
        """Findings and impression as the reader wrote them."""
        reading = self._desk.reading
        if reading is None:
            return "", ""
        library, written = self._desk.library, reading.report
        return library.words_of(written.findings), library.words_of(written.impression)

    def content(self) -> ReportContent | None:
        """All that the report of the open reading says, as it stands."""
        scan, reading = self._desk.scan, self._desk.reading
        if scan is None or reading is None:
            return None
        findings, impression = self.words
        who = self.signature
        named = bool(who.name and who.organisation)  # only where the reader asked for it
        told = (who.name, who.organisation) if named else ("", "")
        words_of = self._desk.library.words_of
        signed = signature_words(reading, words_of, reader=told[0], organisation=told[1])
        remarks = [*scan.series.warnings, *signed]
        return report_content(
            scan.series,
            reading,
            remarks=remarks,
            findings_text=findings,
            impression=impression,
            words_of=self._desk.library.words_of,
            others=self._desk.measuring.others(),
        )

    @property
    def signature(self) -> Signature:
        """Of the open reading; with name and organisation where the reader gave both to be told."""
        reading = self._desk.reading
        if reading is None:
            return NOT_SIGNED
        return signature_of(reading, name=self._desk.reader, organisation=self.organisation)

    @property
    def organisation(self) -> str:
        """Where the reader signs, to be told with the name; empty where neither is to be told.

        Each reader's own: who sits down next did not say that they work there.
        """
        return self._desk.library.setting(_organisation_of(self._desk.reader))

    @organisation.setter
    def organisation(self, name: str) -> None:
        if name.strip() != self.organisation:
            try:
                key = _organisation_of(self._desk.reader)
                self._desk.library.set_setting(key, name.strip())
            except HilumError as error:
                self._desk.tell(of_error(error))

    def settle(self) -> None:
        """Before the reading is left, signed or exported."""
        self.settling.emit()

    def typed(self, findings: str, impression: str) -> None:
        """Words that may still change: a kill loses them no more."""
        self._drafting.typed(findings, impression)

    def write(self, findings: str, impression: str) -> None:
        """Keeps the reader's words: the text in the library, its key in the log."""
        desk = self._desk
        if desk.reading is None:
            return
        keep = desk.library.keep_words
        try:
            same = (findings, impression) == self.words
            if same or desk.record(ReportWritten(keep(findings), keep(impression))):
                self._drafting.kept()
        except HilumError as error:
            desk.tell(of_error(error))

    def take_up(self) -> None:
        """A reading is gone on with: what was typed when its window was killed is in it."""
        typed = self._drafting.left()
        if typed is not None:
            self.write(typed.findings, typed.impression)

    def sign(self, reason: str = "") -> None:
        """The reading is done; signed again after a change it is amended, for a reason if told."""
        self.settle()
        desk, reading = self._desk, self._desk.reading
        assert reading is not None
        if reading.signed:
            text = tr("It is signed already, {0}. A change makes an amendment.")
            desk.tell(Notice(text.format(_hour(reading.signed_at)), action="reopen"))
            return
        again = reading.signed_row > 0
        if not desk.record(Amended(desk.library.keep_words(reason)) if again else Signed()):
            return
        text = tr("Signed as an amendment.") if again else tr("Signed.")
        waiting = len(reading.in_state(*OPEN_STATES))
        if waiting:
            text += " " + counted(
                waiting, tr("1 mark is undecided."), tr("{0} marks are undecided.")
            )
        unseen = unseen_words(desk.reading)
        offer = "unseen" if unseen else ""
        desk.tell(Notice(f"{text} {unseen}".strip(), "", GOOD, action="reopen", second=offer))

    def reopen(self) -> None:
        """A signed reading is in work again."""
        desk, reading = self._desk, self._desk.reading
        if reading is None or not reading.signed:
            desk.tell(Notice(tr("This reading is not signed.")))
        elif desk.record(Reopened()):
            text = tr("The signed reading is open again; signing it once more makes an amendment.")
            desk.tell(Notice(text))

    def tell_amending(self, reading: Reading) -> None:
        """A signed reading was changed: said once, with the way to sign it again."""
        text = tr("Signed at {0} and changed since.").format(_hour(reading.signed_at))
        desk, remedy = self._desk, tr("Sign it again: that is an amendment.")
        desk.tell(Notice(text, remedy, WARN, BANNER, action="sign"))

    def export_again(self, job: str) -> None:
        """The export that failed once more, to where it was to go; never another patient's."""
        desk, asked = self._desk, self.exports.of(job)
        if asked is None or not self.exports.is_open(job):
            text = tr("The export that stopped was of another reading.")
            desk.tell(Notice(text, tr("Open that study and export it again.")))
        else:
            desk.export(asked.folder)

    def take_over(self, other: Outgoing) -> None:
        """What went out of the reading that lay on another desk, and is told of it."""
        self._passport, self._told = other._passport, other._told
        self.exports.take_over(other.exports)

    def tell_export(self) -> None:
        """What was told of the last export, in the words of now."""
        if self._told is not None:
            self._desk.tell(self._told(self.exports))

    def exported(self, passport: Passport | None, told: Callable[[Exports], Notice]) -> None:
        """An export came to its end; its passport is None where nothing was written.

        told: makes the words that say so, by the exports that it is one of.
        """
        self._told = told
        if passport is not None:
            self._passport = passport
            self.passport_changed.emit()


def _organisation_of(reader: str) -> str:
    """The name of the setting."""
    return f"organisation {reader_key(reader)}"


def unseen_words(reading: Reading | None) -> str:
    """How much of each lung was shown, where that is not nearly all of both."""
    noted = reading.coverage if reading is not None else None
    if noted is None or min(noted.right, noted.left) < 0 or min(noted.right, noted.left) >= GOAL:
        return ""
    right, left = percent(noted.right), percent(noted.left)
    return tr("Lung shown: right {0}, left {1}.").format(right, left)


def _hour(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone():%H:%M}"


def last_passport(files: tuple[str, ...]) -> Passport | None:
    """The newest passport.json of these files that is still there and whole."""
    for name in reversed(files):
        path = Path(name)
        if path.suffix == ".json" and path.stem.split("-")[0] == "passport":
            try:
                return passport_of(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
    return None
