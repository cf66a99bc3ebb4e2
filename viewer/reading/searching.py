"""What the last search for nodules was: by which model, in how much lung, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from ai.scan.labelmap import MadeBy
from viewer.reading.events import EXPORTED_STATES, FindingsProposed
from viewer.reading.reading import Reading


@dataclass(frozen=True)
class Search:
    """by: None in old rows of a search that found nothing. lung_ml: 0 where nobody counted it.

    candidates: all, held back or not; accepted: those of them that go out.
    """

    by: MadeBy | None
    lung_ml: float
    candidates: int
    accepted: int


def search_of(reading: Reading) -> Search | None:
    """None where nodules were not searched for, or the search was undone."""
    for row in reversed(reading.history):
        event = row.event
        if isinstance(event, FindingsProposed) and row.seq not in reading.withdrawn:
            states = [reading.states.get(one.id, "") for one in event.findings]
            first = event.findings[0].made_by if event.findings else None
            return Search(
                by=event.made_by or first,
                lung_ml=sum(figures.volume_ml for figures in reading.lung_figures),
                candidates=len(event.findings),
                accepted=sum(state in EXPORTED_STATES for state in states),
            )
    return None


def search_sentence(search: Search) -> str:
    """For report, SR and passport: an empty list says where it comes from."""
    by = search.by.name if search.by is not None else ""
    if by and search.lung_ml:
        told = f"Nodules were searched for by {by} in {search.lung_ml:.0f} ml of lung."
    elif by:
        told = f"Nodules were searched for by {by}."
    else:
        told = "Nodules were searched for."
    count = f"Candidates: {search.candidates}, none accepted."
    if not search.candidates:
        count = "Candidates: 0. Small nodules can be missed."
    return f"{told} {count}"
