"""What the export passport says, in the reader's words; also as plain lines to paste."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from viewer.language.spoken import clause, headed, listed, say
from viewer.panels.figures import state_word
from viewer.panels.labels import reason_word
from viewer.reading.out.passport import Check, Passport, PassportObject
from viewer.reading.signature import NEVER, REOPENED, SIGNED

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
    lines = [clause(tr("Export passport"), passport.made_at, passport.made_by), ""]
    for one in passport.objects:
        lines.append(headed(title_of(one), clause(one.file, parts_of(one))))
        lines += [f"  {headed(name_of(check), told_of(check))}" for check in one.checks]
        lines.append(f"  SHA-256 {one.sha256}")
    lines.append("")
    lines += [
        headed(word, clause(str(count), where)) for word, _, count, where in went_out(passport)
    ]
    lines.append(headed(tr("Signature"), signed_words(passport)))
    lines += read_words(passport)
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
    texts = {
        SIGNED: tr("signed by name {0}") if passport.signed_by_name else tr("signed {0}"),
        REOPENED: tr("signed {0}, then opened again, not changed"),
    }
    told = texts.get(passport.signed, tr("changed since signed {0}")).format(when)
    if passport.amended == 1:
        return told + tr(", amended once")
    return told + (tr(", amended {0} times").format(passport.amended) if passport.amended else "")


def read_words(passport: Passport) -> list[str]:
    """How it was read and why marks were rejected: a sentence each."""
    told = [say(sentence) for sentence in passport.how_read]
    if passport.rejected_as:
        why = listed([f"{reason_word(reason)} {count}" for reason, count in passport.rejected_as])
        told.append(tr("Rejected as: {0}.").format(why))
    return told
