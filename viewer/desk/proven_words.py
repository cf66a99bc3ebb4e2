"""What is said of an export: how much was saved, and what speaks against any of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from viewer.language.counted import counted
from viewer.language.spoken import listed
from viewer.reading.out.passport import Passport


def tr(text: str) -> str:
    return QCoreApplication.translate("Work", text)


def saved_words(objects: int) -> str:
    return counted(
        objects,
        tr("1 object saved, re-read and equal."),
        tr("{0} objects saved, re-read and equal."),
    )


def doubt_words(passport: Passport | None) -> str:
    """'1 of 12 objects has errors by dciodvfy: sr.dcm.'; nothing where all of them are proven."""
    if passport is None or passport.proven:
        return ""
    whole = len(passport.objects)
    judged = [one.file for one in passport.objects if one.dciodvfy and one.dciodvfy.errors]
    others = [one.file for one in passport.objects if not one.proven and one.file not in judged]
    told = (
        _of_all(
            judged,
            whole,
            tr("1 of {1} objects has errors by dciodvfy: {2}."),
            tr("{0} of {1} objects have errors by dciodvfy: {2}."),
        ),
        _of_all(
            others,
            whole,
            tr("1 of {1} objects is not proven: {2}."),
            tr("{0} of {1} objects are not proven: {2}."),
        ),
    )
    return " ".join(filter(None, told))


def _of_all(files: Sequence[str], whole: int, one: str, many: str) -> str:
    """How many of all these files are, by name; nothing where none is."""
    if not files:
        return ""
    return (one if len(files) == 1 else many).format(len(files), whole, listed(files))
