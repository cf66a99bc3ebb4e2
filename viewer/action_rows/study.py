"""Rows of the action table: what opens, keeps and hands out a study."""

from __future__ import annotations

from viewer.action_rows.row import FILE, ActionRow, text

SERIES = text("Next, previous series")

STUDY: tuple[ActionRow, ...] = (
    ActionRow(
        "open", FILE, text("Open a folder..."), ("Ctrl+O",), lambda w: w.ask_for_study(), "open"
    ),
    ActionRow(
        "open-files",
        FILE,
        text("Open files..."),
        ("Ctrl+Shift+O",),
        lambda w: w.ask_for_files(),
        "file",
    ),
    ActionRow("demo", FILE, text("Open the demo study"), (), lambda w: w.desk.open_demo(), "demo"),
    ActionRow(
        "lay-contours",
        FILE,
        text("Lay the contours on"),
        (),
        lambda w: w.hands.lay_contours(),
        "freehand",
    ),
    ActionRow("export", FILE, text("Export"), ("Ctrl+E",), lambda w: w.desk.export(), "export"),
    ActionRow(
        "export-to",
        FILE,
        text("Export to a folder..."),
        ("Ctrl+Shift+E",),
        lambda w: w.hand_out.export_to(),
        "export",
    ),
    ActionRow(
        "save-picture",
        FILE,
        text("Save the pane as a picture..."),
        ("Ctrl+P",),
        lambda w: w.hand_out.save_picture(),
    ),
    ActionRow(
        "copy-picture",
        FILE,
        text("Copy the pane as a picture"),
        ("Ctrl+Shift+C",),
        lambda w: w.hand_out.copy_picture(),
        "copy",
    ),
    ActionRow(
        "save-nifti",
        FILE,
        text("Save as NIfTI..."),
        ("Ctrl+Shift+N",),
        lambda w: w.hand_out.save_nifti(),
    ),
    ActionRow(
        "copy-study",
        FILE,
        text("Copy without names"),
        ("Ctrl+Shift+D",),
        lambda w: w.pages.show(w.pages.copy),
        "copy",
    ),
    ActionRow(
        "write-copy",
        FILE,
        text("Write the copy..."),
        (),
        lambda w: w.hand_out.write_copy(),
        "export",
    ),
    ActionRow(
        "open-export-folder",
        FILE,
        text("Open the folder"),
        (),
        lambda w: w.pages.open_export_folder(),
        "open",
    ),
    ActionRow(
        "passport",
        FILE,
        text("Export passport"),
        ("Ctrl+Shift+P",),
        lambda w: w.pages.show(w.pages.passport),
        "good",
    ),
    ActionRow(
        "report",
        FILE,
        text("Report"),
        ("R", "Ctrl+R"),
        lambda w: w.pages.show(w.pages.report),
        "text",
    ),
    ActionRow(
        "sign",
        FILE,
        text("Sign"),
        ("Ctrl+Shift+S",),
        lambda w: w.desk.sign(w.pages.report.reason.text()),
        "done",
    ),
    ActionRow(
        "key-images",
        FILE,
        text("Key images"),
        ("Ctrl+K",),
        lambda w: w.pages.show(w.pages.key_images),
        "key-image",
    ),
    ActionRow("reopen", FILE, text("Open again"), (), lambda w: w.desk.out.reopen(), "undo"),
    ActionRow(
        "image-info",
        FILE,
        text("Image information"),
        ("Ctrl+I",),
        lambda w: w.pages.show(w.pages.image_info),
        "info",
    ),
    ActionRow(
        "find-study",
        FILE,
        text("Find a study"),
        ("Ctrl+Shift+F",),
        lambda w: w.find_study(),
        "search",
    ),
    ActionRow(
        "save", FILE, text("Is it saved?"), ("Ctrl+S",), lambda w: w.hands.say_saved(), "good"
    ),
    ActionRow(
        "next-study",
        FILE,
        text("Next study that waits"),
        ("Ctrl+Right",),
        lambda w: w.desk.shelf.open_next(w.studies.found),
    ),
    ActionRow(
        "restore-last",
        FILE,
        text("Open the last study"),
        ("Ctrl+Shift+L",),
        lambda w: w.desk.shelf.open_last(),
        "retired",
    ),
    ActionRow("quit", FILE, text("Quit"), ("Ctrl+Q",), lambda w: w.close()),
    ActionRow(
        "next-series",
        FILE,
        text("Next series"),
        ("Right",),
        lambda w: w.other_series(1),
        line=SERIES,
    ),
    ActionRow(
        "previous-series",
        FILE,
        text("Previous series"),
        ("Left",),
        lambda w: w.other_series(-1),
        line=SERIES,
    ),
)
