"""The findings of a reading as rows of the list: grouped, named, with what is said of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ai.nodules.added import GROWING
from ai.scan.finding import Finding
from viewer.editing.operations import SPLITTING
from viewer.keymaps import cap
from viewer.language.spoken import say
from viewer.panels import figures
from viewer.panels.describing import describable
from viewer.panels.edit_card import AGENT, FILE, OWN, SPLIT, edit_figures
from viewer.panels.finding_rows import FINDING, HEAD, FindingEntry
from viewer.panels.labels import reason_word
from viewer.panels.whys import why_line
from viewer.reading.events import HELD, Answer
from viewer.reading.labels import NODULE
from viewer.reading.names import short_names
from viewer.reading.origin import origin_words, told_state
from viewer.reading.reading import Reading

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("FindingsPanel", text)


def entries_of(desk: Desk, *, show_held: bool = False, wanted: str = "") -> list[FindingEntry]:
    """The rows of the open reading, in the order they are to be read; nothing while none is open.

    show_held: with what is held back. wanted: only those whose words hold this.
    """
    reading = desk.reading
    if reading is None:
        return []
    names = {i: say(name) for i, name in short_names(reading).items()}
    groups: dict[str, list[str]] = {"": []}
    for finding_id in desk.order:
        groups.setdefault(_group(reading, finding_id), []).append(finding_id)
    entries = []
    for head, ids in groups.items():
        rows = _wanted([_entry(desk, reading, i, names[i]) for i in ids], wanted)
        if head and rows:
            entries.append(FindingEntry(HEAD, head, count=len(ids)))
        entries += rows
    current = desk.current
    looked_at = current is not None and reading.states.get(current) == HELD
    if show_held or looked_at:
        held = [f.id for f in desk.held if show_held or f.id == current]
        entries.append(FindingEntry(HEAD, tr("Held back"), count=len(desk.held), held=True))
        entries += _wanted([_entry(desk, reading, i, names[i]) for i in held], wanted)
    return entries


def _wanted(entries: list[FindingEntry], wanted: str) -> list[FindingEntry]:
    words = wanted.lower().split()
    return [e for e in entries if all(w in f"{e} {e.image} {e.long_size}".lower() for w in words)]


def _came_from(reading: Reading, finding_id: str) -> str:
    finding = reading.finding(finding_id)
    if finding is None or finding_id in reading.proposals:
        return AGENT
    if finding.origin is not None:
        return FILE
    return {GROWING.card: OWN, SPLITTING.card: SPLIT}.get(finding.made_by.card, FILE)


def _group(reading: Reading, finding_id: str) -> str:
    """The head a finding stands under; nothing for what the agent proposed."""
    came_from = _came_from(reading, finding_id)
    own = came_from in (OWN, SPLIT)
    return "" if came_from == AGENT else tr("Your own pass") if own else tr("From a segmentation")


def _whose(reading: Reading, finding: Finding) -> str:
    """Which file a finding came with, and who made it."""
    return say(origin_words(finding, reading.states[finding.id]))


def _entry(desk: Desk, reading: Reading, finding_id: str, name: str) -> FindingEntry:
    finding, scan = reading.finding(finding_id), desk.scan
    assert finding is not None and scan is not None
    number = scan.series.image_number(finding.slice_index)
    proposal = reading.proposals.get(finding_id)
    current = finding_id == desk.current
    reasons = desk.agent.why(reading, finding) if current and proposal else ()
    called = desk.own.label_of(finding_id) if finding.kind != NODULE else ""
    size = figures.short_size(finding.measurement, called)
    whose = _whose(reading, finding)
    why = why_line(proposal, reasons) or whose
    edits, target = reading.edits.get(finding_id), desk.editing.target
    stale = edits is not None and edits.stale
    edited = target is not None and target.id == finding_id
    if stale:
        size = tr("{0}, counting").format(figures.mm(finding.measurement.mean_diameter_mm))
    measured = ""
    if reading.states[finding_id] == Answer.REJECT.value:
        measured, size = size, tr("rejected, no reason given")
        if reason := reading.reasons.get(finding_id):
            size = tr("rejected: {0}").format(reason_word(reason))
            told = tr("You rejected it: {0}.").format(reason_word(reason))
            why = " ".join(filter(None, (told, why)))
    if current and not called and desk.own.is_own(finding_id):
        why = tr("{0} names it, {1} takes it back.").format(cap("label"), cap("delete"))
    return FindingEntry(
        FINDING,
        name,
        id=finding_id,
        state=told_state(finding, reading.states[finding_id]),
        size=size,
        long_size=figures.long_size(finding.measurement, called),
        details=figures.details(finding, number),
        image=figures.image(number),
        chance=finding.chance if proposal else None,
        why=why,
        current=current,
        stale=stale,
        edit=edit_figures(finding, edits, figures.image(number), _came_from(reading, finding_id))
        if edited
        else None,
        choices=describable(desk, finding_id),
        measured=measured,
        whose=whose,
        centre_lps=finding.centre_lps,
    )
