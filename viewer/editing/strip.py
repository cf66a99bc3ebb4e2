"""The strip over the panes while a mask is edited: tools, what they are set to, Cancel, Done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QSlider, QWidget

from viewer import theme
from viewer.editing.hold import (
    FILL,
    INSIDE,
    ISLANDS,
    OUTSIDE,
    REGROW,
    ROUND,
    SCISSORS,
    SIZES_MM,
    THRESHOLD,
    TOOLS,
    Hold,
)
from viewer.editing_desk import EditingDesk
from viewer.panels.buttons import PRIMARY, QUIET, Button, Choice
from viewer.panels.parts import Field, box, column, ground, line, row, words
from viewer.views.pane_text import signed


class Chip(Button):
    """A tool of the strip: icon and word, or the icon alone where there is no room."""

    def __init__(self, action: QAction, icon: str, key: str) -> None:
        super().__init__(action.text(), icon=icon, key="", kind=QUIET)
        self.setCheckable(True)
        self._word, self._cap = action.text(), key
        self.setToolTip(f"{self._word}  {key}".strip())
        self.setAccessibleName(self._word)
        self.clicked.connect(action.trigger)

    def show_word(self, shown: bool) -> None:
        self.setText(self._word if shown else "")
        self.updateGeometry()

    @property
    def wide(self) -> int:
        """How wide it is with its word."""
        shown = self.text()
        self.setText(self._word)
        hint = self.sizeHint().width()
        self.setText(shown)
        return hint

    def _pad(self) -> int:
        return theme.size("space.s")

    def _ink(self) -> str:
        return "accent.base" if self.isChecked() else super()._ink()


class EditStrip(QWidget):
    """Draws what the desk's editing holds; each button is a row of the action table."""

    def __init__(
        self,
        editing: EditingDesk,
        actions: dict[str, QAction],
        keys: dict[str, str],
        leave: Callable[[], None],
    ) -> None:
        """leave: gives the focus back to the panes."""
        super().__init__()
        ground(self, "panel")
        self._editing, self._leave = editing, leave
        self.setFixedHeight(theme.size("topbar"))
        icons = {"between": "studies"}
        self.chips = {
            tool: Chip(actions[f"edit-{tool}"], icons.get(tool, tool), keys.get(f"edit-{tool}", ""))
            for tool in TOOLS
        }
        self._make_options()
        self.cancel = Button(self.tr("Cancel"), key=keys.get("cancel", ""))
        self.cancel.clicked.connect(editing.cancel)
        self.done = Button(self.tr("Done"), key=keys.get("finish", ""), kind=PRIMARY)
        self.done.clicked.connect(editing.finish)
        gap, small = theme.size("space.m"), theme.size("space.s")
        bar = line(upright=True)
        bar.setFixedHeight(theme.size("iconTool"))
        options = row(*self.options.values(), gap=gap)
        whole = column()
        made = row(*self.chips.values(), small, bar, gap, options, None, inset=(small, 0, gap, 0))
        for part in (self.cancel, self.done):
            made.addSpacing(small)
            made.addWidget(part)
        whole.addWidget(box(made), 1)
        whole.addWidget(line())
        self.setLayout(whole)
        editing.changed.connect(self.refresh)
        self.hide()

    def _make_options(self) -> None:
        """What can be set: for each group of tools a part that shows with them."""
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.slider.setRange(0, len(SIZES_MM) - 1)
        self.slider.setFixedWidth(theme.size("edit.slider"))
        self.slider.valueChanged.connect(self._size_moved)
        self.millimetres = words("", "bodyStrong")
        self.millimetres.setFixedWidth(theme.size("edit.number"))
        small = theme.size("space.s")
        self.shape = self._choice(
            (self.tr("Sphere"), True), (self.tr("Disc"), False), field="sphere"
        )
        self.low, self.high = self._hu_field(), self._hu_field()
        self.cut = self._choice(
            (self.tr("Erase inside"), INSIDE),
            (self.tr("Erase outside"), OUTSIDE),
            (self.tr("Fill inside"), FILL),
            field="cut",
        )
        self.through = self._choice(
            (self.tr("All slices"), True), (self.tr("This slice"), False), field="through"
        )
        jobs = self._editing.jobs
        islands = []
        for text, does in (
            (self.tr("Keep largest"), jobs.keep_largest),
            (self.tr("Remove small"), jobs.drop_small),
            (self.tr("Split"), jobs.split),
        ):
            button = Button(text, small=True)
            button.clicked.connect(does)
            islands.append(button)
        self.split = islands[-1]
        hint = words(self.tr("A click grows it anew from there."), "captionSecondary")
        self.options = {
            ROUND: box(row(words(self.tr("Size")), small, self.slider, small, self.millimetres)),
            "shape": self.shape,
            THRESHOLD: box(
                row(
                    words(self.tr("HU")),
                    small,
                    self.low,
                    small,
                    words(self.tr("to")),
                    small,
                    self.high,
                )
            ),
            SCISSORS: box(row(self.cut, small, self.through)),
            ISLANDS: box(row(*islands, gap=small)),
            REGROW: hint,
        }

    def refresh(self) -> None:
        """Everything anew from the desk."""
        editing, hold = self._editing, self._editing.hold
        self.setVisible(editing.field is not None)
        if editing.field is None:
            return
        for tool, chip in self.chips.items():
            chip.setChecked(tool == hold.tool)
            why = editing.why_not(tool)
            chip.setEnabled(not why)
            chip.update()
        for kind, part in self.options.items():
            part.setVisible(_shows(kind, hold))
        self.slider.blockSignals(True)
        self.slider.setValue(
            SIZES_MM.index(min(SIZES_MM, key=lambda mm: abs(mm - hold.diameter_mm)))
        )
        self.slider.blockSignals(False)
        self.millimetres.setText(f"{hold.diameter_mm:.1f} mm")
        for choice, value in ((self.shape, hold.sphere), (self.cut, hold.cut),
                              (self.through, hold.through)):  # fmt: skip
            names = {action.data(): action.text() for action in choice.choices.actions()}
            choice.show_choice(names[value])
        for field, hu in ((self.low, hold.low_hu), (self.high, hold.high_hu)):
            if not field.hasFocus():
                field.setText(signed(hu))
        target = editing.target
        self.split.setEnabled(target is not None and not target.is_lung)
        self.done.set_kind(PRIMARY)
        self._fit()

    # Inside

    def _choice(self, *values: tuple[str, object], field: str) -> Choice:
        made = Choice()
        for text, value in values:
            action = made.choices.addAction(text)
            action.setData(value)
            action.triggered.connect(lambda _=False, v=value: self._set(**{field: v}))
        return made

    def _hu_field(self) -> Field:
        made = Field()
        made.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        made.setFixedWidth(theme.size("edit.field"))
        made.kept.connect(self._range_kept)
        made.left.connect(self._range_left)
        return made

    def _set(self, **values: object) -> None:
        self._editing.set_hold(replace(self._editing.hold, **values))  # type: ignore[arg-type]

    def _size_moved(self, step: int) -> None:
        self._set(diameter_mm=SIZES_MM[step])

    def _range_kept(self, _text: str) -> None:
        """Both ends as they stand there; what is no number is not taken."""
        ends = [_number(field.text()) for field in (self.low, self.high)]
        if ends[0] is not None and ends[1] is not None:
            self._editing.set_hold(self._editing.hold.between(ends[0], ends[1]))
        self._range_left()

    def _range_left(self) -> None:
        self._leave()
        self.refresh()

    def _fit(self) -> None:
        """All words where there is room for them, else the chosen tool's alone."""
        spare = self.width() - 2 * theme.size("space.m") - self.cancel.sizeHint().width()
        spare -= self.done.sizeHint().width() + 6 * theme.size("space.s")
        shown = [part for kind, part in self.options.items() if _shows(kind, self._editing.hold)]
        spare -= sum(part.sizeHint().width() + theme.size("space.m") for part in shown)
        roomy = sum(chip.wide for chip in self.chips.values()) <= spare
        for tool, chip in self.chips.items():
            chip.show_word(roomy or tool == self._editing.hold.tool)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._editing.field is not None:
            self._fit()


def _shows(kind: object, hold: Hold) -> bool:
    """Whether a part of the options belongs to the tool in the hand."""
    if kind in (ROUND, "shape"):
        return hold.tool in ROUND
    return kind == hold.tool


def _number(text: str) -> int | None:
    """A whole number, with a true minus sign or a plain one."""
    try:
        return round(float(text.replace("\u2212", "-").replace(",", "").strip()))
    except ValueError:
        return None
