"""What stands where no finding is: why there is none, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ai.scan.fit import RED
from viewer.keymaps import cap
from viewer.language.spoken import say
from viewer.panels import figures

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


@dataclass(frozen=True)
class Nothing:
    """One bold line, one sentence; by_hand: a mark can be added here; instead: words of the button
    that opens a series in which nodules can be found."""

    head: str
    text: str
    by_hand: bool = False
    instead: str = ""


def tr(text: str) -> str:
    return QCoreApplication.translate("FindingsPanel", text)


def nothing_of(desk: Desk) -> Nothing:
    """What the list says while it is empty."""
    add = cap("add")
    if desk.scan is None or desk.reading is None:
        text = tr("Candidates appear here after Find nodules.\nYou judge each one with {0} or {1}.")
        return Nothing(tr("No study open"), text.format(cap("accept"), cap("reject")))
    if desk.jobs.running("nodules") is not None:
        text = tr("Candidates come when the whole scan has been searched.")
        return Nothing(tr("Finding nodules"), text)
    if desk.own_pass.blind and desk.reading.searched:
        text = tr("Look through the whole scan first. {0} shows the marks.").format(cap("finish"))
        return Nothing(tr("Candidates wait for your own pass"), text)
    if desk.reading.searched and desk.held:
        text = tr("Look through the scan yourself; {0} adds what you see. Show lists those.")
        return Nothing(tr("0 candidates shown"), text.format(add))
    if desk.reading.searched:
        text = tr("Look through the scan yourself; {0} adds what you see at the crosshair.")
        head = figures.nothing_found(desk.reading)
        return Nothing(head, text.format(add), by_hand=True)
    if desk.scan.series.ai_refusal:
        why, *_ = desk.scan.series.ai_refusal.split(". ")  # the banner says the rest
        told, instead = say(f"{why.rstrip('.')}."), open_instead(desk)
        return Nothing(tr("Find nodules is off here"), told, by_hand=True, instead=instead)
    if why := refused_by_gate(desk):
        told = tr("{0} {1} adds what you see yourself at the crosshair.").format(say(why), add)
        return Nothing(tr("The AI refused this scan"), told, by_hand=True)
    text = tr("{0} finds candidates. {1} adds what you see yourself at the crosshair.")
    return Nothing(tr("Not searched yet"), text.format(cap("find-nodules"), add))


def refused_by_gate(desk: Desk) -> str:
    """Why the gate refused the scan; nothing where it did not, or the reader overruled it."""
    fit = desk.checking.fit
    if fit is None or fit.level != RED or fit.by_reader:
        return ""
    return " ".join(fit.reasons)


def open_instead(desk: Desk) -> str:
    """What the button says that opens a complete series of this study; nothing without one."""
    other = desk.opening.complete
    return tr("Open series {0}").format(other.number) if other is not None else ""
