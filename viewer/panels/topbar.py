"""The top bar: tools at the left, the three steps at the right; the accent walks along them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget

from viewer import theme
from viewer.keymaps import cap
from viewer.language.spoken import of_hundred
from viewer.panels.buttons import BUSY, DONE, OFF, PRIMARY, SOFT, Button, Choice, Tool
from viewer.panels.measure_tools import MeasureTools
from viewer.panels.parts import box, column, ground, line, row
from viewer.panels.steps import EXPORT, LUNGS, NODULES, Steps
from viewer.panels.view_choices import LayoutButton, SlabButton
from viewer.views.pane_text import signed
from viewer.views.presets import presets
from viewer.views.state import Window

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

TOOLS = ("window", "hand", "zoom", "crosshair")
MORE = (
    ("open", "open-files", "restore-last"),
    ("report", "sign", "key-image", "key-images"),
    ("export-to", "save-picture", "copy-picture", "save-nifti", "copy-study"),
    ("image-info", "passport"),
    ("level", "language"),
)
"""Actions behind the three dots, in groups."""
STEPS = ((LUNGS, "lungs"), (NODULES, "nodules"), (EXPORT, "export"))


class Logo(QWidget):
    """The mark of Hilum."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme.logo().paint(painter, self.rect())
        painter.end()


class PresetButton(Choice):
    """The grey window: its name, its figures, and a menu of all presets with their keys."""

    def __init__(self, actions: dict[str, QAction]) -> None:
        super().__init__()
        self._actions = actions
        for preset in presets():
            self.choices.addAction(actions[f"preset-{preset.key}"])

    def show_window(self, window: Window) -> None:
        named = next((p for p in presets() if p.window == window), None)
        name = self._actions[f"preset-{named.key}"].text() if named else self.tr("Window")
        self.show_choice(name, f"{window.width:.0f} / {signed(window.level)}")


class MoreButton(Tool):
    """What is done once a study, each with its key: words and signature, what goes out, facts."""

    def __init__(self, actions: dict[str, QAction]) -> None:
        super().__init__("more")
        self.set_tip(self.tr("More: open, report, key images, export to a folder, copies, facts"))
        self.menu_of_more = QMenu(self)
        for n, group in enumerate(MORE):
            if n:
                self.menu_of_more.addSeparator()
            self.menu_of_more.addActions([actions[name] for name in group])
        self.clicked.connect(self._open)

    def _open(self) -> None:
        wide = self.menu_of_more.sizeHint().width()
        corner = self.mapToGlobal(QPoint(self.width() - wide, self.height() + 2))
        self.menu_of_more.popup(corner)


