"""Whether marks and segments came from an AI: only those carry its notice on a pane."""

from __future__ import annotations

from ai.nodules.added import GROWING
from ai.scan.labelmap import MadeBy
from viewer.dicom.masks.drawn_by import STATED, from_contours, is_drawn
from viewer.editing.operations import SPLITTING


def by_ai(made_by: MadeBy) -> bool:
    """False for what a hand drew, grew or split, and for contours that name no algorithm."""
    if from_contours(made_by):
        return made_by.version == STATED[-1]
    return not is_drawn(made_by) and made_by.card not in (GROWING.card, SPLITTING.card)
