"""Rows of the action table: what moves and changes the pictures."""

from __future__ import annotations

from viewer.action_rows.row import MOVE, TOOLS, VIEW, WINDOW, ActionRow, text

IMAGE, TEN, ENDS = text("One image"), text("Ten images"), text("First, last image")
PANE, TAB = text("Next, previous pane"), text("Next, previous tab")
LARGER = text("Larger, smaller")
CROSS = text("Move the crosshair")
ZOOM_STEP = 1.25

PICTURES: tuple[ActionRow, ...] = (
    ActionRow(
        "up",
        MOVE,
        text("One image up"),
        ("Up",),
        lambda w: w.panes.scroll(-1),
        line=IMAGE,
        repeats=True,
    ),
    ActionRow(
        "down",
        MOVE,
        text("One image down"),
        ("Down",),
        lambda w: w.panes.scroll(1),
        line=IMAGE,
        repeats=True,
    ),
    ActionRow(
        "up-ten",
        MOVE,
        text("Ten images up"),
        ("PgUp",),
        lambda w: w.panes.scroll(-10),
        line=TEN,
        repeats=True,
    ),
    ActionRow(
        "down-ten",
        MOVE,
        text("Ten images down"),
        ("PgDown",),
        lambda w: w.panes.scroll(10),
        line=TEN,
        repeats=True,
    ),
    ActionRow(
        "first", MOVE, text("First image"), ("Home",), lambda w: w.panes.to_end(False), line=ENDS
    ),
    ActionRow(
        "last", MOVE, text("Last image"), ("End",), lambda w: w.panes.to_end(True), line=ENDS
    ),
    ActionRow("fit", MOVE, text("Fit"), ("F",), lambda w: w.panes.fit()),
    ActionRow(
        "zoom-in",
        MOVE,
        text("Larger"),
        ("+",),
        lambda w: w.panes.zoom(ZOOM_STEP),
        line=LARGER,
        repeats=True,
    ),
    ActionRow(
        "zoom-out",
        MOVE,
        text("Smaller"),
        ("-",),
        lambda w: w.panes.zoom(1 / ZOOM_STEP),
        line=LARGER,
        repeats=True,
    ),
    ActionRow(
        "next-pane", MOVE, text("Next pane"), ("Tab",), lambda w: w.panes.activate_next(), line=PANE
    ),
    ActionRow(
        "previous-pane",
        MOVE,
        text("Previous pane"),
        ("Shift+Tab",),
        lambda w: w.panes.activate_next(-1),
        line=PANE,
    ),
    ActionRow(
        "crosshair-left",
        MOVE,
        text("Crosshair to the left"),
        ("Alt+Left",),
        lambda w: w.hands.by_keys.move(-1, 0),
        line=CROSS,
        repeats=True,
    ),
    ActionRow(
        "crosshair-right",
        MOVE,
        text("Crosshair to the right"),
        ("Alt+Right",),
        lambda w: w.hands.by_keys.move(1, 0),
        line=CROSS,
        repeats=True,
    ),
    ActionRow(
        "crosshair-up",
        MOVE,
        text("Crosshair up"),
        ("Alt+Up",),
        lambda w: w.hands.by_keys.move(0, -1),
        line=CROSS,
        repeats=True,
    ),
    ActionRow(
        "crosshair-down",
        MOVE,
        text("Crosshair down"),
        ("Alt+Down",),
        lambda w: w.hands.by_keys.move(0, 1),
        line=CROSS,
        repeats=True,
    ),
    ActionRow(
        "click",
        MOVE,
        text("Click at the crosshair"),
        ("Shift+Return", "Shift+Enter"),
        lambda w: w.hands.by_keys.click(),
    ),
    ActionRow(
        "marks",
        VIEW,
        text("Hide marks, hold to peek"),
        ("Space",),
        lambda w: w.hands.marks_key(),
        "show",
    ),
    ActionRow("invert", VIEW, text("Invert grey"), ("I",), lambda w: w.toggle_invert()),
    ActionRow(
        "crosshair",
        VIEW,
        text("Show or hide the crosshair"),
        ("C",),
        lambda w: w.toggle_crosshair(),
    ),
    ActionRow(
        "hide-patient",
        VIEW,
        text("Hide the patient's name"),
        ("Ctrl+H",),
        lambda w: w.toggle_patient(),
    ),
    ActionRow(
        "tool-window",
        TOOLS,
        text("Window tool"),
        ("W",),
        lambda w: w.panes.set_tool("window"),
        "window",
    ),
    ActionRow(
        "tool-hand", TOOLS, text("Hand tool"), ("H",), lambda w: w.panes.set_tool("hand"), "hand"
    ),
    ActionRow(
        "tool-zoom", TOOLS, text("Zoom tool"), ("Z",), lambda w: w.panes.set_tool("zoom"), "zoom"
    ),
    ActionRow(
        "tool-crosshair",
        TOOLS,
        text("Crosshair tool"),
        (),
        lambda w: w.panes.set_tool("crosshair"),
        "crosshair",
    ),
    ActionRow(
        "browser",
        WINDOW,
        text("Show or hide the studies"),
        ("Ctrl+B",),
        lambda w: w.toggle_browser(),
        "studies",
    ),
    ActionRow(
        "panel",
        WINDOW,
        text("Show or hide the panel"),
        ("Ctrl+Shift+B",),
        lambda w: w.cuts.folding.toggle(),
    ),
    ActionRow(
        "full-screen", WINDOW, text("Full screen"), ("F11",), lambda w: w.toggle_full_screen()
    ),
    ActionRow(
        "level",
        WINDOW,
        text("Darker, for a black room"),
        ("F9",),
        lambda w: w.hands.other_level(),
        "window",
    ),
    ActionRow(
        "language",
        WINDOW,
        text("Switch to Chinese (中文)"),
        ("F8",),
        lambda w: w.ask_for_language(),
        "language",
    ),
    ActionRow(
        "next-tab", WINDOW, text("Next tab"), ("Ctrl+Tab",), lambda w: w.next_tab(), line=TAB
    ),
    ActionRow(
        "previous-tab",
        WINDOW,
        text("Previous tab"),
        ("Ctrl+Shift+Tab",),
        lambda w: w.next_tab(-1),
        line=TAB,
    ),
    ActionRow("keys", WINDOW, text("Keys"), ("F1",), lambda w: w.toggle_keys(), "help", fixed=True),
)