class TopBar(QWidget):
    """Buttons for rows of the action table; it knows no command of its own."""

    def __init__(self, desk: Desk, actions: dict[str, QAction], keys: dict[str, str]) -> None:
        super().__init__()
        ground(self, "window")
        self._desk, self._actions = desk, actions
        self.setFixedHeight(theme.size("topbar"))
        self.tools = {name: self._tool(f"tool-{name}", name, keys, True) for name in TOOLS}
        self.undo = self._tool("undo", "undo", keys)
        self.redo = self._tool("redo", "redo", keys)
        self.measuring = MeasureTools(actions, keys)
        self.preset = PresetButton(actions)
        self.slab = SlabButton(actions)
        self.layouts = LayoutButton(actions)
        self.steps = {step: self._step(step, name, keys) for step, name in STEPS}
        self.more = MoreButton(actions)
        small, inset, gap = theme.size("space.s"), theme.size("space.m"), theme.size("space.m")
        made = row(
            Logo(theme.size("control") - 10), inset, self._tool("open", "open", keys),
            *self._parting(), self.undo, self.redo, *self._parting(), *self.tools.values(),
            *self._parting(), self.measuring, *self._parting(), self.preset, small,
            self.slab, small, self.layouts, None,
            inset=(inset + 6, 0, inset, 0),
        )  # fmt: skip
        for button in self.steps.values():
            made.addWidget(button)
            made.addSpacing(small)
        made.addWidget(self.more)
        whole = column()
        whole.addWidget(box(made), 1)
        whole.addWidget(line())
        self.setLayout(whole)
        self.show_tool("window")
        desk.jobs.changed.connect(self.refresh)
        self._walk = Steps("", frozenset())
        self._gap = gap

    def set_steps(self, steps: Steps) -> None:
        self._walk = steps
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Busy, done, next or off: from the desk's jobs and the steps of the reading."""
        desk = self._desk
        kinds = {LUNGS: "lungs", NODULES: "nodules", EXPORT: "export"}
        for step, button in self.steps.items():
            job = desk.jobs.running(kinds[step])
            button.setToolTip("")
            if job is not None:
                button.set_kind(
                    BUSY, done=job.fraction, note=of_hundred(f"{100 * job.fraction:.0f}")
                )
            elif step == NODULES and desk.nodules_wait:
                button.set_kind(OFF)
                button.setToolTip(self.tr("It begins by itself after the lungs."))
            elif step == self._walk.next:
                button.set_kind(PRIMARY)
            elif step in self._walk.done:
                button.set_kind(DONE)
            else:
                reason = self._reason(step)
                button.set_kind(OFF if reason else SOFT)
                button.setToolTip(reason)
        self._offer_tools(desk.scan is not None)
        reading = desk.reading
        undo = reading is not None and reading.undo_target is not None
        redo = reading is not None and reading.redo_target is not None
        for tool, name, able in ((self.undo, "undo", undo), (self.redo, "redo", redo)):
            tool.set_icon(name, "text.secondary" if able else "text.disabled")

    def _offer_tools(self, there: bool) -> None:
        """What acts on a scan is off, and says why, while none is open."""
        reason = "" if there else self._reason(LUNGS)
        for tool in (*self.tools.values(), self.layouts, *self.measuring.every):
            tool.set_able(there, reason)
        for choice in (self.preset, self.slab):
            choice.setEnabled(there)
            choice.setToolTip(reason)

    def show_tool(self, name: str) -> None:
        for tool, button in self.tools.items():
            button.setChecked(tool == name)
            button.set_icon(tool, "accent.base" if tool == name else "text.secondary")
        self.measuring.show_tool(name)

    def set_roomy(self, *, figures: bool, caps: bool, measuring: int) -> None:
        """In a narrow window the figures of the grey window go first, then measuring, then caps.

        measuring: how many of its tools have a button of their own.
        """
        self.preset.show_figures(figures)
        self.slab.show_figures(figures)
        self.layouts.show_caret(figures)
        self.measuring.set_count(measuring)
        for button in self.steps.values():
            button.show_key(caps)

    def _reason(self, step: str) -> str:
        desk = self._desk
        if desk.scan is None:
            return self.tr("No study is open. {0} opens one.").format(cap("open"))
        if step == EXPORT:
            nothing = desk.reading is not None and not desk.reading.exportable
            return self.tr("There is nothing to export yet.") if nothing else ""
        return desk.scan.series.ai_refusal

    def _tool(self, action: str, icon: str, keys: dict[str, str], checkable: bool = False) -> Tool:
        text, key = self._actions[action].text(), keys.get(action, "")
        tool = Tool(icon, text, key=key, checkable=checkable)
        tool.clicked.connect(self._actions[action].trigger)
        return tool

    def _step(self, step: str, icon: str, keys: dict[str, str]) -> Button:
        button = Button(self._actions[step].text(), icon=icon, key=keys[step])
        button.clicked.connect(self._actions[step].trigger)
        return button

    def _parting(self) -> tuple[int, QWidget, int]:
        bar = line(upright=True)
        bar.setFixedHeight(theme.size("iconTool"))
        return theme.size("space.s"), bar, theme.size("space.s")
