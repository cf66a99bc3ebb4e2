"""Rows of the action table: what moves and changes the pictures."""

from __future__ import annotations

from viewer.action_rows.row import VIEW, ActionRow, text

PICTURES: tuple[ActionRow, ...] = (
    ActionRow(
        "marks", VIEW, text("Show or hide marks"), ("Space",), lambda w: w.toggle_marks(), "show"
    ),
    ActionRow("up", VIEW, text("One image up"), ("Up",), lambda w: w.panes.scroll(-1)),
    ActionRow("down", VIEW, text("One image down"), ("Down",), lambda w: w.panes.scroll(1)),
    ActionRow("up-ten", VIEW, text("Ten images up"), ("PgUp",), lambda w: w.panes.scroll(-10)),
    ActionRow("down-ten", VIEW, text("Ten images down"), ("PgDown",), lambda w: w.panes.scroll(10)),
    ActionRow("first", VIEW, text("First image"), ("Home",), lambda w: w.panes.to_end(False)),
    ActionRow("last", VIEW, text("Last image"), ("End",), lambda w: w.panes.to_end(True)),
    ActionRow("fit", VIEW, text("Fit"), ("F",), lambda w: w.panes.fit()),
    ActionRow("invert", VIEW, text("Invert grey"), ("I",), lambda w: w.toggle_invert()),
    ActionRow(
        "crosshair",
        VIEW,
        text("Show or hide the crosshair"),
        ("C",),
        lambda w: w.toggle_crosshair(),
    ),
    ActionRow(
        "tool-window",
        VIEW,
        text("Window tool"),
        ("W",),
        lambda w: w.panes.set_tool("window"),
        "window",
    ),
    ActionRow(
        "tool-hand", VIEW, text("Hand tool"), ("H",), lambda w: w.panes.set_tool("hand"), "hand"
    ),
    ActionRow(
        "tool-zoom", VIEW, text("Zoom tool"), ("Z",), lambda w: w.panes.set_tool("zoom"), "zoom"
    ),
    ActionRow(
        "tool-crosshair",
        VIEW,
        text("Crosshair tool"),
        (),
        lambda w: w.panes.set_tool("crosshair"),
        "crosshair",
    ),
    ActionRow("next-pane", VIEW, text("Next pane"), ("Tab",), lambda w: w.panes.activate_next()),
    ActionRow(
        "hide-patient",
        VIEW,
        text("Hide the patient's name"),
        ("Ctrl+H",),
        lambda w: w.toggle_patient(),
    ),
    ActionRow(
        "browser",
        VIEW,
        text("Show or hide the studies"),
        ("Ctrl+B",),
        lambda w: w.toggle_browser(),
        "studies",
    ),
    ActionRow("full-screen", VIEW, text("Full screen"), ("F11",), lambda w: w.toggle_full_screen()),
    ActionRow("next-tab", VIEW, text("Next tab"), ("Ctrl+Tab",), lambda w: w.next_tab()),
    ActionRow("keys", VIEW, text("Keys"), ("F1",), lambda w: w.toggle_keys(), "help"),
)
