"""Rows of the action table: what the AI is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai.models.own_cards import newest_network
from viewer.action_rows.row import AI, ActionRow, text

if TYPE_CHECKING:
    from viewer.window.window import HilumWindow


def _check_next(window: HilumWindow) -> None:
    """The crosshair to the next place where two methods disagree."""
    place = window.desk.checking.next_place()
    if place is not None:
        window.panes.go_to(place)


ASSISTANT: tuple[ActionRow, ...] = (
    ActionRow(
        "segment-lungs",
        AI,
        text("Segment lungs"),
        ("F5",),
        lambda w: w.desk.segment_lungs(),
        "lungs",
    ),
    ActionRow(
        "segment-network",
        AI,
        text("Segment lungs by the network"),
        ("Shift+F5",),
        lambda w: w.desk.segment_lungs(newest_network()),
    ),
    ActionRow(
        "segment-classical",
        AI,
        text("Segment lungs by the classical method"),
        (),
        lambda w: w.desk.segment_lungs("lungs-classical"),
    ),
    ActionRow(
        "segment-anyway",
        AI,
        text("Segment all the same"),
        (),
        lambda w: w.desk.checking.segment_anyway(),
        "lungs",
    ),
    ActionRow(
        "compare-lungs",
        AI,
        text("Compare with the other method"),
        (),
        lambda w: w.desk.checking.compare(),
    ),
    ActionRow("check-next", AI, text("Check here"), (), _check_next, "crosshair"),
    ActionRow(
        "find-nodules",
        AI,
        text("Find nodules"),
        ("F6",),
        lambda w: w.desk.find_nodules(),
        "nodules",
    ),
    ActionRow(
        "finish",
        AI,
        text("Finish"),
        ("Enter", "Return"),
        lambda w: w.finish(),
        "done",
        fixed=True,
    ),
    ActionRow(
        "own-pass",
        AI,
        text("Own pass done"),
        (),
        lambda w: w.desk.own_pass.finish(),
        "done",
    ),
    ActionRow(
        "show-marks-now",
        AI,
        text("Show the marks at once"),
        (),
        lambda w: w.desk.own_pass.show_now(),
        "show",
    ),
    ActionRow(
        "coverage",
        AI,
        text("Lung seen"),
        ("Shift+M",),
        lambda w: w.pages.show(w.pages.coverage),
        "lungs",
    ),
    ActionRow("unseen", AI, text("Go to lung not seen"), ("Ctrl+L",), lambda w: w.go_to_unseen()),
    ActionRow(
        "cancel",
        AI,
        text("Cancel"),
        ("Esc",),
        lambda w: w.cancel_or_close(),
        "close",
        fixed=True,
    ),
)
